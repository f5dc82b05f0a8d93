// Names that several stacks, or programs outside of them, have to know without looking them up. A separate entry point
// (@sluice/infra/names), which loads nothing of the CDK.

/** Returns the name of an app's stack. @param app in kebab-case */
export const stackName = (stage: string, app: string): string => `sluice-${stage}-${app}`;

/** Returns the name of the lake's bucket, which `stageOfBucket` reads. */
export const bucketName = (
  stage: string,
  { account, region }: { readonly account: string; readonly region: string },
): string => `sluice-${stage}-lake-${account}-${region}`;

/** Returns the name of a table's Kinesis stream, which is also that of its delivery stream. */
export const streamName = (stage: string, table: string): string =>
  `${streamPrefix(stage)}${table}`;

/** Returns the prefix of all stream names of a stage. */
export const streamPrefix = (stage: string): string => `sluice-${stage}-`;

export { lakeDatabase as databaseName } from '@sluice/lake-layout';

/** Functions that return the names of the Lambda functions. */
export const functionNames = {
  transform: (stage: string, table: string): string => `sluice-${stage}-transform-${table}`,
  lookup: (stage: string): string => `sluice-${stage}-lookup`,
  replay: (stage: string): string => `sluice-${stage}-replay`,
  compact: (stage: string): string => `sluice-${stage}-compact`,
  takeIncoming: (stage: string): string => `sluice-${stage}-take-incoming`,
  erase: (stage: string): string => `sluice-${stage}-erase`,
  analytics: (stage: string): string => `sluice-${stage}-analytics`,
  operations: (stage: string): string => `sluice-${stage}-operations`,
} as const;

/** Returns the name of the Athena workgroup. */
export const workGroupName = (stage: string): string => `sluice-${stage}`;

/** Returns the name of a join's state machine, and of its Glue job if it has one. */
export const joinName = (stage: string, join: string): string => `${joinPrefix(stage)}${join}`;

/** Returns the prefix of the names of all joins' state machines. */
export const joinPrefix = (stage: string): string => `sluice-${stage}-join-`;

export type ApiName = 'ingest' | 'lookup' | 'analytics' | 'operations';

/** Returns the name of a REST API. */
export const apiName = (stage: string, api: ApiName): string => `sluice-${stage}-${api}`;

/** Returns the prefix of the host name for sign-in, which has to be unique in the region. */
export const signInPrefix = (stage: string, account: string): string =>
  `sluice-${stage}-${account}`;

/** Returns the names of the SSM parameters by which stacks pass values to each other. */
export const parameterNames = (stage: string) =>
  ({
    bucketName: `/sluice/${stage}/lake/bucket-name`,
    keyArn: `/sluice/${stage}/lake/key-arn`,
    databaseName: `/sluice/${stage}/lake/database-name`,
    /** Exists only if an event type has `privacy` or a `subject`. */
    privacyKeyArn: `/sluice/${stage}/lake/privacy-key-arn`,
    alarmTopicArn: `/sluice/${stage}/lake/alarm-topic-arn`,
    apiId: (api: ApiName) => `/sluice/${stage}/apis/${api}/id`,
    usagePlanId: (api: ApiName) => `/sluice/${stage}/apis/${api}/usage-plan-id`,
  }) as const;
