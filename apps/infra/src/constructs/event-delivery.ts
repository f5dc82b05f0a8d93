import { catalogNames, catalogTables, tableName, type EventType } from '@sluice/event-schema';
import { errorsPrefix, rawTablePrefix } from '@sluice/lake-layout';
import { Aws, RemovalPolicy } from 'aws-cdk-lib';
import type { CfnTable } from 'aws-cdk-lib/aws-glue';
import { CfnDeliveryStream } from 'aws-cdk-lib/aws-kinesisfirehose';
import { LogGroup, LogStream } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { Deployment } from '../deployment';
import { databaseName as stageDatabase, functionNames, streamName } from '../names';
import { arns } from './arns';
import { BundleFunction } from './bundle-function';
import { catalogTable } from './catalog-table';
import { ServiceRole } from './service-role';

export interface EventDeliveryProps {
  readonly deployment: Deployment;
  readonly eventType: EventType;
  readonly streamName: string;
  readonly bucketName: string;
  readonly databaseName: string;
  readonly keyArn: string;
}

/** The way of one event type from its stream to Parquet files: function, Glue table and delivery stream. */
export class EventDelivery extends Construct {
  private readonly table: string;
  private readonly props: EventDeliveryProps;

  constructor(scope: Construct, id: string, props: EventDeliveryProps) {
    super(scope, id);
    this.props = props;
    this.table = tableName(props.eventType);
    const transformer = this.transformer();
    const glueTable = this.glueTable();
    this.deliveryStream(transformer, glueTable);
  }

  private transformer(): BundleFunction {
    const { deployment, eventType, streamName: source, keyArn } = this.props;
    const transformer = new BundleFunction(this, 'Transformer', {
      deployment,
      app: 'firehose-transformer',
      functionName: functionNames.transform(deployment.settings.stage, this.table),
      description: `Flattens and types events of ${eventType.name}`,
      eventTypes: [eventType],
      environment: { STREAM_NAME: source, EVENT_TYPE: eventType.name },
      memoryMegabytes: 1_024,
      // Firehose waits for five minutes at most (developer guide: data-transformation).
      timeoutSeconds: 300,
    });
    // Records that would not fit into the answer go back to the stream.
    transformer.allow(['kinesis:PutRecords'], [arns.stream(source)]);
    transformer.allow(['kms:GenerateDataKey'], [keyArn]);
    return transformer;
  }

  private glueTable(): CfnTable {
    const { deployment, bucketName, databaseName, eventType } = this.props;
    const raw = catalogTables({
      eventTypes: [eventType],
      references: [],
      joins: [],
      bucket: bucketName,
      database: stageDatabase(deployment.settings.stage),
    }).find(({ kind }) => kind === 'raw');
    if (!raw) throw new Error(`${eventType.name} has no table of its raw files`);
    return catalogTable(this, 'Table', databaseName, raw);
  }

  private deliveryStream(transformer: BundleFunction, glueTable: CfnTable): void {
    const { deployment, streamName: source, bucketName, databaseName, keyArn } = this.props;
    const { delivery, logRetention, stage } = deployment.settings;
    const name = streamName(stage, this.table);
    const logGroup = new LogGroup(this, 'DeliveryLogs', {
      logGroupName: `/aws/kinesisfirehose/${name}`,
      retention: logRetention,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const logStream = new LogStream(this, 'DeliveryLogStream', {
      logGroup,
      logStreamName: 'delivery',
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = this.deliveryRole(transformer, logGroup);
    const stream = new CfnDeliveryStream(this, 'DeliveryStream', {
      deliveryStreamName: name,
      deliveryStreamType: 'KinesisStreamAsSource',
      kinesisStreamSourceConfiguration: {
        kinesisStreamArn: arns.stream(source),
        roleArn: role.roleArn,
      },
      extendedS3DestinationConfiguration: {
        bucketArn: arns.bucket(bucketName),
        roleArn: role.roleArn,
        prefix: `${rawTablePrefix(this.table)}dt=!{timestamp:yyyy-MM-dd}/hour=!{timestamp:HH}/`,
        errorOutputPrefix: `${errorsPrefix(this.table)}!{firehose:error-output-type}/dt=!{timestamp:yyyy-MM-dd}/`,
        bufferingHints: {
          intervalInSeconds: delivery.bufferSeconds,
          sizeInMBs: delivery.bufferMegabytes,
        },
        // Parquet compresses inside; format conversion refuses anything else here.
        compressionFormat: 'UNCOMPRESSED',
        encryptionConfiguration: { kmsEncryptionConfig: { awskmsKeyArn: keyArn } },
        cloudWatchLoggingOptions: {
          enabled: true,
          logGroupName: logGroup.logGroupName,
          logStreamName: logStream.logStreamName,
        },
        processingConfiguration: {
          enabled: true,
          processors: [
            {
              type: 'Lambda',
              parameters: [
                { parameterName: 'LambdaArn', parameterValue: transformer.function.functionArn },
                { parameterName: 'RoleArn', parameterValue: role.roleArn },
                { parameterName: 'NumberOfRetries', parameterValue: '3' },
                {
                  parameterName: 'BufferSizeInMBs',
                  parameterValue: String(delivery.transformBufferMegabytes),
                },
                {
                  parameterName: 'BufferIntervalInSeconds',
                  parameterValue: String(delivery.transformBufferSeconds),
                },
              ],
            },
          ],
        },
        dataFormatConversionConfiguration: {
          enabled: true,
          inputFormatConfiguration: { deserializer: { openXJsonSerDe: {} } },
          outputFormatConfiguration: { serializer: { parquetSerDe: { compression: 'SNAPPY' } } },
          schemaConfiguration: {
            catalogId: Aws.ACCOUNT_ID,
            databaseName,
            tableName: catalogNames(this.props.eventType).raw,
            region: Aws.REGION,
            roleArn: role.roleArn,
            versionId: 'LATEST',
          },
        },
      },
    });
    // Firehose checks its rights when it is created.
    const policy = role.node.tryFindChild('DefaultPolicy');
    stream.node.addDependency(glueTable, ...(policy ? [policy] : []));
  }

  /** What Firehose's own guide asks for ("Controlling access"), narrowed to this table. */
  private deliveryRole(transformer: BundleFunction, logGroup: LogGroup): ServiceRole {
    const { streamName: source, bucketName, databaseName, keyArn, eventType } = this.props;
    const role = new ServiceRole(this, 'DeliveryRole', {
      service: 'firehose',
      description: `Delivers ${this.table}`,
    });
    role.allow(
      [
        'kinesis:DescribeStream',
        'kinesis:GetShardIterator',
        'kinesis:GetRecords',
        'kinesis:ListShards',
      ],
      [arns.stream(source)],
    );
    role.allow(
      ['lambda:InvokeFunction', 'lambda:GetFunctionConfiguration'],
      // The guide's own policy names a version ("Grant Firehose access to an Amazon S3 destination").
      [transformer.function.functionArn, `${transformer.function.functionArn}:*`],
    );
    role.allow(
      ['s3:GetBucketLocation', 's3:ListBucket', 's3:ListBucketMultipartUploads'],
      [arns.bucket(bucketName)],
    );
    role.allow(
      ['s3:AbortMultipartUpload', 's3:GetObject', 's3:PutObject'],
      [
        arns.objects(bucketName, rawTablePrefix(this.table)),
        arns.objects(bucketName, errorsPrefix(this.table)),
      ],
    );
    role.allow(['kms:Decrypt', 'kms:GenerateDataKey'], [keyArn]);
    role.allow(
      ['glue:GetTable', 'glue:GetTableVersion', 'glue:GetTableVersions'],
      [
        arns.glueCatalog(),
        arns.glueDatabase(databaseName),
        arns.glueTable(databaseName, catalogNames(eventType).raw),
      ],
    );
    role.allow(['logs:PutLogEvents'], [logGroup.logGroupArn]);
    return role;
  }
}
