import { catalogNames, catalogTables, tableName } from '@sluice/event-schema';
import {
  errorsOfDayPrefix,
  errorsPrefix,
  rawHourPrefix,
  rawTablePrefix,
} from '@sluice/lake-layout';
import { Aws } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { databaseName as stageDatabase } from '../names';
import { arns } from './arns';
import { catalogTable } from './catalog-table';
import type { DeliveryDestination, EventDeliveryProps } from './delivery-destination';

/** Firehose's expression for the day of a record's arrival, in UTC. */
const arrivalDay = '!{timestamp:yyyy-MM-dd}';

/**
 * Returns the lake as a destination: Parquet files under the table's raw prefix, converted by a Glue table that this
 * function creates.
 */
export function parquetFiles(
  scope: Construct,
  { deployment, eventType, bucketName, databaseName, keyArn }: EventDeliveryProps,
): DeliveryDestination {
  const { delivery, stage } = deployment.settings;
  const table = tableName(eventType);
  const raw = catalogTables({
    eventTypes: [eventType],
    references: [],
    joins: [],
    bucket: bucketName,
    database: stageDatabase(stage),
  }).find(({ kind }) => kind === 'raw');
  if (!raw) throw new Error(`${eventType.name} has no table of its raw files`);
  const glueTable = catalogTable(scope, 'Table', databaseName, raw);
  return {
    needs: [glueTable],
    configuration: ({ roleArn, ...parts }) => ({
      extendedS3DestinationConfiguration: {
        ...parts,
        bucketArn: arns.bucket(bucketName),
        roleArn,
        prefix: rawHourPrefix(table, arrivalDay, '!{timestamp:HH}'),
        errorOutputPrefix: errorsOfDayPrefix(table, '!{firehose:error-output-type}', arrivalDay),
        bufferingHints: {
          intervalInSeconds: delivery.bufferSeconds,
          sizeInMBs: delivery.bufferMegabytes,
        },
        // Parquet is compressed internally, and format conversion accepts no other value here.
        compressionFormat: 'UNCOMPRESSED',
        encryptionConfiguration: { kmsEncryptionConfig: { awskmsKeyArn: keyArn } },
        dataFormatConversionConfiguration: {
          enabled: true,
          inputFormatConfiguration: { deserializer: { openXJsonSerDe: {} } },
          outputFormatConfiguration: { serializer: { parquetSerDe: { compression: 'SNAPPY' } } },
          schemaConfiguration: {
            catalogId: Aws.ACCOUNT_ID,
            databaseName,
            tableName: catalogNames(eventType).raw,
            region: Aws.REGION,
            roleArn,
            versionId: 'LATEST',
          },
        },
      },
    }),
    rights: [
      {
        actions: ['s3:GetBucketLocation', 's3:ListBucket', 's3:ListBucketMultipartUploads'],
        resources: [arns.bucket(bucketName)],
      },
      {
        actions: ['s3:AbortMultipartUpload', 's3:GetObject', 's3:PutObject'],
        resources: [
          arns.objects(bucketName, rawTablePrefix(table)),
          arns.objects(bucketName, errorsPrefix(table)),
        ],
      },
      { actions: ['kms:Decrypt', 'kms:GenerateDataKey'], resources: [keyArn] },
      {
        actions: ['glue:GetTable', 'glue:GetTableVersion', 'glue:GetTableVersions'],
        resources: [
          arns.glueCatalog(),
          arns.glueDatabase(databaseName),
          arns.glueTable(databaseName, catalogNames(eventType).raw),
        ],
      },
    ],
  };
}
