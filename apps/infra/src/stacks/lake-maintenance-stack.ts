import {
  errorRetentionDays,
  hasSubject,
  isPrivate,
  publishedTableName,
  tableName,
  type EventType,
} from '@sluice/event-schema';
import {
  incomingPrefix,
  queryResultsPrefix,
  refusedPrefix,
  takenPrefix,
} from '@sluice/lake-layout';
import { secretNames } from '@sluice/privacy';
import {
  certificatesPrefix,
  erasuresPrefix,
  hasHashedSubject,
  ledgerPrefix,
} from '@sluice/privacy/erasures';
import { Duration } from 'aws-cdk-lib';
import { CfnRule } from 'aws-cdk-lib/aws-events';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import { Key } from 'aws-cdk-lib/aws-kms';
import { FilterPattern, MetricFilter, type JsonPattern } from 'aws-cdk-lib/aws-logs';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { Alarms } from '../constructs/alarms';
import { arns } from '../constructs/arns';
import { BundleFunction } from '../constructs/bundle-function';
import { ServiceRole } from '../constructs/service-role';
import type { Deployment } from '../deployment';
import {
  erasureLateMs,
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

/** After so long an erasure that is not done is late: it has been tried again and again. */
const erasureLateHours = 6;

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

    const compact = new BundleFunction(this, 'Compact', {
      deployment,
      app: 'lake-maintenance',
      entry: 'main',
      functionName: functionNames.compact(stage),
      description: 'Sorts raw files by key into compacted ones, publishes them',
      eventTypes,
      definitions: this.joinsByTable(),
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
      ['raw', 'compacted', 'filters', 'indexes', 'manifests', 'iceberg'].map((kind) =>
        arns.objects(bucketName, `*/${kind}/`),
      ),
    );
    // The lists of files for SQL: of tables and, to see which runs of joins count, of results.
    compact.allow(['s3:GetObject', 's3:PutObject'], [arns.objects(bucketName, '*/symlinks/')]);
    compact.allow(['s3:PutObject'], [arns.objects(bucketName, '*/sealed/')]);
    // The progress of runs that users asked for.
    compact.allow(
      ['s3:GetObject', 's3:PutObject'],
      [arns.objects(bucketName, 'operation-runs/compactions/')],
    );
    compact.allow(['s3:DeleteObject'], [arns.objects(bucketName, 'results/')]);
    // The objects beside the rows of a day that is past its retention.
    compact.allow(
      ['s3:DeleteObject'],
      ['symlinks', 'sealed', 'errors', 'replays'].map((kind) =>
        arns.objects(bucketName, `*/${kind}/`),
      ),
    );
    compact.allow(['kms:Decrypt', 'kms:GenerateDataKey'], [keyArn]);
    this.allowPublishing(compact);
    // The next run starts within minutes and continues what this one left.
    compact.failuresTo(missedRuns);

    this.replay(bucketName, keyArn);
    const takeIncoming = this.takeIncoming(bucketName, keyArn, missedRuns);
    const erase = eventTypes.some(hasSubject) ? this.erase(bucketName, keyArn) : undefined;

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
    // What an event did not lead to, because the function failed or the time was up.
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

  /**
   * Allows a function to make and change the tables by which the catalog names Iceberg metadata, and no others. No
   * template has them, since an update of its stack would write back what the template says. They go with their
   * database.
   */
  private allowPublishing(caller: BundleFunction): void {
    const database = this.read(this.parameters.databaseName);
    caller.allow(
      ['glue:CreateTable', 'glue:GetTable', 'glue:UpdateTable'],
      [
        arns.glueCatalog(),
        arns.glueDatabase(database),
        arns.glueTable(database, publishedTableName('*')),
      ],
    );
  }

  /** Returns, by table, the joins whose results are deleted with the table's days. */
  private joinsByTable(): Readonly<Record<string, unknown>> {
    const byTable: Record<string, string[]> = {};
    for (const { name, left } of this.deployment.joins)
      (byTable[tableName(left)] ??= []).push(name);
    return { 'joins-by-table.json': byTable };
  }

  /**
   * Creates the function for replays, which runs the same bundle when it is asked to: failed records go back into
   * their stream.
   */
  private replay(bucketName: string, keyArn: string): void {
    const { settings, eventTypes } = this.deployment;
    const hasSealed = eventTypes.some(isPrivate);
    const replay = new BundleFunction(this, 'Replay', {
      deployment: this.deployment,
      app: 'lake-maintenance',
      entry: 'main',
      functionName: functionNames.replay(settings.stage),
      description: 'Puts failed records back into their streams',
      eventTypes,
      definitions: this.joinsByTable(),
      environment: {
        LAKE_BUCKET: bucketName,
        STREAM_PREFIX: streamPrefix(settings.stage),
        ...(hasSealed && { ERROR_SECRET: secretNames(settings.stage).errors }),
      },
      memoryMegabytes: 1_024,
      timeoutSeconds: 900,
    });
    replay.allow(['s3:ListBucket'], [arns.bucket(bucketName)]);
    replay.allow(['s3:GetObject'], [arns.objects(bucketName, '*/errors/')]);
    // Replayed records are noted there, so that a second run sends nothing twice.
    replay.allow(
      ['s3:GetObject', 's3:PutObject'],
      [arns.objects(bucketName, '*/replays/'), arns.objects(bucketName, 'operation-runs/replays/')],
    );
    replay.allow(
      // A failed record is looked up in its stream, so that its rows get the ids that they would have had.
      [
        'kinesis:PutRecords',
        'kinesis:ListShards',
        'kinesis:GetShardIterator',
        'kinesis:GetRecords',
      ],
      [arns.stream(`${streamPrefix(settings.stage)}*`)],
    );
    replay.allow(['kms:Decrypt', 'kms:GenerateDataKey'], [keyArn]);
    if (hasSealed) {
      replay.allow(
        ['secretsmanager:GetSecretValue'],
        [arns.secret(secretNames(settings.stage).errors)],
      );
      replay.allow(['kms:Decrypt'], [this.read(this.parameters.privacyKeyArn)]);
    }
  }

  /**
   * Creates the function that takes files which somebody dropped below `incoming/<event type>/`, which runs the same
   * bundle: each event becomes a row of the day of its own time. An event of S3 starts it for each file.
   */
  private takeIncoming(bucketName: string, keyArn: string, missedRuns: Queue): BundleFunction {
    const { settings, eventTypes } = this.deployment;
    const { stage } = settings;
    const name = functionNames.takeIncoming(stage);
    const takeIncoming = new BundleFunction(this, 'TakeIncoming', {
      deployment: this.deployment,
      app: 'lake-maintenance',
      entry: 'main',
      functionName: name,
      description: 'Takes files that were dropped into the lake',
      eventTypes,
      definitions: this.joinsByTable(),
      environment: { LAKE_BUCKET: bucketName, STREAM_PREFIX: streamPrefix(stage) },
      memoryMegabytes: settings.compaction.memoryMegabytes,
      timeoutSeconds: 900,
      diskMegabytes: 2_048,
    });
    takeIncoming.allow(['s3:ListBucket'], [arns.bucket(bucketName)]);
    takeIncoming.allow(
      ['s3:GetObject', 's3:DeleteObject'],
      [arns.objects(bucketName, incomingPrefix)],
    );
    takeIncoming.allow(
      ['s3:PutObject'],
      [
        ...[takenPrefix, refusedPrefix].map((prefix) => arns.objects(bucketName, prefix)),
        arns.objects(bucketName, '*/raw/'),
      ],
    );
    // Failures of a file that is taken anew take the place of its earlier ones.
    takeIncoming.allow(
      ['s3:PutObject', 's3:DeleteObject'],
      [arns.objects(bucketName, '*/errors/')],
    );
    takeIncoming.allow(
      ['s3:GetObject', 's3:PutObject'],
      [arns.objects(bucketName, '*/backfills/')],
    );
    takeIncoming.allow(['kms:Decrypt', 'kms:GenerateDataKey'], [keyArn]);
    takeIncoming.failuresTo(missedRuns);

    const rule = new CfnRule(this, 'FileDropped', {
      name,
      description: 'Takes a file that was dropped into the lake',
      eventPattern: {
        source: ['aws.s3'],
        'detail-type': ['Object Created'],
        detail: {
          bucket: { name: [bucketName] },
          object: { key: [{ prefix: incomingPrefix }] },
        },
      },
      targets: [
        {
          id: 'take-incoming',
          arn: takeIncoming.function.functionArn,
          inputTransformer: {
            inputPathsMap: { key: '$.detail.object.key' },
            inputTemplate: '{"action":"take-incoming","key":<key>}',
          },
          retryPolicy: { maximumRetryAttempts: 5, maximumEventAgeInSeconds: 3_600 },
        },
      ],
    });
    takeIncoming.function.addPermission('FileDropped', {
      principal: new ServicePrincipal('events.amazonaws.com'),
      sourceArn: rule.attrArn,
    });
    return takeIncoming;
  }

  /**
   * Creates the function that takes people out of the lake, which runs the same bundle. It alone may change rows and open
   * what is sealed: compaction needs no secret, and a replay changes no row.
   */
  private erase(bucketName: string, keyArn: string): BundleFunction {
    const { settings, eventTypes } = this.deployment;
    const { stage } = settings;
    const names = secretNames(stage);
    const secrets = [
      names.ledger,
      ...(eventTypes.some(hasHashedSubject) ? [names.hash] : []),
      ...(eventTypes.some(isPrivate) ? [names.errors] : []),
    ];
    const erase = new BundleFunction(this, 'Erase', {
      deployment: this.deployment,
      app: 'lake-maintenance',
      entry: 'main',
      functionName: functionNames.erase(stage),
      description: 'Takes people out of the lake who are to be forgotten',
      eventTypes,
      definitions: this.joinsByTable(),
      environment: {
        LAKE_BUCKET: bucketName,
        STREAM_PREFIX: streamPrefix(stage),
        GLUE_DATABASE: this.read(this.parameters.databaseName),
        LEDGER_SECRET: names.ledger,
        STREAM_RETENTION_HOURS: String(settings.streams.retentionHours),
        ...(secrets.includes(names.hash) && { HASH_SECRET: names.hash }),
        ...(secrets.includes(names.errors) && { ERROR_SECRET: names.errors }),
      },
      memoryMegabytes: settings.compaction.memoryMegabytes,
      timeoutSeconds: 900,
      diskMegabytes: 2_048,
    });
    erase.allow(['s3:ListBucket'], [arns.bucket(bucketName)]);
    erase.allow(
      ['s3:GetObject', 's3:PutObject', 's3:DeleteObject'],
      ['raw', 'compacted', 'filters', 'indexes', 'manifests', 'iceberg'].map((kind) =>
        arns.objects(bucketName, `*/${kind}/`),
      ),
    );
    erase.allow(
      ['s3:GetObject', 's3:PutObject'],
      ['symlinks', 'errors'].map((kind) => arns.objects(bucketName, `*/${kind}/`)),
    );
    // A sealed day is announced again, so that its joins run without the person.
    erase.allow(['s3:PutObject'], [arns.objects(bucketName, '*/sealed/')]);
    erase.allow(
      ['s3:DeleteObject'],
      [queryResultsPrefix, takenPrefix].map((prefix) => arns.objects(bucketName, prefix)),
    );
    erase.allow(
      ['s3:GetObject', 's3:PutObject'],
      [ledgerPrefix, certificatesPrefix].map((prefix) => arns.objects(bucketName, prefix)),
    );
    erase.allow(
      ['s3:GetObject', 's3:PutObject', 's3:DeleteObject'],
      [arns.objects(bucketName, erasuresPrefix)],
    );
    erase.allow(['kms:Decrypt', 'kms:GenerateDataKey'], [keyArn]);
    // Without its new pointer, the catalog would name files that are taken away.
    this.allowPublishing(erase);
    erase.allow(['secretsmanager:GetSecretValue'], secrets.map(arns.secret));
    erase.allow(['kms:Decrypt'], [this.read(this.parameters.privacyKeyArn)]);

    new MetricFilter(this, 'ErasureLate', {
      logGroup: erase.logGroup,
      filterPattern: FilterPattern.all(
        FilterPattern.stringValue('$.message', '=', 'erased'),
        FilterPattern.numberValue('$.lateMs', '>=', 0),
      ),
      metricNamespace: ownNamespace(stage),
      metricName: erasureLateMs,
      metricValue: '$.lateMs',
    });
    const alarms = new Alarms(
      this,
      'ErasureAlarms',
      stage,
      this.read(this.parameters.alarmTopicArn),
    );
    alarms.add({
      runbook: 'erasure-late',
      subject: 'erasures',
      says: `A person who is to be forgotten is still in files of the lake after ${erasureLateHours} hours.`,
      metric: stageMetrics(stage).erasureLateMs.with({ period: Duration.minutes(30) }),
      above: erasureLateHours * 3_600_000,
    });
    alarms.add({
      runbook: 'erasure-late',
      subject: 'function',
      says: 'The function that takes people out of the lake fails.',
      metric: stageMetrics(stage).erase('Errors', 'Sum'),
      above: 0,
      periods: 3,
      ofPeriods: 60,
    });
    return erase;
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
        says: `A raw file of ${table} can't be read: its day fails in queries and is not sealed.`,
        // Every run meets the file again, so a single missing run does not matter.
        metric: metrics
          .unreadableRawFiles(table)
          .with({ period: Duration.minutes(2 * compaction.everyMinutes) }),
        above: 0,
      });
    }
  }
}
