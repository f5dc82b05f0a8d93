import { tableName } from '@sluice/event-schema';
import { Duration } from 'aws-cdk-lib';
import {
  Dashboard,
  GraphWidget,
  PeriodOverride,
  SearchExpression,
  TextWidget,
  type IMetric,
  type IWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { Deployment } from '../deployment';
import { ownNamespace, stageMetrics, unfinishedCompactions } from '../metrics';

type ApiMetric = ReturnType<ReturnType<typeof stageMetrics>['api']>;

/** A dashboard of the events' path, from the first request to the last look-up. */
export class FlowDashboard extends Construct {
  constructor(scope: Construct, id: string, { settings, eventTypes, joins }: Deployment) {
    super(scope, id);
    const { stage } = settings;
    const metrics = stageMetrics(stage);
    const tables = eventTypes.map(tableName);
    const ingest = metrics.api('ingest');
    const lookup = metrics.api('lookup');
    const analytics = metrics.api('analytics');
    const forEachJoin = (name: string, statistic: string, label = '') =>
      joins.map((join) => metrics.join(join.name)(name, statistic, `${join.name}${label}`));
    const isListed = tables.length <= maxListedTables;
    /** Returns one line for each table; where there are many tables, CloudWatch finds them itself. */
    const forEachTable = (
      pick: (table: string) => readonly IMetric[],
      found: readonly IMetric[],
    ): readonly IMetric[] => (isListed ? tables.flatMap(pick) : found);
    const counted = (name: string) =>
      isListed
        ? eventTypes.map((eventType) => metrics.events(eventType.name)(name, 'Sum', eventType.name))
        : [search(`{"${ownNamespace(stage)}",event_type,service}`, name, 'Sum')];
    const ofStage = (dimension: string, tokens: readonly string[] = []): string =>
      ['sluice', stage, ...tokens].map((token) => `${dimension}=${token}`).join(' ');
    const stream = (name: string, statistic: string) =>
      forEachTable(
        (table) => [metrics.stream(table)(name, statistic, table)],
        [search('{AWS/Kinesis,StreamName}', name, statistic, ofStage('StreamName'))],
      );
    const delivery = (name: string, statistic: string, label = '') =>
      forEachTable(
        (table) => [metrics.delivery(table)(name, statistic, `${table}${label}`)],
        [
          search(
            '{AWS/Firehose,DeliveryStreamName}',
            name,
            statistic,
            ofStage('DeliveryStreamName'),
          ),
        ],
      );
    const transform = (name: string, statistic: string, label: string) =>
      forEachTable(
        (table) => [metrics.transform(table)(name, statistic, `${table} ${label}`)],
        [
          search(
            '{AWS/Lambda,FunctionName}',
            name,
            statistic,
            ofStage('FunctionName', ['transform']),
          ),
        ],
      );

    const errors = (api: ApiMetric) => [
      api('4XXError', 'Sum', 'refused (4xx)'),
      api('5XXError', 'Sum', 'failed (5xx)'),
    ];
    const latency = (api: ApiMetric) => [
      api('Latency', 'p50', 'p50'),
      api('Latency', 'p99', 'p99'),
    ];

    new Dashboard(this, 'Dashboard', {
      dashboardName: `sluice-${stage}`,
      defaultInterval: Duration.hours(3),
      periodOverride: PeriodOverride.AUTO,
      widgets: [
        [heading('In: gateway and streams')],
        [
          graph('Ingest requests', [ingest('Count', 'Sum', 'requests')]),
          graph('Ingest errors', errors(ingest)),
          graph('Ingest latency, ms', latency(ingest)),
          graph('Throttled by the streams', stream('WriteProvisionedThroughputExceeded', 'Sum')),
        ],
        [
          graph('Records into the streams', stream('IncomingRecords', 'Sum')),
          graph('Bytes into the streams', stream('IncomingBytes', 'Sum')),
          graph('Age of what delivery reads, ms', delivery('KinesisMillisBehindLatest', 'Maximum')),
          graph(
            'Age of what delivery writes, s',
            delivery('DeliveryToS3.DataFreshness', 'Maximum'),
          ),
        ],
        [heading('On: transformation and delivery')],
        [
          graph('Records read from streams', delivery('DataReadFromKinesisStream.Records', 'Sum')),
          graph('Records transformed', delivery('SucceedProcessing.Records', 'Sum')),
          graph('Records delivered', delivery('DeliveryToS3.Records', 'Sum')),
          graph('Bytes delivered', delivery('DeliveryToS3.Bytes', 'Sum')),
        ],
        [
          graph('Rows', counted('rows')),
          graph('Records that do not conform', counted('failed')),
          graph('Records put back, the answer being full', counted('requeued')),
          graph('Records that conversion refused', delivery('FailedConversion.Records', 'Sum')),
        ],
        [
          graph('Transformer errors and throttles', [
            ...transform('Errors', 'Sum', 'errors'),
            ...transform('Throttles', 'Sum', 'throttles'),
          ]),
          graph('Transformer duration, ms', [
            ...transform('Duration', 'p50', 'p50'),
            ...transform('Duration', 'p99', 'p99'),
          ]),
          graph('Deliveries that succeed', delivery('DeliveryToS3.Success', 'Average')),
        ],
        [heading('Kept: compaction')],
        [
          graph('Compaction runs', [
            metrics.compact('Invocations', 'Sum', 'runs'),
            metrics.compact('Errors', 'Sum', 'failed'),
          ]),
          graph('Compaction duration, ms', [metrics.compact('Duration', 'Maximum', 'longest')]),
          graph(
            'Runs that did not catch up',
            forEachTable(
              (table) => [metrics.unfinishedCompactions(table)],
              [search(`{"${ownNamespace(stage)}",table}`, unfinishedCompactions, 'Sum')],
            ),
          ),
          graph('Bytes in the lake', [metrics.bucketBytes]),
        ],
        [heading('Out: look-ups')],
        [
          graph('Look-ups', [lookup('Count', 'Sum', 'requests')]),
          graph('Look-up errors', errors(lookup)),
          graph('Look-up latency, ms', latency(lookup)),
          graph('Look-ups at once', [
            metrics.lookup('ConcurrentExecutions', 'Maximum', 'running'),
            metrics.lookup('Throttles', 'Sum', 'throttled'),
          ]),
        ],
        [heading('Asked: joins and queries')],
        [
          graph('Runs of joins', forEachJoin('ExecutionsSucceeded', 'Sum')),
          graph('Runs that failed', [
            ...forEachJoin('ExecutionsFailed', 'Sum', ' failed'),
            ...forEachJoin('ExecutionsTimedOut', 'Sum', ' timed out'),
          ]),
          graph('Duration of runs, ms', forEachJoin('ExecutionTime', 'Maximum')),
          graph('Bytes that queries read', [metrics.queries('ProcessedBytes', 'Sum', 'read')]),
        ],
        [
          graph('Requests', [analytics('Count', 'Sum', 'requests')]),
          graph('Errors', errors(analytics)),
          graph('Latency, ms', latency(analytics)),
          graph('Duration of queries, ms', [
            metrics.queries('TotalExecutionTime', 'p50', 'p50'),
            metrics.queries('TotalExecutionTime', 'p99', 'p99'),
          ]),
        ],
        [
          graph('S3 requests per look-up', [
            metrics.lookupCosts('s3Requests', 'Average', 'average'),
            metrics.lookupCosts('s3Requests', 'p99', 'p99'),
          ]),
          graph('Bytes read per look-up', [
            metrics.lookupCosts('bytesRead', 'Average', 'average'),
            metrics.lookupCosts('bytesRead', 'p99', 'p99'),
          ]),
        ],
      ],
    });
  }
}

/**
 * Largest number of tables listed in a graph. More would be unreadable, and a dashboard takes 2,500 metrics
 * (CloudWatch guide, "CloudWatch service quotas").
 */
const maxListedTables = 25;

/**
 * Returns a search for all metrics of a name whose dimensions contain the terms, each as a whole word of a value
 * (CloudWatch guide, "CloudWatch search expression syntax").
 */
const search = (schema: string, metricName: string, statistic: string, terms = ''): IMetric =>
  new SearchExpression({
    expression: `SEARCH('${[schema, `MetricName="${metricName}"`, terms].join(' ').trim()}', '${statistic}', 60)`,
    label: '',
    period: Duration.minutes(1),
  });

const heading = (text: string): IWidget =>
  new TextWidget({ markdown: `## ${text}`, width: 24, height: 1 });

const graph = (title: string, left: readonly IMetric[]): IWidget =>
  new GraphWidget({ title, left: [...left], width: 6, height: 6, leftYAxis: { min: 0 } });
