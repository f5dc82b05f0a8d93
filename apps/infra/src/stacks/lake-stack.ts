import { errorRetentionDays, needsPrivacySecrets, tableName } from '@sluice/event-schema';
import { errorsPrefix, queryResultsPrefix, refusedPrefix, takenPrefix } from '@sluice/lake-layout';
import { Aws, Duration, RemovalPolicy } from 'aws-cdk-lib';
import { CfnAccount } from 'aws-cdk-lib/aws-apigateway';
import { CfnDatabase } from 'aws-cdk-lib/aws-glue';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Stream, StreamEncryption, StreamMode } from 'aws-cdk-lib/aws-kinesis';
import { Key } from 'aws-cdk-lib/aws-kms';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  ObjectOwnership,
  type CfnBucket,
  type IBucket,
} from 'aws-cdk-lib/aws-s3';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { CfnSamplingRule } from 'aws-cdk-lib/aws-xray';
import type { Construct } from 'constructs';
import { FlowDashboard } from '../constructs/flow-dashboard';
import { PrivacySecrets } from '../constructs/privacy-secrets';
import type { Deployment } from '../deployment';
import { bucketName, databaseName, streamName } from '../names';
import { SluiceStack } from './sluice-stack';

/** Days for which a dropped file is kept after it was taken or refused. */
const droppedFileDays = 7;

/**
 * The resources that all apps share: the bucket, its key, the Glue database and one stream for each event type. All
 * other stacks can be deployed after this one, in any order.
 *
 * The streams are in this stack and not in the gateway's, because a delivery stream starts at the newest record of
 * its source: if the gateway opened before it, events accepted in between would never be delivered.
 */
export class LakeStack extends SluiceStack {
  constructor(scope: Construct, deployment: Deployment) {
    const { settings, destroyData } = deployment;
    super(scope, 'Lake', 'lake', 'bucket, key, database and streams', deployment, {
      terminationProtection: !destroyData,
    });
    // A failed first deployment deletes what it created, so that the next one finds the names free.
    const removalPolicy = destroyData
      ? RemovalPolicy.DESTROY
      : RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE;

    const key = new Key(this, 'Key', {
      alias: `sluice/${settings.stage}/lake`,
      description: `Encrypts the lake and the streams of Sluice ${settings.stage}`,
      enableKeyRotation: true,
      removalPolicy,
    });
    const bucket = this.lakeBucket(key, this.accessLogsBucket(removalPolicy), removalPolicy);
    const database = databaseName(settings.stage);
    new CfnDatabase(this, 'Database', {
      catalogId: Aws.ACCOUNT_ID,
      databaseInput: { name: database, description: `Tables of Sluice ${settings.stage}` },
    });
    this.publish('BucketNameParameter', this.parameters.bucketName, bucket.bucketName);
    this.publish('KeyArnParameter', this.parameters.keyArn, key.keyArn);
    this.publish('DatabaseNameParameter', this.parameters.databaseName, database);

    if (deployment.eventTypes.some(needsPrivacySecrets)) {
      const secrets = new PrivacySecrets(this, 'Privacy', { stage: settings.stage, removalPolicy });
      this.publish('PrivacyKeyArnParameter', this.parameters.privacyKeyArn, secrets.key.keyArn);
    }

    for (const table of deployment.eventTypes.map(tableName)) {
      const { shards, retentionHours } = settings.streams;
      new Stream(this, `${table}-stream`, {
        streamName: streamName(settings.stage, table),
        ...(shards === 'on-demand'
          ? { streamMode: StreamMode.ON_DEMAND }
          : { streamMode: StreamMode.PROVISIONED, shardCount: shards }),
        retentionPeriod: Duration.hours(retentionHours),
        encryption: StreamEncryption.KMS,
        encryptionKey: key,
        removalPolicy,
      });
    }
    this.alarmTopic(key);
    this.apiGatewayLogging();
    new CfnSamplingRule(this, 'Traces', {
      samplingRule: {
        ruleName: `sluice-${settings.stage}`,
        version: 1,
        priority: 1_000,
        reservoirSize: 1,
        fixedRate: settings.tracedShare,
        // API Gateway names its segments by API and stage; functions follow the request to which they belong.
        serviceName: `sluice-${settings.stage}-*`,
        serviceType: '*',
        host: '*',
        httpMethod: '*',
        urlPath: '*',
        resourceArn: '*',
      },
    });
    new FlowDashboard(this, 'Dashboard', deployment);
  }

  /** Makes the topic to which the alarms of all stacks go. */
  private alarmTopic(key: Key): void {
    const { stage, alarms } = this.deployment.settings;
    key.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
        resources: ['*'],
      }),
    );
    const topic = new Topic(this, 'AlarmTopic', {
      topicName: `sluice-${stage}-alarms`,
      displayName: `Sluice ${stage}`,
      masterKey: key,
      enforceSSL: true,
    });
    topic.addToResourcePolicy(
      new PolicyStatement({
        sid: 'Alarms',
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
    );
    for (const email of alarms.emails) topic.addSubscription(new EmailSubscription(email));
    this.publish('AlarmTopicArnParameter', this.parameters.alarmTopicArn, topic.topicArn);
  }

  private lakeBucket(key: Key, accessLogs: IBucket, removalPolicy: RemovalPolicy): Bucket {
    const { stage, noncurrentVersionDays, analytics } = this.deployment.settings;
    const bucket = new Bucket(this, 'Bucket', {
      bucketName: bucketName(stage, { account: Aws.ACCOUNT_ID, region: Aws.REGION }),
      encryption: BucketEncryption.KMS,
      encryptionKey: key,
      // One call to KMS serves many objects, instead of one for each read.
      bucketKeyEnabled: true,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      versioned: true,
      serverAccessLogsBucket: accessLogs,
      serverAccessLogsPrefix: 'lake/',
      lifecycleRules: [
        {
          id: 'noncurrent-versions',
          noncurrentVersionExpiration: Duration.days(noncurrentVersionDays),
          expiredObjectDeleteMarker: true,
        },
        { id: 'unfinished-uploads', abortIncompleteMultipartUploadAfter: Duration.days(1) },
        {
          id: 'query-results',
          prefix: queryResultsPrefix,
          expiration: Duration.days(analytics.resultDays),
        },
        // Dropped files, kept for a while in case somebody has to inspect one.
        ...[takenPrefix, refusedPrefix].map((prefix) => ({
          id: prefix.replace('/', ''),
          prefix,
          expiration: Duration.days(droppedFileDays),
        })),
        // Expires only what no query or look-up reads; rows are expired by the maintenance function, in a commit.
        ...this.deployment.eventTypes.flatMap((eventType) => {
          const days = errorRetentionDays(eventType);
          if (days === undefined || eventType.legalHold === true) return [];
          const prefix = errorsPrefix(tableName(eventType));
          return [
            {
              id: `errors-${tableName(eventType)}`,
              prefix,
              expiration: Duration.days(days),
              noncurrentVersionExpiration: Duration.days(1),
            },
          ];
        }),
      ],
      removalPolicy,
    });
    // The construct's own option would add a function; the property is sufficient. Sealed days start joins by these
    // events.
    (bucket.node.defaultChild as CfnBucket).notificationConfiguration = {
      eventBridgeConfiguration: { eventBridgeEnabled: true },
    };
    return bucket;
  }

  /**
   * Creates the bucket for access logs. It is not encrypted with our key, because S3 delivers access logs only to
   * buckets with its own encryption.
   */
  private accessLogsBucket(removalPolicy: RemovalPolicy): Bucket {
    return new Bucket(this, 'AccessLogs', {
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      lifecycleRules: [{ id: 'old-logs', expiration: Duration.days(90) }],
      removalPolicy,
    });
  }

  /**
   * Sets the role with which API Gateway writes logs. There is one role for the whole account and region, so it is
   * set once, here, and kept when the stack is deleted, because other APIs of the account may depend on it.
   */
  private apiGatewayLogging(): void {
    const role = new Role(this, 'ApiGatewayLogsRole', {
      assumedBy: new ServicePrincipal('apigateway.amazonaws.com'),
      inlinePolicies: {
        logs: new PolicyDocument({
          statements: [
            new PolicyStatement({
              actions: [
                'logs:CreateLogGroup',
                'logs:CreateLogStream',
                'logs:DescribeLogGroups',
                'logs:DescribeLogStreams',
                'logs:PutLogEvents',
                'logs:GetLogEvents',
                'logs:FilterLogEvents',
              ],
              resources: ['*'],
            }),
          ],
        }),
      },
    });
    role.applyRemovalPolicy(RemovalPolicy.RETAIN);
    const account = new CfnAccount(this, 'ApiGatewayAccount', { cloudWatchRoleArn: role.roleArn });
    account.applyRemovalPolicy(RemovalPolicy.RETAIN);
  }
}
