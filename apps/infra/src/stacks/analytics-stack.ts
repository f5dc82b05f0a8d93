import { analyticsApiDocument, bundledDefinitions } from '@sluice/analytics';
import {
  catalogTables,
  preparedParameters,
  preparedSql,
  type NamedQuery,
} from '@sluice/event-schema';
import { queryResultsPrefix, referencesPrefix, resultsPrefix } from '@sluice/lake-layout';
import { Aws, Duration } from 'aws-cdk-lib';
import { CfnNamedQuery, CfnWorkGroup } from 'aws-cdk-lib/aws-athena';
import { MathExpression } from 'aws-cdk-lib/aws-cloudwatch';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { Alarms } from '../constructs/alarms';
import { arns } from '../constructs/arns';
import { allowQueries, tablePrefixes } from '../constructs/athena-access';
import { BundleFunction } from '../constructs/bundle-function';
import { catalogTable } from '../constructs/catalog-table';
import { DocumentedApi } from '../constructs/documented-api';
import { scopesBesideBundle } from '../constructs/key-scopes';
import { JoinMachine } from '../constructs/join-machine';
import { ReferenceCrawler } from '../constructs/reference-crawler';
import type { Deployment } from '../deployment';
import { stageMetrics } from '../metrics';
import { databaseName, functionNames, joinName, joinPrefix, workGroupName } from '../names';
import { SluiceStack } from './sluice-stack';

interface Lake {
  readonly bucketName: string;
  readonly keyArn: string;
  readonly databaseName: string;
}

/** SQL over the lake: tables and views, Athena's workgroup, joins, and the API of named queries. */
export class AnalyticsStack extends SluiceStack {
  constructor(scope: Construct, deployment: Deployment) {
    super(scope, 'Analytics', 'analytics', 'joins and SQL over the lake', deployment);
    const { settings, references, joins } = deployment;
    const lake: Lake = {
      bucketName: this.read(this.parameters.bucketName),
      keyArn: this.read(this.parameters.keyArn),
      databaseName: this.read(this.parameters.databaseName),
    };
    this.catalog(lake);
    const workGroup = this.workGroup(lake);
    new ReferenceCrawler(this, 'References', { settings, references, ...lake });
    const missedRuns = new Queue(this, 'MissedRuns', {
      queueName: `sluice-${settings.stage}-missed-joins`,
      // Messages hold names of objects and days. With SQS's own key, EventBridge needs no permission for ours.
      encryption: QueueEncryption.SQS_MANAGED,
      retentionPeriod: Duration.days(14),
      enforceSSL: true,
    });
    for (const join of joins)
      new JoinMachine(this, join.name, { settings, join, missedRuns, ...lake }).node.addDependency(
        workGroup,
      );
    this.api(lake);
    this.alarms(missedRuns);
  }

  /** Creates all tables and views except the tables by which Firehose converts, which belong to delivery. */
  private catalog({ bucketName, databaseName: database }: Lake): void {
    const { settings, eventTypes, references, joins } = this.deployment;
    const tables = catalogTables({
      eventTypes,
      references,
      joins,
      bucket: bucketName,
      database: databaseName(settings.stage),
    });
    for (const table of tables)
      if (table.kind !== 'raw')
        catalogTable(
          this.shards.of(table.source),
          `${table.tableInput.name}-table`,
          database,
          table,
        );
  }

  private workGroup({ bucketName, keyArn, databaseName: database }: Lake): CfnWorkGroup {
    const { settings, queries } = this.deployment;
    const name = workGroupName(settings.stage);
    const workGroup = new CfnWorkGroup(this, 'WorkGroup', {
      name,
      description: `SQL over the lake of Sluice ${settings.stage}`,
      // Deletes the history of queries as well; their results are in the bucket.
      recursiveDeleteOption: true,
      workGroupConfiguration: {
        enforceWorkGroupConfiguration: true,
        publishCloudWatchMetricsEnabled: true,
        engineVersion: { selectedEngineVersion: 'Athena engine version 3' },
        bytesScannedCutoffPerQuery: settings.analytics.maxScanGigabytes * 1_000_000_000,
        resultConfiguration: {
          outputLocation: `s3://${bucketName}/${queryResultsPrefix}`,
          encryptionConfiguration: { encryptionOption: 'SSE_KMS', kmsKey: keyArn },
        },
      },
    });
    for (const query of queries)
      new CfnNamedQuery(this.shards.of(query.name), `${query.name}-query`, {
        name: query.name,
        ...(query.description !== undefined && { description: query.description }),
        database,
        queryString: savedQuery(query),
        workGroup: name,
      }).node.addDependency(workGroup);
    return workGroup;
  }

  private api(lake: Lake): void {
    const { settings, queries, joins } = this.deployment;
    const { stage, analytics } = settings;
    const handler = new BundleFunction(this, 'Analytics', {
      deployment: this.deployment,
      app: 'analytics',
      functionName: functionNames.analytics(stage),
      description: 'Starts named queries and joins, and answers with their rows',
      traces: 'only of callers',
      definitions: {
        ...bundledDefinitions(this.deployment),
        ...scopesBesideBundle(this.deployment),
      },
      environment: {
        WORK_GROUP: workGroupName(stage),
        GLUE_DATABASE: lake.databaseName,
        JOIN_ARN_PREFIX: arns.stateMachine(joinPrefix(stage)),
      },
      memoryMegabytes: 1_024,
      // API Gateway gives up after 29 seconds.
      timeoutSeconds: 29,
    });
    allowQueries(handler, {
      stage,
      ...lake,
      reads: [...tablePrefixes('*'), referencesPrefix, resultsPrefix],
    });
    const machines = joins.map(({ name }) => joinName(stage, name));
    if (machines.length > 0) {
      handler.allow(
        ['states:StartExecution', 'states:ListExecutions'],
        machines.map(arns.stateMachine),
      );
      handler.allow(['states:DescribeExecution'], machines.map(arns.executions));
    }

    const { api } = new DocumentedApi(this, 'Api', {
      deployment: this.deployment,
      name: 'analytics',
      description: `Named queries and joins, Sluice ${stage}`,
      document: analyticsApiDocument({
        title: `sluice-${stage}-analytics`,
        queries,
        joins,
        functionInvocationUri: `arn:${Aws.PARTITION}:apigateway:${Aws.REGION}:lambda:path/2015-03-31/functions/${handler.function.functionArn}/invocations`,
      }),
      throttle: analytics.throttle,
      scopes: { function: handler.function, actions: ['query'] },
    });
    handler.function.addPermission('Api', {
      principal: new ServicePrincipal('apigateway.amazonaws.com'),
      sourceArn: api.arnForExecuteApi('*', '/v1/*', stage),
    });
  }

  private alarms(missedRuns: Queue): void {
    const { settings, joins } = this.deployment;
    const metrics = stageMetrics(settings.stage);
    const alarms = new Alarms(
      this,
      'Alarms',
      settings.stage,
      this.read(this.parameters.alarmTopicArn),
    );
    const fiveMinutes = Duration.minutes(5);
    for (const { name } of joins) {
      const runs = metrics.join(name);
      alarms.add({
        runbook: 'join-failing',
        subject: name,
        says: `A run of the join ${name} failed: its result before stays.`,
        metric: new MathExpression({
          expression: 'FILL(failed, 0) + FILL(late, 0)',
          label: 'failed runs',
          period: fiveMinutes,
          usingMetrics: {
            failed: runs('ExecutionsFailed', 'Sum').with({ period: fiveMinutes }),
            late: runs('ExecutionsTimedOut', 'Sum').with({ period: fiveMinutes }),
          },
        }),
        above: 0,
      });
    }
    alarms.add({
      runbook: 'join-failing',
      subject: 'missed',
      says: 'Runs of joins were not started and lie in the dead-letter queue.',
      metric: metrics.queue(missedRuns.queueName)('ApproximateNumberOfMessagesVisible', 'Maximum'),
      above: 0,
    });
    alarms.add({
      runbook: 'analytics-failing',
      subject: 'analytics',
      says: 'The API of named queries and joins answers with 5xx.',
      metric: metrics.api('analytics')('5XXError', 'Sum'),
      above: 5,
      periods: 3,
      ofPeriods: 5,
    });
  }
}

/**
 * Returns the SQL of a saved query, preceded by the order of its parameters, because Athena's console asks for a
 * value for each `?`.
 */
const savedQuery = (query: NamedQuery): string =>
  [
    `-- Parameters, in order: ${preparedParameters(query).join(', ') || 'none'}`,
    preparedSql(query),
  ].join('\n');
