import { isPrivate } from '@sluice/event-schema';
import { secretNames } from '@sluice/privacy';
import { errorsPrefix, operationRunsPrefix, replaysPrefix } from '@sluice/lake-layout';
import { functionNames, streamPrefix } from '../names';
import { arns } from './arns';
import { BundleFunction } from './bundle-function';
import type { MaintenanceParts } from './maintenance-parts';

/**
 * Creates the function for replays, which runs the same bundle when it is asked to: failed records go back into
 * their stream.
 */
export function replayFunction({
  stack,
  deployment,
  read,
  parameters,
  bucketName,
  keyArn,
  definitions,
}: MaintenanceParts): void {
  const { settings, eventTypes } = deployment;
  const hasSealed = eventTypes.some(isPrivate);
  const replay = new BundleFunction(stack, 'Replay', {
    deployment,
    app: 'lake-maintenance',
    entry: 'main',
    functionName: functionNames.replay(settings.stage),
    description: 'Puts failed records back into their streams',
    eventTypes,
    definitions,
    environment: {
      LAKE_BUCKET: bucketName,
      STREAM_PREFIX: streamPrefix(settings.stage),
      ...(hasSealed && { ERROR_SECRET: secretNames(settings.stage).errors }),
    },
    memoryMegabytes: 1_024,
    timeoutSeconds: 900,
  });
  replay.allow(['s3:ListBucket'], [arns.bucket(bucketName)]);
  replay.allow(['s3:GetObject'], [arns.objects(bucketName, errorsPrefix('*'))]);
  // Replayed records are noted there, so that a second run sends nothing twice.
  replay.allow(
    ['s3:GetObject', 's3:PutObject'],
    [
      arns.objects(bucketName, replaysPrefix('*')),
      arns.objects(bucketName, `${operationRunsPrefix}replays/`),
    ],
  );
  replay.allow(
    // A failed record is looked up in its stream, so that its rows get the ids that they would have had.
    ['kinesis:PutRecords', 'kinesis:ListShards', 'kinesis:GetShardIterator', 'kinesis:GetRecords'],
    [arns.stream(`${streamPrefix(settings.stage)}*`)],
  );
  replay.allow(['kms:Decrypt', 'kms:GenerateDataKey'], [keyArn]);
  if (hasSealed) {
    replay.allow(
      ['secretsmanager:GetSecretValue'],
      [arns.secret(secretNames(settings.stage).errors)],
    );
    replay.allow(['kms:Decrypt'], [read(parameters.privacyKeyArn)]);
  }
}
