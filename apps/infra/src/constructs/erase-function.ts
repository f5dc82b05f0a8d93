import { isPrivate } from '@sluice/event-schema';
import {
  queryResultsPrefix,
  resultsPrefix,
  rowFolders,
  sealedPrefix,
  tableFolder,
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
import { FilterPattern, MetricFilter } from 'aws-cdk-lib/aws-logs';
import { erasureLateMs, ownNamespace, stageMetrics } from '../metrics';
import { functionNames, streamPrefix } from '../names';
import { Alarms } from './alarms';
import { arns } from './arns';
import { BundleFunction } from './bundle-function';
import { allowPublishing, type MaintenanceParts } from './maintenance-parts';
import { namingReferenceArns, referencesBesideBundle } from './naming-references';

/** Hours after which an unfinished erasure is late, although it is tried repeatedly. */
const erasureLateHours = 6;

/**
 * Creates the function that removes people from the lake; it runs the same bundle. Only this function may delete rows
 * and read the secrets: compaction needs no secret, and a replay changes no row.
 */
export function eraseFunction({
  stack,
  deployment,
  read,
  parameters,
  bucketName,
  keyArn,
  definitions,
}: MaintenanceParts): BundleFunction {
  const { settings, eventTypes } = deployment;
  const { stage } = settings;
  const names = secretNames(stage);
  const secrets = [
    names.ledger,
    ...(eventTypes.some(hasHashedSubject) ? [names.hash] : []),
    ...(eventTypes.some(isPrivate) ? [names.errors] : []),
  ];
  const erase = new BundleFunction(stack, 'Erase', {
    deployment,
    app: 'lake-maintenance',
    entry: 'main',
    functionName: functionNames.erase(stage),
    description: 'Takes people out of the lake who are to be forgotten',
    eventTypes,
    definitions: { ...definitions, ...referencesBesideBundle(deployment) },
    environment: {
      LAKE_BUCKET: bucketName,
      STREAM_PREFIX: streamPrefix(stage),
      GLUE_DATABASE: read(parameters.databaseName),
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
    rowFolders.map((kind) => arns.objects(bucketName, tableFolder('*', kind))),
  );
  erase.allow(
    ['s3:GetObject', 's3:PutObject'],
    (['errors', 'replays'] as const).map((kind) =>
      arns.objects(bucketName, tableFolder('*', kind)),
    ),
  );
  // A sealed day is announced again, so that its joins run without the person.
  erase.allow(['s3:PutObject'], [arns.objects(bucketName, sealedPrefix('*'))]);
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
  const references = namingReferenceArns(deployment, bucketName);
  if (references.tables.length > 0) {
    erase.allow(['s3:GetObject', 's3:PutObject'], references.tables);
    erase.allow(['s3:GetObject', 's3:DeleteObject'], references.versions);
    erase.allow(['s3:DeleteObjectVersion'], [...references.tables, ...references.versions]);
  }
  // Noncurrent versions of all these objects, and of the erasures themselves, which hold an encrypted name.
  erase.allow(['s3:ListBucketVersions'], [arns.bucket(bucketName)]);
  erase.allow(
    ['s3:DeleteObjectVersion'],
    [
      ...[...rowFolders, 'errors' as const].map((kind) => tableFolder('*', kind)),
      ...[resultsPrefix, queryResultsPrefix, takenPrefix, erasuresPrefix],
    ].map((prefix) => arns.objects(bucketName, prefix)),
  );
  erase.allow(['kms:Decrypt', 'kms:GenerateDataKey'], [keyArn]);
  // Without a new pointer, the catalog would name deleted files.
  allowPublishing(erase, read(parameters.databaseName));
  erase.allow(['secretsmanager:GetSecretValue'], secrets.map(arns.secret));
  erase.allow(['kms:Decrypt'], [read(parameters.privacyKeyArn)]);

  new MetricFilter(stack, 'ErasureLate', {
    logGroup: erase.logGroup,
    filterPattern: FilterPattern.all(
      FilterPattern.stringValue('$.message', '=', 'erased'),
      FilterPattern.numberValue('$.lateMs', '>=', 0),
    ),
    metricNamespace: ownNamespace(stage),
    metricName: erasureLateMs,
    metricValue: '$.lateMs',
  });
  const alarms = new Alarms(stack, 'ErasureAlarms', stage, read(parameters.alarmTopicArn));
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
