import { DefaultStackSynthesizer, Stack } from 'aws-cdk-lib';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';
import { TableShards } from '../constructs/table-shards';
import type { Deployment } from '../deployment';
import { parameterNames, stackName } from '../names';
import { protectedOnceComplete } from '../protection/protected-once-complete';

/** Base class of all stacks of Sluice: name, tags, and access to the lake's parameters. */
export abstract class SluiceStack extends Stack {
  protected readonly deployment: Deployment;
  protected readonly parameters: ReturnType<typeof parameterNames>;
  /** Nested stacks that hold the resources of single tables. */
  protected readonly shards = new TableShards(this);

  /** @param app in kebab-case */
  constructor(
    scope: Construct,
    id: string,
    app: string,
    description: string,
    deployment: Deployment,
    { terminationProtection = false } = {},
  ) {
    const { stage } = deployment.settings;
    super(scope, id, {
      stackName: stackName(stage, app),
      description: `Sluice ${stage}: ${description}`,
      terminationProtection,
      tags: { 'sluice:stage': stage, 'sluice:app': app },
      synthesizer: new DefaultStackSynthesizer({ generateBootstrapVersionRule: false }),
    });
    if (terminationProtection) this.templateOptions.metadata = protectedOnceComplete;
    this.deployment = deployment;
    this.parameters = parameterNames(stage);
  }

  /** Publishes a value to other stacks, which read it with `read`. */
  protected publish(id: string, parameterName: string, stringValue: string): void {
    new StringParameter(this, id, { parameterName, stringValue });
  }

  /**
   * Returns a value that another stack published. It is read when the stack is deployed, which fails at once where it
   * does not exist.
   */
  protected read(parameterName: string): string {
    return StringParameter.valueForStringParameter(this, parameterName);
  }
}
