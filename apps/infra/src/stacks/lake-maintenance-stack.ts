import { errorRetentionDays, hasSubject, tableName, type EventType } from '@sluice/event-schema';
import { Duration } from 'aws-cdk-lib';
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import { Key } from 'aws-cdk-lib/aws-kms';
import { FilterPattern, MetricFilter, type JsonPattern } from 'aws-cdk-lib/aws-logs';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import {
  operationRunsPrefix,
  resultsPrefix,
  resultSymlinkPrefix,
  rowFolders,
  sealedPrefix,
  tableFolder,
  tracesPrefix,
} from '@sluice/lake-layout';
import { Alarms } from '../constructs/alarms';
import { arns } from '../constructs/arns';
import { BundleFunction } from '../constructs/bundle-function';
import { eraseFunction } from '../constructs/erase-function';
import { allowPublishing, type MaintenanceParts } from '../constructs/maintenance-parts';
import { replayFunction } from '../constructs/replay-function';
import { ServiceRole } from '../constructs/service-role';
import { takeIncomingFunction } from '../constructs/take-incoming-function';
import type { Deployment } from '../deployment';
import {
  lateRows,
  ownNamespace,
  publishedLagMs,
  retentionOverdueMs,
  stageMetrics,
  unfinishedCompactions,
  unreadableRawFiles,
} from '../metrics';
import { functionNames, streamPrefix } from '../names';
import { SluiceStack } from './sluice-stack';

interface Schedule {
  readonly name: string;
  readonly description: string;
  /** A rate of EventBridge Scheduler, such as `5 minutes`. */
  readonly rate: string;
  /** Request to the function. */
  readonly input: Readonly<Record<string, unknown>>;
  /** ARN of the function. @default that of compaction */
  readonly functionArn?: string;
}

const expires = (eventType: EventType): boolean =>
  eventType.retentionDays !== undefined ||
  eventType.rawRetentionDays !== undefined ||
  errorRetentionDays(eventType) !== undefined;

/** Maintenance of the lake: compaction, on a schedule for each event type, and the sweep of results. */
export class LakeMaintenanceStack extends SluiceStack {
  constructor(scope: Construct, deployment: Deployment) {
    super(scope, 'LakeMaintenance', 'lake-maintenance', 'compaction and replay', deployment);
    const { settings, eventTypes } = deployment;
    const { stage, compaction } = settings;
    const bucketName = this.read(this.parameters.bucketName);
    const keyArn = this.read(this.parameters.keyArn);

    const missedRuns = new Queue(this, 'MissedRuns', {
      queueName: `sluice-${stage}-missed-compactions`,
      encryption: QueueEncryption.KMS,
      encryptionMasterKey: Key.fromKeyArn(this, 'Key', keyArn),
      retentionPeriod: Duration.days(14),
      enforceSSL: true,
    });

    const definitions = this.joinsByTable();
    const compact = new BundleFunction(this, 'Compact', {
      deployment,
      app: 'lake-maintenance',
      entry: 'main',
      functionName: functionNames.compact(stage),
      description: 'Sorts raw files by key into compacted ones, publishes them',
      eventTypes,
      traces: 'only of callers',
      definitions,
      environment: {
        LAKE_BUCKET: bucketName,
        STREAM_PREFIX: streamPrefix(stage),
        GLUE_DATABASE: this.read(this.parameters.databaseName),
        SNAPSHOT_DAYS: String(settings.snapshots.days),
        MIN_SNAPSHOTS: String(settings.snapshots.atLeast),
      },
      memoryMegabytes: compaction.memoryMegabytes,
      timeoutSeconds: 900,
      diskMegabytes: 2_048,
    });
    compact.allow(['s3:ListBucket'], [arns.bucket(bucketName)]);
    compact.allow(
      ['s3:GetObject', 's3:PutObject', 's3:DeleteObject'],
      rowFolders.map((kind) => arns.objects(bucketName, tableFolder('*', kind))),
    );
    // The lists of the results of joins, which say which runs count.
    compact.allow(['s3:GetObject'], [arns.objects(bucketName, resultSymlinkPrefix('*'))]);
    compact.allow(['s3:PutObject'], [arns.objects(bucketName, sealedPrefix('*'))]);
    // The progress of runs that users asked for.
    compact.allow(
      ['s3:GetObject', 's3:PutObject'],
      [arns.objects(bucketName, `${operationRunsPrefix}compactions/`)],
    );
    compact.allow(['s3:DeleteObject'], [arns.objects(bucketName, resultsPrefix)]);
    // Objects of a day that is past its retention, other than rows.
    compact.allow(
      ['s3:DeleteObject'],
      (['sealed', 'errors', 'replays'] as const).map((kind) =>
        arns.objects(bucketName, tableFolder('*', kind)),
      ),
    );
    // Rows of recorded events, whose delivery it reports.
    if (settings.traces)
      compact.allow(
        ['s3:GetObject', 's3:PutObject', 's3:DeleteObject'],
        [arns.objects(bucketName, tracesPrefix('*'))],
      );
    compact.allow(['kms:Decrypt', 'kms:GenerateDataKey'], [keyArn]);
    allowPublishing(compact, this.read(this.parameters.databaseName));
    // The next run starts within minutes and continues what this one left.
    compact.failuresTo(missedRuns);

    const parts: MaintenanceParts = {
      stack: this,
      deployment,
      parameters: this.parameters,
      read: (parameterName) => this.read(parameterName),
      bucketName,
      keyArn,
      definitions,
    };
    replayFunction(parts);
    const takeIncoming = takeIncomingFunction(parts, missedRuns);
    const erase = eventTypes.some(hasSubject) ? eraseFunction(parts) : undefined;

    const role = new ServiceRole(this, 'ScheduleRole', {
      service: 'scheduler',
      description: 'Starts compaction and the sweep of results',
    });
    role.allow(['lambda:InvokeFunction'], [compact.function.functionArn]);
    role.allow(['lambda:InvokeFunction'], [takeIncoming.function.functionArn]);
    if (erase) role.allow(['lambda:InvokeFunction'], [erase.function.functionArn]);
    role.allow(['sqs:SendMessage'], [missedRuns.queueArn]);
    role.allow(['kms:GenerateDataKey'], [keyArn]);
    role.allow(['kms:Decrypt'], [keyArn]);

    const schedule = (
      scope: Construct,
      id: string,
      { name, description, rate, input, functionArn = compact.function.functionArn }: Schedule,
    ): void => {
      new CfnSchedule(scope, id, {
        name: `sluice-${stage}-${name}`,
        description,
        scheduleExpression: `rate(${rate})`,
        flexibleTimeWindow: { mode: 'OFF' },
        target: {
          arn: functionArn,
          roleArn: role.roleArn,
          input: JSON.stringify(input),
          retryPolicy: { maximumRetryAttempts: 2, maximumEventAgeInSeconds: 900 },
          deadLetterConfig: { arn: missedRuns.queueArn },
        },
      });
    };
    for (const table of eventTypes.map(tableName))
      schedule(this.shards.of(table), `${table}-schedule`, {
        name: `compact-${table}`,
        description: `Compacts ${table}`,
        rate: `${compaction.everyMinutes} minutes`,
        input: { action: 'compact', table },
      });
    // Events whose work was not done, because the function failed or the time was up.
    schedule(this, 'take-incoming-schedule', {
      name: 'take-incoming',
      description: 'Takes dropped files that still wait',
      rate: `${compaction.everyMinutes} minutes`,
      input: { action: 'take-incoming' },
      functionArn: takeIncoming.function.functionArn,
    });
    schedule(this, 'sweep-results-schedule', {
      name: 'sweep-results',
      description: 'Deletes files of join runs that do not count any more',
      rate: '1 day',
      input: { action: 'sweep-results' },
    });
    if (eventTypes.some(expires))
      schedule(this, 'expire-schedule', {
        name: 'expire',
        description: 'Takes days that are past their retention out of the lake',
        rate: '1 day',
        input: { action: 'expire' },
      });
    if (erase)
      schedule(this, 'erase-schedule', {
        name: 'erase',
        description:
          'Ends erasures: those that were cut short, and those whose streams have forgotten',
        rate: '15 minutes',
        input: { action: 'erase' },
        functionArn: erase.function.functionArn,
      });
    this.countDays(compact);
    this.alarms(missedRuns);
  }

  /** Returns, by table, the joins whose results are deleted with the table's days. */
  private joinsByTable(): Readonly<Record<string, unknown>> {
    const byTable: Record<string, string[]> = {};
    for (const { name, left } of this.deployment.joins)
      (byTable[tableName(left)] ??= []).push(name);
    return { 'joins-by-table.json': byTable };
  }

  /** Creates metrics from the log line that the function writes for each day and table that it worked on. */
  private countDays({ logGroup }: BundleFunction): void {
    const count = (
      id: string,
      metricName: string,
      condition: JsonPattern,
      metricValue: string,
      message = 'compacted',
    ): void => {
      new MetricFilter(this, id, {
        logGroup,
        filterPattern: FilterPattern.all(
          FilterPattern.stringValue('$.message', '=', message),
          condition,
        ),
        metricNamespace: ownNamespace(this.deployment.settings.stage),
        metricName,
        metricValue,
        dimensions: { table: '$.table' },
      });
    };
    const isUnfinished = FilterPattern.booleanValue('$.complete', false);
    count('UnfinishedRuns', unfinishedCompactions, isUnfinished, '1');
    const hasUnreadable = FilterPattern.numberValue('$.refused', '>', 0);
    count('UnreadableRawFiles', unreadableRawFiles, hasUnreadable, '$.refused');
    for (const [span, metricName] of Object.entries(lateRows)) {
      const hasLate = FilterPattern.numberValue(`$.late.${span}`, '>', 0);
      count(`Late${span}`, metricName, hasLate, `$.late.${span}`);
    }
    const hasLag = FilterPattern.numberValue('$.lagMs', '>=', 0);
    count('PublishedLag', publishedLagMs, hasLag, '$.lagMs', 'published');
    if (this.deployment.eventTypes.some(expires)) {
      const isOverdue = FilterPattern.numberValue('$.overdueMs', '>=', 0);
      count('RetentionOverdue', retentionOverdueMs, isOverdue, '$.overdueMs', 'expired');
    }
  }

  private alarms(missedRuns: Queue): void {
    const { settings, eventTypes } = this.deployment;
    const { stage, compaction, alarms: limits } = settings;
    const metrics = stageMetrics(stage);
    const topicArn = this.read(this.parameters.alarmTopicArn);
    const alarms = new Alarms(this, 'Alarms', stage, topicArn);
    alarms.add({
      runbook: 'compaction-failing',
      subject: 'runs',
      says: 'Compaction runs fail: look-ups stay right but become slower.',
      metric: metrics.compact('Errors', 'Sum'),
      above: 0,
      periods: 3,
      ofPeriods: 15,
    });
    alarms.add({
      runbook: 'compaction-failing',
      subject: 'missed',
      says: 'Compaction runs were not made and lie in the dead-letter queue.',
      metric: metrics.queue(missedRuns.queueName)('ApproximateNumberOfMessagesVisible', 'Maximum'),
      above: 0,
    });
    alarms.add({
      runbook: 'compaction-lagging',
      subject: 'stopped',
      says: `No compaction has run for ${limits.compactionMinutes} minutes.`,
      metric: metrics
        .compact('Invocations', 'Sum')
        .with({ period: Duration.minutes(limits.compactionMinutes) }),
      below: 1,
    });
    const runs = Math.floor(limits.compactionMinutes / compaction.everyMinutes);
    for (const eventType of eventTypes) {
      const table = tableName(eventType);
      const tableAlarms = new Alarms(this.shards.of(table), `${table}-alarms`, stage, topicArn);
      if (expires(eventType))
        tableAlarms.add({
          runbook: 'retention-late',
          subject: table,
          says: `${table} still has data that should have gone more than a day ago.`,
          metric: metrics.retentionOverdueMs(table).with({ period: Duration.days(1) }),
          // What a run leaves is for the next one, a day later.
          above: 24 * 3_600_000,
        });
      tableAlarms.add({
        runbook: 'compaction-lagging',
        subject: table,
        says: `Compaction of ${table} has not caught up for ${limits.compactionMinutes} minutes.`,
        metric: metrics
          .unfinishedCompactions(table)
          .with({ period: Duration.minutes(compaction.everyMinutes) }),
        above: 0,
        periods: runs,
      });
      tableAlarms.add({
        runbook: 'iceberg-lagging',
        subject: table,
        says: `The Iceberg table ${table} does not show what was compacted more than ${compaction.everyMinutes} minutes ago.`,
        metric: metrics
          .publishedLagMs(table)
          .with({ period: Duration.minutes(compaction.everyMinutes) }),
        above: compaction.everyMinutes * 60_000,
      });
      tableAlarms.add({
        runbook: 'raw-file-unreadable',
        subject: table,
        says: `A raw file of ${table} can't be read: look-ups of its day fail, and it is not sealed.`,
        // Every run meets the file again, so a single missing run does not matter.
        metric: metrics
          .unreadableRawFiles(table)
          .with({ period: Duration.minutes(2 * compaction.everyMinutes) }),
        above: 0,
      });
    }
  }
}
