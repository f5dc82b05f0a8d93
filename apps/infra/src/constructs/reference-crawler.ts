import type { ReferenceTable } from '@sluice/event-schema';
import { CfnCrawler } from 'aws-cdk-lib/aws-glue';
import { Construct } from 'constructs';
import { referencesPrefix } from '@sluice/lake-layout';
import type { StageSettings } from '../stage-settings';
import { arns } from './arns';
import { ServiceRole } from './service-role';

export interface ReferenceCrawlerProps {
  readonly settings: StageSettings;
  readonly references: readonly ReferenceTable[];
  readonly bucketName: string;
  readonly keyArn: string;
  readonly databaseName: string;
}

/**
 * A crawler that creates a table for each folder under `reference/` that was filled by hand. It changes neither the
 * defined tables nor those that it created before.
 */
export class ReferenceCrawler extends Construct {
  constructor(
    scope: Construct,
    id: string,
    { settings, references, bucketName, keyArn, databaseName }: ReferenceCrawlerProps,
  ) {
    super(scope, id);
    const role = new ServiceRole(this, 'Role', {
      service: 'glue',
      description: 'Looks at reference files',
    });
    // The part of AWSGlueServiceRole that a crawler of S3 needs (Glue developer guide: crawler-prereqs).
    role.allow(
      [
        'glue:BatchCreatePartition',
        'glue:BatchGetPartition',
        'glue:CreateTable',
        'glue:GetDatabase',
        'glue:GetPartitions',
        'glue:GetTable',
        'glue:GetTables',
        'glue:UpdateTable',
      ],
      [arns.glueCatalog(), arns.glueDatabase(databaseName), arns.glueTable(databaseName, '*')],
    );
    role.allow(['s3:GetBucketLocation', 's3:ListBucket'], [arns.bucket(bucketName)]);
    role.allow(['s3:GetObject'], [arns.objects(bucketName, referencesPrefix)]);
    role.allow(['kms:Decrypt'], [keyArn]);
    role.allow(
      ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'],
      [arns.glueLogs()],
    );
    const { crawlerSchedule } = settings.analytics;
    const crawler = new CfnCrawler(this, 'Crawler', {
      name: `sluice-${settings.stage}-reference`,
      description: 'Tables of reference files that somebody put there by hand',
      role: role.roleArn,
      databaseName,
      targets: {
        s3Targets: [
          {
            path: `s3://${bucketName}/${referencesPrefix}`,
            exclusions: references.map(({ name }) => `${name}/**`),
          },
        ],
      },
      // A crawler of new folders only can do nothing about changes but log them (Glue developer guide:
      // incremental-crawls).
      recrawlPolicy: { recrawlBehavior: 'CRAWL_NEW_FOLDERS_ONLY' },
      schemaChangePolicy: { updateBehavior: 'LOG', deleteBehavior: 'LOG' },
      // Each folder becomes one table, if its files have one schema.
      configuration: JSON.stringify({
        Version: 1,
        Grouping: { TableLevelConfiguration: 3, TableGroupingPolicy: 'CombineCompatibleSchemas' },
      }),
      ...(crawlerSchedule !== false && { schedule: { scheduleExpression: crawlerSchedule } }),
    });
    crawler.node.addDependency(role);
  }
}
