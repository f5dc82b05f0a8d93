import { App, type Stack } from 'aws-cdk-lib';
import type { Deployment } from './deployment';
import { OperationsStack } from './stacks/operations-stack';
import { AnalyticsStack } from './stacks/analytics-stack';
import { ConsoleStack } from './stacks/console-stack';
import { FirehoseTransformerStack } from './stacks/firehose-transformer-stack';
import { IngestGatewayStack } from './stacks/ingest-gateway-stack';
import { LakeMaintenanceStack } from './stacks/lake-maintenance-stack';
import { LakeStack } from './stacks/lake-stack';
import { LookupApiStack } from './stacks/lookup-api-stack';

const stacks = {
  lake: LakeStack,
  'firehose-transformer': FirehoseTransformerStack,
  'lake-maintenance': LakeMaintenanceStack,
  'lookup-api': LookupApiStack,
  analytics: AnalyticsStack,
  operations: OperationsStack,
  'ingest-gateway': IngestGatewayStack,
  console: ConsoleStack,
} as const;

/**
 * Stacks that have to be deployed before each app's stack, besides the lake's. The gateway waits for delivery, which
 * starts at the newest record of its stream. Analytics waits for delivery, which owned the tables' names in earlier
 * releases, and for maintenance, which takes these names over from the views of analytics. The console waits for the
 * APIs to which it passes requests on.
 */
const deployedBefore: Readonly<Partial<Record<keyof typeof stacks, readonly StackName[]>>> = {
  analytics: ['firehose-transformer', 'lake-maintenance'],
  'ingest-gateway': ['firehose-transformer'],
  console: ['lookup-api', 'analytics', 'operations', 'ingest-gateway'],
};

/** Name of a stack that can be deployed alone: the lake, or an app. */
export type StackName = keyof typeof stacks;

const stackNames = Object.keys(stacks) as readonly StackName[];

const isStackName = (name: string): name is StackName => name in stacks;

/** Checks the name of a stack. @throws where no stack has this name */
export function stackName(name: string): StackName {
  if (isStackName(name)) return name;
  throw new Error(`there is no stack "${name}"; the stacks are ${stackNames.join(', ')}`);
}

export interface SluiceAppOptions {
  /** The only stack to make. The bundles of other stacks are not needed. @default all stacks */
  readonly only?: StackName;
  /** Folder of the cloud assembly. @default CDK's own */
  readonly outdir?: string;
  /**
   * True to check the templates against CloudFormation's resource schemas and to refuse violations. This takes
   * several times as long as making the templates.
   *
   * @default false
   */
  readonly validate?: boolean;
}

/**
 * Returns the app with the stacks of one stage. Each can be deployed alone, in any order, once `Lake` exists. If they
 * are deployed together, the gateway comes last, so that no event is accepted before its delivery exists.
 */
export function sluiceApp(
  deployment: Deployment,
  { only, outdir, validate = false }: SluiceAppOptions = {},
): App {
  const app = new App({
    ...(outdir && { outdir }),
    analyticsReporting: false,
    // Both only help people who search for a construct; with some hundred event types they take much of the time.
    stackTraces: false,
    treeMetadata: false,
    // Otherwise a stack that throws would leave half an assembly behind.
    autoSynth: false,
    builtinCloudFormationValidation: validate,
    context: {
      // A template may have 1 MB, and a third of it would be white space.
      '@aws-cdk/core:suppressTemplateIndentation': true,
      '@aws-cdk/aws-iam:minimizePolicies': true,
      '@aws-cdk/aws-s3:serverAccessLogsUseBucketPolicy': true,
      '@aws-cdk/core:enablePartitionLiterals': true,
      '@aws-cdk/core:validateAgainstDefaultRules': validate,
    },
  });
  const made = new Map<StackName, Stack>();
  const isPrivate = deployment.settings.access.onlyFromVpcEndpoints.length > 0;
  if (only === 'console' && isPrivate)
    throw new Error(
      'the console reaches the APIs over the internet; with access.onlyFromVpcEndpoints there is none',
    );
  const offered = stackNames.filter((name) => name !== 'console' || !isPrivate);
  for (const name of only ? [only] : offered) {
    const stack = new stacks[name](app, deployment);
    made.set(name, stack);
    for (const first of ['lake' as const, ...(deployedBefore[name] ?? [])]) {
      const before = first === name ? undefined : made.get(first);
      if (before) stack.addStackDependency(before);
    }
  }
  return app;
}
