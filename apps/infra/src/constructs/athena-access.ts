import { queryResultsPrefix, tableFolder } from '@sluice/lake-layout';
import { workGroupName } from '../names';
import { arns } from './arns';
import type { ServiceRole } from './service-role';

export interface AthenaAccess {
  readonly stage: string;
  readonly bucketName: string;
  readonly keyArn: string;
  readonly databaseName: string;
  /** Prefixes in the lake that the queries read. */
  readonly reads: readonly string[];
}

/** Returns the prefixes that a query of a table reads; those of every table for `*`. */
export const tablePrefixes = (table: string): readonly string[] =>
  (['raw', 'compacted', 'iceberg'] as const).map((kind) => tableFolder(table, kind));

/**
 * Allows a caller to run queries in the stage's workgroup. Athena reads data and catalog, and writes results, with
 * the permissions of its caller (Athena user guide: security-iam-athena).
 *
 * @param caller a role, or a function that has one
 */
export function allowQueries(
  caller: Pick<ServiceRole, 'allow'>,
  { stage, bucketName, keyArn, databaseName, reads }: AthenaAccess,
): void {
  caller.allow(
    [
      'athena:GetQueryExecution',
      'athena:GetQueryResults',
      'athena:StartQueryExecution',
      'athena:StopQueryExecution',
    ],
    [arns.athenaWorkGroup(workGroupName(stage))],
  );
  caller.allow(['athena:GetDataCatalog'], [arns.athenaCatalog()]);
  caller.allow(
    [
      'glue:GetDatabase',
      'glue:GetPartition',
      'glue:GetPartitions',
      'glue:GetTable',
      'glue:GetTables',
    ],
    [arns.glueCatalog(), arns.glueDatabase(databaseName), arns.glueTable(databaseName, '*')],
  );
  caller.allow(['s3:GetBucketLocation', 's3:ListBucket'], [arns.bucket(bucketName)]);
  caller.allow(
    ['s3:GetObject'],
    reads.map((prefix) => arns.objects(bucketName, prefix)),
  );
  caller.allow(
    ['s3:AbortMultipartUpload', 's3:GetObject', 's3:ListMultipartUploadParts', 's3:PutObject'],
    [arns.objects(bucketName, queryResultsPrefix)],
  );
  caller.allow(['kms:Decrypt', 'kms:GenerateDataKey'], [keyArn]);
}
