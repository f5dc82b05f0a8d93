import { queryResultsPrefix } from '@sluice/lake-layout';
import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import { workGroupName } from '../names';
import { arns } from './arns';

export interface AthenaAccess {
  readonly stage: string;
  readonly bucketName: string;
  readonly keyArn: string;
  readonly databaseName: string;
  /** Prefixes of the lake that the queries read. */
  readonly reads: readonly string[];
}

/**
 * Lets a role run queries in the stage's workgroup: Athena reads data and catalog, and writes results, with the rights of
 * its caller (Athena user guide: security-iam-athena).
 */
export function allowQueries(
  role: Role,
  { stage, bucketName, keyArn, databaseName, reads }: AthenaAccess,
): void {
  const allow = (actions: string[], resources: string[]): void => {
    role.addToPolicy(new PolicyStatement({ actions, resources }));
  };
  allow(
    [
      'athena:GetQueryExecution',
      'athena:GetQueryResults',
      'athena:StartQueryExecution',
      'athena:StopQueryExecution',
    ],
    [arns.athenaWorkGroup(workGroupName(stage))],
  );
  allow(['athena:GetDataCatalog'], [arns.athenaCatalog()]);
  allow(
    [
      'glue:GetDatabase',
      'glue:GetPartition',
      'glue:GetPartitions',
      'glue:GetTable',
      'glue:GetTables',
    ],
    [arns.glueCatalog(), arns.glueDatabase(databaseName), arns.glueTable(databaseName, '*')],
  );
  allow(['s3:GetBucketLocation', 's3:ListBucket'], [arns.bucket(bucketName)]);
  allow(
    ['s3:GetObject'],
    reads.map((prefix) => arns.objects(bucketName, prefix)),
  );
  allow(
    ['s3:AbortMultipartUpload', 's3:GetObject', 's3:ListMultipartUploadParts', 's3:PutObject'],
    [arns.objects(bucketName, queryResultsPrefix)],
  );
  allow(['kms:Decrypt', 'kms:GenerateDataKey'], [keyArn]);
}
