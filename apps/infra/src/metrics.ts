import { Aws, Duration } from 'aws-cdk-lib';
import { Metric, type DimensionsMap } from 'aws-cdk-lib/aws-cloudwatch';
import { arns } from './constructs/arns';
import {
  apiName,
  bucketName,
  functionNames,
  joinName,
  streamName,
  workGroupName,
  type ApiName,
} from './names';

/**
 * Returns the namespace of the apps' own metrics, and of those made from their log lines. It contains the stage,
 * because stages may share an account.
 */
export const ownNamespace = (stage: string): string => `Sluice/${stage}`;

export const unfinishedCompactions = 'unfinishedCompactions';
export const unreadableRawFiles = 'unreadableRawFiles';
/** Rows that arrived longer after their own time than a minute, an hour, a day; each is in one of them at most. */
export const lateRows = {
  minutes: 'rowsMinutesLate',
  hours: 'rowsHoursLate',
  days: 'rowsDaysLate',
} as const;
export const publishedLagMs = 'publishedLagMs';
export const erasureLateMs = 'erasureLateMs';
export const retentionOverdueMs = 'retentionOverdueMs';

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
 * Returns the metrics of a stage's resources by their names, so that no stack has to import another's resources. AWS
 * explains its metrics in these guides: Kinesis "Monitoring with CloudWatch", Firehose "CloudWatch metrics", API
 * Gateway "Dimensions and metrics", Lambda "Metrics".
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
    erase: metric('AWS/Lambda', { FunctionName: functionNames.erase(stage) }),
    /** Milliseconds since the request of the oldest erasure whose rows are not removed yet. */
    erasureLateMs: metric(ownNamespace(stage), {})(erasureLateMs, 'Maximum'),
    /** Milliseconds by which the oldest day that the last run left in a table is past its retention. */
    retentionOverdueMs: (table: string) =>
      metric(ownNamespace(stage), { table })(retentionOverdueMs, 'Maximum', table),
    /** Counts by the transformer itself: `records`, `rows`, `failed`, `dropped`, `requeued`, `suppressed`, `suppressionFailed`. */
    events: (eventType: string) =>
      metric(ownNamespace(stage), { service: 'firehose-transformer', event_type: eventType }),
    /** Costs of each look-up: `s3Requests`, `bytesRead`. */
    lookupCosts: metric(ownNamespace(stage), { service: 'lookup-api' }),
    /** Number of compaction runs of a table that ended before everything was absorbed. */
    unfinishedCompactions: (table: string) =>
      metric(ownNamespace(stage), { table })(unfinishedCompactions, 'Sum', table),
    /** Number of raw files that a table's runs could not read; each run that meets a file counts it. */
    unreadableRawFiles: (table: string) =>
      metric(ownNamespace(stage), { table })(unreadableRawFiles, 'Sum', table),
    /** Age in milliseconds of the oldest change of a table that other engines don't see yet. */
    publishedLagMs: (table: string) =>
      metric(ownNamespace(stage), { table })(publishedLagMs, 'Maximum', table),
    /**
     * Metrics of a join's runs: `ExecutionsSucceeded`, `ExecutionsFailed`, `ExecutionTime` (Step Functions guide:
     * procedure-cw-metrics).
     */
    join: (join: string) =>
      metric('AWS/States', { StateMachineArn: arns.stateMachine(joinName(stage, join)) }),
    /** Metrics of successful queries, including those of joins (Athena user guide: query-metrics-viewing). */
    queries: metric('AWS/Athena', {
      WorkGroup: workGroupName(stage),
      QueryType: 'DML',
      QueryState: 'SUCCEEDED',
    }),
    queue: (queueName: string) => metric('AWS/SQS', { QueueName: queueName }),
    /** Size of the bucket. S3 reports it once a day. */
    bucketBytes: new Metric({
      namespace: 'AWS/S3',
      metricName: 'BucketSizeBytes',
      statistic: 'Average',
      period: Duration.days(1),
      dimensionsMap: {
        BucketName: bucketName(stage, { account: Aws.ACCOUNT_ID, region: Aws.REGION }),
        StorageType: 'StandardStorage',
      },
    }),
  }) as const;
