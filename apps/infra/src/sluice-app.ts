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
 * What each app's stack waits for beside the lake's. The gateway waits for delivery, which begins with the newest record that its
 * stream has by then; analytics for delivery to give up the tables' own names, which it held in earlier releases; the console for the
 * APIs that it passes requests on to.
 */
const deployedBefore: Readonly<Partial<Record<keyof typeof stacks, readonly StackName[]>>> = {
  analytics: ['firehose-transformer'],
  'ingest-gateway': ['firehose-transformer'],
  console: ['lookup-api', 'analytics', 'operations', 'ingest-gateway'],
};

/** What can be deployed alone: the lake, and each app. */
export type StackName = keyof typeof stacks;

const stackNames = Object.keys(stacks) as readonly StackName[];

const isStackName = (name: string): name is StackName => name in stacks;

/** @throws where no stack has this name. */
export function stackName(name: string): StackName {
  if (isStackName(name)) return name;
  throw new Error(`there is no stack "${name}"; the stacks are ${stackNames.join(', ')}`);
}

export interface SluiceAppOptions {
  /** Every stack when absent. One that is left out needs no bundle. */
  readonly only?: StackName;
  /** CDK's own default when absent. */
  readonly outdir?: string;
  /**
   * Checks the templates against CloudFormation's resource schemas and refuses what does not fit. It takes
   * several times as long as to make them.
   *
   * @default false
   */
  readonly validate?: boolean;
}

/**
 * The stacks of one stage. Each can be deployed alone, in any order, once `Lake` is there. Together they are
 * deployed with the gateway last, so that no event is taken before its delivery stands.
 */
export function sluiceApp(
  deployment: Deployment,
  { only, outdir, validate = false }: SluiceAppOptions = {},
): App {
  const app = new App({
    ...(outdir && { outdir }),
    analyticsReporting: false,
    // Both are for people who look for a construct; with some hundred event types they take much of the time.
    stackTraces: false,
    treeMetadata: false,
    // Else a stack that throws would leave half an assembly behind.
    autoSynth: false,
    builtinCloudFormationValidation: validate,
    context: {
      // A template may have 1 MB, and a third of it would be blanks.
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
