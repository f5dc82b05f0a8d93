import { tableName } from '@sluice/event-schema';
import { Aws } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { arns } from '../constructs/arns';
import { BundleFunction } from '../constructs/bundle-function';
import type { Deployment } from '../deployment';
import { streamPrefix } from '../names';
import { SluiceStack } from './sluice-stack';

/** Upkeep of the lake: compaction, on a schedule for each event type. */
export class LakeMaintenanceStack extends SluiceStack {
  constructor(scope: Construct, deployment: Deployment) {
    super(scope, 'LakeMaintenance', 'lake-maintenance', 'compaction and replay', deployment);
    const { settings, eventTypes } = deployment;
    const { stage, compaction } = settings;
    const bucketName = this.read(this.parameters.bucketName);
    const keyArn = this.read(this.parameters.keyArn);

    const compact = new BundleFunction(this, 'Compact', {
      deployment,
      app: 'lake-maintenance',
      functionName: `sluice-${stage}-compact`,
      description: 'Sorts raw files by key into compacted ones',
      eventTypes,
      environment: { LAKE_BUCKET: bucketName, STREAM_PREFIX: streamPrefix(stage) },
      memoryMegabytes: compaction.memoryMegabytes,
      timeoutSeconds: 900,
      diskMegabytes: 2_048,
    });
    compact.allow(['s3:ListBucket'], [arns.bucket(bucketName)]);
    compact.allow(
      ['s3:GetObject', 's3:PutObject', 's3:DeleteObject'],
      ['raw', 'compacted', 'manifests'].map((kind) => arns.objects(bucketName, `*/${kind}/`)),
    );
    compact.allow(['kms:Decrypt', 'kms:GenerateDataKey'], [keyArn]);

    const missedRuns = new Queue(this, 'MissedRuns', {
      queueName: `sluice-${stage}-missed-compactions`,
      encryption: QueueEncryption.KMS,
      encryptionMasterKey: Key.fromKeyArn(this, 'Key', keyArn),
      retentionPeriod: Duration.days(14),
      enforceSSL: true,
    });
    const role = new Role(this, 'ScheduleRole', {
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
      description: 'Starts compaction',
    });
    const allow = (action: string, resource: string): void => {
      role.addToPolicy(new PolicyStatement({ actions: [action], resources: [resource] }));
    };
    allow('lambda:InvokeFunction', compact.function.functionArn);
    allow('sqs:SendMessage', missedRuns.queueArn);
    allow('kms:GenerateDataKey', keyArn);
    allow('kms:Decrypt', keyArn);

    for (const eventType of eventTypes) {
      const table = tableName(eventType);
      new CfnSchedule(this, `${table}-schedule`, {
        name: `sluice-${stage}-compact-${table}`,
        description: `Compacts ${table}`,
        scheduleExpression: `rate(${compaction.everyMinutes} minutes)`,
        flexibleTimeWindow: { mode: 'OFF' },
        target: {
          arn: compact.function.functionArn,
          roleArn: role.roleArn,
          input: JSON.stringify({ eventType: eventType.name }),
          retryPolicy: { maximumRetryAttempts: 2, maximumEventAgeInSeconds: 900 },
          deadLetterConfig: { arn: missedRuns.queueArn },
        },
      });
    }
  }
}
