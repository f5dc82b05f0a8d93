import { hasSubject, isPrivate, tableName } from '@sluice/event-schema';
import { errorsPrefix, tracesPrefix } from '@sluice/lake-layout';
import { secretNames } from '@sluice/privacy';
import { ledgerKey } from '@sluice/privacy/erasures';
import { RemovalPolicy } from 'aws-cdk-lib';
import { CfnDeliveryStream } from 'aws-cdk-lib/aws-kinesisfirehose';
import { LogGroup, LogStream } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { functionNames, streamName } from '../names';
import { arns } from './arns';
import { BundleFunction } from './bundle-function';
import type { DeliveryDestination, EventDeliveryProps } from './delivery-destination';
import { parquetFiles } from './parquet-files';
import { ServiceRole } from './service-role';

/**
 * The path of one event type out of its stream: the function that turns events into rows, and a delivery stream for
 * each destination.
 */
export class EventDelivery extends Construct {
  private readonly table: string;
  private readonly props: EventDeliveryProps;

  constructor(scope: Construct, id: string, props: EventDeliveryProps) {
    super(scope, id);
    this.props = props;
    this.table = tableName(props.eventType);
    const transformer = this.transformer();
    this.deliver(transformer, parquetFiles(this, props));
  }

  private transformer(): BundleFunction {
    const { deployment, eventType, streamName: source, keyArn } = this.props;
    const names = secretNames(deployment.settings.stage);
    const transformer = new BundleFunction(this, 'Transformer', {
      deployment,
      app: 'firehose-transformer',
      functionName: functionNames.transform(deployment.settings.stage, this.table),
      description: `Flattens and types events of ${eventType.name}`,
      eventTypes: [eventType],
      environment: {
        STREAM_NAME: source,
        EVENT_TYPE: eventType.name,
        ...((isPrivate(eventType) || hasSubject(eventType) || deployment.settings.traces) && {
          LAKE_BUCKET: this.props.bucketName,
        }),
        ...(isPrivate(eventType) && { HASH_SECRET: names.hash, ERROR_SECRET: names.errors }),
        ...(hasSubject(eventType) && { LEDGER_SECRET: names.ledger }),
      },
      traces: 'only of callers',
      memoryMegabytes: 1_024,
      // Firehose waits for at most five minutes (developer guide: data-transformation).
      timeoutSeconds: 300,
    });
    // Records that don't fit into the answer are put back into the stream.
    transformer.allow(['kinesis:PutRecords'], [arns.stream(source)]);
    transformer.allow(['kms:GenerateDataKey'], [keyArn]);
    // Rows of recorded events, whose delivery compaction reports.
    if (deployment.settings.traces)
      transformer.allow(
        ['s3:PutObject'],
        [arns.objects(this.props.bucketName, tracesPrefix(this.table))],
      );
    if (isPrivate(eventType)) this.allowPrivacy(transformer);
    if (hasSubject(eventType)) this.allowSuppression(transformer);
    return transformer;
  }

  /** Allows the function to read the ledger of erased people, whose rows it drops. */
  private allowSuppression(transformer: BundleFunction): void {
    const { deployment, bucketName, keyArn } = this.props;
    transformer.allow(['s3:GetObject'], [arns.objects(bucketName, ledgerKey(this.table))]);
    // Without this permission, S3 reports a missing ledger as forbidden.
    transformer.allow(['s3:ListBucket'], [arns.bucket(bucketName)]);
    transformer.allow(['kms:Decrypt'], [keyArn, this.privacyKeyArn()]);
    transformer.allow(
      ['secretsmanager:GetSecretValue'],
      [arns.secret(secretNames(deployment.settings.stage).ledger)],
    );
  }

  private privacyKeyArn(): string {
    const { privacyKeyArn } = this.props;
    if (!privacyKeyArn)
      throw new Error(`${this.table} has privacy or a subject, and there is no key for it`);
    return privacyKeyArn;
  }

  /** Allows the function to hash values and to encrypt failed records, which Firehose would store in clear. */
  private allowPrivacy(transformer: BundleFunction): void {
    const { deployment, bucketName } = this.props;
    const names = secretNames(deployment.settings.stage);
    transformer.allow(
      ['secretsmanager:GetSecretValue'],
      [arns.secret(names.hash), arns.secret(names.errors)],
    );
    transformer.allow(['kms:Decrypt'], [this.privacyKeyArn()]);
    transformer.allow(
      ['s3:PutObject'],
      [arns.objects(bucketName, `${errorsPrefix(this.table)}sealed/`)],
    );
  }

  private deliver(transformer: BundleFunction, destination: DeliveryDestination): void {
    const { deployment, streamName: source } = this.props;
    const { delivery, logRetention, stage } = deployment.settings;
    const { suffix = '' } = destination;
    const name = streamName(stage, this.table) + suffix;
    const logGroup = new LogGroup(this, `DeliveryLogs${suffix}`, {
      logGroupName: `/aws/kinesisfirehose/${name}`,
      retention: logRetention,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const logStream = new LogStream(this, `DeliveryLogStream${suffix}`, {
      logGroup,
      logStreamName: 'delivery',
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = this.deliveryRole(transformer, logGroup, destination);
    const stream = new CfnDeliveryStream(this, `DeliveryStream${suffix}`, {
      deliveryStreamName: name,
      deliveryStreamType: 'KinesisStreamAsSource',
      kinesisStreamSourceConfiguration: {
        kinesisStreamArn: arns.stream(source),
        roleArn: role.roleArn,
      },
      ...destination.configuration({
        roleArn: role.roleArn,
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
      }),
    });
    // Firehose checks its permissions when it is created.
    const policy = role.node.tryFindChild('DefaultPolicy');
    stream.node.addDependency(...(destination.needs ?? []), ...(policy ? [policy] : []));
  }

  /** Creates the role that Firehose's guide asks for ("Controlling access"), restricted to this table. */
  private deliveryRole(
    transformer: BundleFunction,
    logGroup: LogGroup,
    { suffix = '', rights }: DeliveryDestination,
  ): ServiceRole {
    const { streamName: source } = this.props;
    const role = new ServiceRole(this, `DeliveryRole${suffix}`, {
      service: 'firehose',
      description: `Delivers ${this.table}${suffix}`,
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
    for (const { actions, resources } of rights) role.allow(actions, resources);
    role.allow(['logs:PutLogEvents'], [logGroup.logGroupArn]);
    return role;
  }
}
