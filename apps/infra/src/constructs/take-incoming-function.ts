import {
  errorsPrefix,
  incomingPrefix,
  rawTablePrefix,
  refusedPrefix,
  tableFolder,
  takenPrefix,
} from '@sluice/lake-layout';
import { CfnRule } from 'aws-cdk-lib/aws-events';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { functionNames, streamPrefix } from '../names';
import { arns } from './arns';
import { BundleFunction } from './bundle-function';
import type { MaintenanceParts } from './maintenance-parts';

/**
 * Creates the function that ingests files dropped below `incoming/<event type>/`; it runs the same bundle. Each event
 * becomes a row of the day of its own time. An S3 event starts the function for each file.
 */
export function takeIncomingFunction(
  { stack, deployment, bucketName, keyArn, definitions }: MaintenanceParts,
  missedRuns: Queue,
): BundleFunction {
  const { settings, eventTypes } = deployment;
  const { stage } = settings;
  const name = functionNames.takeIncoming(stage);
  const takeIncoming = new BundleFunction(stack, 'TakeIncoming', {
    deployment,
    app: 'lake-maintenance',
    entry: 'main',
    functionName: name,
    description: 'Takes files that were dropped into the lake',
    eventTypes,
    definitions,
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
      arns.objects(bucketName, rawTablePrefix('*')),
    ],
  );
  // Failures of a file that is ingested again replace its earlier ones.
  takeIncoming.allow(
    ['s3:PutObject', 's3:DeleteObject'],
    [arns.objects(bucketName, errorsPrefix('*'))],
  );
  takeIncoming.allow(
    ['s3:GetObject', 's3:PutObject'],
    [arns.objects(bucketName, tableFolder('*', 'backfills'))],
  );
  takeIncoming.allow(['kms:Decrypt', 'kms:GenerateDataKey'], [keyArn]);
  takeIncoming.failuresTo(missedRuns);

  const rule = new CfnRule(stack, 'FileDropped', {
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
