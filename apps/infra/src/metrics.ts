import { Aws, Duration } from 'aws-cdk-lib';
import { Metric, type DimensionsMap } from 'aws-cdk-lib/aws-cloudwatch';
import { arns } from './constructs/arns';
import { apiName, functionNames, joinName, streamName, workGroupName, type ApiName } from './names';

/** Returns the namespace of metrics that the apps write, and of those made from their log lines. Stages may share an account. */
export const ownNamespace = (stage: string): string => `Sluice/${stage}`;

export const unfinishedCompactions = 'unfinishedCompactions';
export const unreadableRawFiles = 'unreadableRawFiles';
export const publishedLagMs = 'publishedLagMs';

const everyMinute = Duration.minutes(1);

const metric =
  (namespace: string, dimensions: DimensionsMap) =>
  (metricName: string, statistic: string, label?: string): Metric =>
    new Metric({
      namespace,
      metricName,
      statistic,
      period: everyMinute,
      dimensionsMap: dimensions,
      ...(label && { label }),
    });

/**
 * Metrics of what a stage deploys, by the names of things, so that no stack needs to import another's.
 * What AWS's own metrics mean is in its guides: Kinesis "Monitoring with CloudWatch", Firehose
 * "CloudWatch metrics", API Gateway "Dimensions and metrics", Lambda "Metrics".
 */
export const stageMetrics = (stage: string) =>
  ({
    api: (api: ApiName) => metric('AWS/ApiGateway', { ApiName: apiName(stage, api), Stage: stage }),
    stream: (table: string) => metric('AWS/Kinesis', { StreamName: streamName(stage, table) }),
    delivery: (table: string) =>
      metric('AWS/Firehose', { DeliveryStreamName: streamName(stage, table) }),
    transform: (table: string) =>
      metric('AWS/Lambda', { FunctionName: functionNames.transform(stage, table) }),
    lookup: metric('AWS/Lambda', { FunctionName: functionNames.lookup(stage) }),
    compact: metric('AWS/Lambda', { FunctionName: functionNames.compact(stage) }),
    /** What the transformer counts itself: `records`, `rows`, `failed`, `dropped`, `requeued`. */
    events: (eventType: string) =>
      metric(ownNamespace(stage), { service: 'firehose-transformer', event_type: eventType }),
    /** What each look-up costs: `s3Requests`, `bytesRead`. */
    lookupCosts: metric(ownNamespace(stage), { service: 'lookup-api' }),
    /** Compaction runs of a table that ended before all was absorbed. */
    unfinishedCompactions: (table: string) =>
      metric(ownNamespace(stage), { table })(unfinishedCompactions, 'Sum', table),
    /** Raw files that the runs of a table left aside, each counted by every run that met it. */
    unreadableRawFiles: (table: string) =>
      metric(ownNamespace(stage), { table })(unreadableRawFiles, 'Sum', table),
    /** Age of the oldest change of a table that other engines do not see, in milliseconds. */
    publishedLagMs: (table: string) =>
      metric(ownNamespace(stage), { table })(publishedLagMs, 'Maximum', table),
    /** Runs of a join: `ExecutionsSucceeded`, `ExecutionsFailed`, `ExecutionTime` (Step Functions guide: procedure-cw-metrics). */
    join: (join: string) =>
      metric('AWS/States', { StateMachineArn: arns.stateMachine(joinName(stage, join)) }),
    /** Metrics of the queries that succeeded, joins among them (Athena user guide: query-metrics-viewing). */
    queries: metric('AWS/Athena', {
      WorkGroup: workGroupName(stage),
      QueryType: 'DML',
      QueryState: 'SUCCEEDED',
    }),
    queue: (queueName: string) => metric('AWS/SQS', { QueueName: queueName }),
    /** The bucket's own metrics come once a day. */
    bucketBytes: new Metric({
      namespace: 'AWS/S3',
      metricName: 'BucketSizeBytes',
      statistic: 'Average',
      period: Duration.days(1),
      dimensionsMap: {
        BucketName: `sluice-${stage}-lake-${Aws.ACCOUNT_ID}-${Aws.REGION}`,
        StorageType: 'StandardStorage',
      },
    }),
  }) as const;
