import { deliveryStreamConfig } from './delivery-stream-config';

const resource = (destination: Record<string, unknown>) => ({
  stackName: 'delivery',
  logicalId: 'Stream',
  type: 'AWS::KinesisFirehose::DeliveryStream',
  ref: 'orders',
  arn: 'arn:delivery',
  properties: {
    KinesisStreamSourceConfiguration: { KinesisStreamARN: 'arn:stream', RoleARN: 'arn:reader' },
    ExtendedS3DestinationConfiguration: {
      BucketARN: 'arn:aws:s3:::lake',
      RoleARN: 'arn:writer',
      ...destination,
    },
  },
});

const lambda = (...parameters: [string, string][]) => ({
  Enabled: true,
  Processors: [
    {
      Type: 'Lambda',
      Parameters: parameters.map(([ParameterName, ParameterValue]) => ({
        ParameterName,
        ParameterValue,
      })),
    },
  ],
});

describe('deliveryStreamConfig', () => {
  test('has the defaults of the API', () => {
    expect(
      deliveryStreamConfig(
        resource({
          ProcessingConfiguration: lambda(['LambdaArn', 'arn:aws:lambda:r:1:function:f:$LATEST']),
        }),
      ),
    ).toEqual({
      name: 'orders',
      arn: 'arn:delivery',
      sourceStreamArn: 'arn:stream',
      sourceRoleArn: 'arn:reader',
      roleArn: 'arn:writer',
      bucketArn: 'arn:aws:s3:::lake',
      prefix: '',
      errorOutputPrefix: '',
      fileExtension: '',
      bufferBytes: 5 * 1024 * 1024,
      bufferMs: 300_000,
      transformation: {
        functionArn: 'arn:aws:lambda:r:1:function:f',
        bufferBytes: 1024 * 1024,
        bufferMs: 60_000,
        retries: 3,
      },
      conversion: undefined,
    });
  });

  test('takes what the template says', () => {
    expect(
      deliveryStreamConfig(
        resource({
          Prefix: 'p/',
          ErrorOutputPrefix: 'e/',
          BufferingHints: { SizeInMBs: 64, IntervalInSeconds: 60 },
          DataFormatConversionConfiguration: {
            Enabled: true,
            SchemaConfiguration: { DatabaseName: 'd', TableName: 't' },
          },
          ProcessingConfiguration: lambda(
            ['LambdaArn', 'arn:f'],
            ['BufferSizeInMBs', '0.5'],
            ['BufferIntervalInSeconds', '10'],
            ['NumberOfRetries', '1'],
          ),
        }),
      ),
    ).toMatchObject({
      prefix: 'p/',
      errorOutputPrefix: 'e/',
      fileExtension: '.parquet',
      bufferBytes: 64 * 1024 * 1024,
      bufferMs: 60_000,
      transformation: { bufferBytes: 512 * 1024, bufferMs: 10_000, retries: 1 },
      conversion: { databaseName: 'd', tableName: 't' },
    });
  });

  test('leaves out what is not enabled', () => {
    expect(
      deliveryStreamConfig(
        resource({
          DataFormatConversionConfiguration: { Enabled: false },
          ProcessingConfiguration: { ...lambda(['LambdaArn', 'arn:f']), Enabled: false },
        }),
      ),
    ).toMatchObject({ conversion: undefined, transformation: undefined });
  });

  test('refuses to compress, by name', () => {
    expect(deliveryStreamConfig(resource({ CompressionFormat: 'UNCOMPRESSED' })).name).toBe(
      'orders',
    );
    expect(() => deliveryStreamConfig(resource({ CompressionFormat: 'GZIP' }))).toThrow(
      /orders has the CompressionFormat GZIP/,
    );
  });

  test('refuses a delivery stream without a Kinesis source', () => {
    expect(() => deliveryStreamConfig({ ...resource({}), properties: {} })).toThrow(
      /orders needs a Kinesis source/,
    );
  });
});
