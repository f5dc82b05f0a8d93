import { DefaultStackSynthesizer, Stack } from 'aws-cdk-lib';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';
import { TableShards } from '../constructs/table-shards';
import type { Deployment } from '../deployment';
import { parameterNames } from '../names';
import { protectedOnceComplete } from '../protection/protected-once-complete';

/** What every stack of Sluice has in common: its name, its tags and how it learns of the lake. */
export abstract class SluiceStack extends Stack {
  protected readonly deployment: Deployment;
  protected readonly parameters: ReturnType<typeof parameterNames>;
  /** The nested stacks that hold what there is once for each table. */
  protected readonly shards = new TableShards(this);

  /** @param app in kebab-case; the stack is `sluice-<stage>-<app>`. */
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
      stackName: `sluice-${stage}-${app}`,
      description: `Sluice ${stage}: ${description}`,
      terminationProtection,
      tags: { 'sluice:stage': stage, 'sluice:app': app },
      synthesizer: new DefaultStackSynthesizer({ generateBootstrapVersionRule: false }),
    });
    if (terminationProtection) this.templateOptions.metadata = protectedOnceComplete;
    this.deployment = deployment;
    this.parameters = parameterNames(stage);
  }

  /** Tells the other stacks; they read it with `read`. */
  protected publish(id: string, parameterName: string, stringValue: string): void {
    new StringParameter(this, id, { parameterName, stringValue });
  }

  /** Read when the stack is deployed; CloudFormation refuses at once where it is not there yet. */
  protected read(parameterName: string): string {
    return StringParameter.valueForStringParameter(this, parameterName);
  }
}
