/** A delivery stream as its template describes it, with the units that this code uses. */
export interface DeliveryStreamConfig {
  readonly name: string;
  readonly arn: string;
  readonly sourceStreamArn: string;
  /** Role with which the source is read. */
  readonly sourceRoleArn: string;
  readonly bucketArn: string;
  /** Role with which objects are written and the function is invoked. */
  readonly roleArn: string;
  readonly prefix: string;
  readonly errorOutputPrefix: string;
  /** File extension with its dot. @default `.parquet` where the format is converted */
  readonly fileExtension: string;
  /** Size of the transformed data, in bytes, at which a buffer is delivered. */
  readonly bufferBytes: number;
  /** Age of a buffer's first record, in milliseconds, at which the buffer is delivered. */
  readonly bufferMs: number;
  readonly transformation: TransformationConfig | undefined;
  /** Undefined where records are delivered unconverted. */
  readonly conversion: { readonly databaseName: string; readonly tableName: string } | undefined;
}

export interface TransformationConfig {
  readonly functionArn: string;
  readonly bufferBytes: number;
  readonly bufferMs: number;
  /** Number of further attempts after a function error. */
  readonly retries: number;
}

const mib = 1024 * 1024;

// Defaults of the API: BufferingHints and ProcessorParameter (Firehose API reference).
const defaultBuffer = { SizeInMBs: 5, IntervalInSeconds: 300 };
const defaultLambdaBuffer = { sizeInMBs: 1, intervalInSeconds: 60 };
const defaultRetries = 3;

interface Destination {
  readonly BucketARN: string;
  readonly RoleARN: string;
  readonly Prefix?: string;
  readonly ErrorOutputPrefix?: string;
  readonly FileExtension?: string;
  readonly CompressionFormat?: string;
  readonly BufferingHints?: {
    readonly SizeInMBs?: number;
    readonly IntervalInSeconds?: number;
  };
  readonly ProcessingConfiguration?: {
    readonly Enabled?: boolean;
    readonly Processors?: readonly {
      readonly Type: string;
      readonly Parameters?: readonly {
        readonly ParameterName: string;
        readonly ParameterValue: string;
      }[];
    }[];
  };
  readonly DataFormatConversionConfiguration?: {
    readonly Enabled?: boolean;
    readonly SchemaConfiguration?: { readonly DatabaseName?: string; readonly TableName?: string };
  };
}

/**
 * Reads the `AWS::KinesisFirehose::DeliveryStream` of a template, with its references resolved.
 *
 * @throws Error for a delivery stream that does not read a Kinesis stream, does not write to S3 or compresses its objects
 */
export function deliveryStreamConfig({
  ref,
  arn,
  properties,
}: {
  readonly ref: string;
  readonly arn: string;
  readonly properties: Readonly<Record<string, unknown>>;
}): DeliveryStreamConfig {
  const source = properties['KinesisStreamSourceConfiguration'] as
    | { readonly KinesisStreamARN: string; readonly RoleARN: string }
    | undefined;
  const destination = properties['ExtendedS3DestinationConfiguration'] as Destination | undefined;
  if (!source || !destination)
    throw new Error(
      `the delivery stream ${ref} needs a Kinesis source and an extended S3 destination`,
    );
  const { CompressionFormat: compression = 'UNCOMPRESSED' } = destination;
  if (compression !== 'UNCOMPRESSED')
    throw new Error(
      `the delivery stream ${ref} has the CompressionFormat ${compression}; here objects are UNCOMPRESSED`,
    );
  const schema = destination.DataFormatConversionConfiguration;
  const converted = schema !== undefined && schema.Enabled !== false;
  return {
    name: ref,
    arn,
    sourceStreamArn: source.KinesisStreamARN,
    sourceRoleArn: source.RoleARN,
    bucketArn: destination.BucketARN,
    roleArn: destination.RoleARN,
    prefix: destination.Prefix ?? '',
    errorOutputPrefix: destination.ErrorOutputPrefix ?? destination.Prefix ?? '',
    fileExtension: destination.FileExtension ?? (converted ? '.parquet' : ''),
    bufferBytes: (destination.BufferingHints?.SizeInMBs ?? defaultBuffer.SizeInMBs) * mib,
    bufferMs:
      (destination.BufferingHints?.IntervalInSeconds ?? defaultBuffer.IntervalInSeconds) * 1000,
    transformation: transformationConfig(destination),
    conversion: converted
      ? {
          databaseName: schema.SchemaConfiguration?.DatabaseName ?? '',
          tableName: schema.SchemaConfiguration?.TableName ?? '',
        }
      : undefined,
  };
}

function transformationConfig(destination: Destination): TransformationConfig | undefined {
  const { Enabled, Processors = [] } = destination.ProcessingConfiguration ?? {};
  const processor = Processors.find(({ Type }) => Type === 'Lambda');
  if (Enabled === false || !processor) return undefined;
  const parameters = new Map(
    processor.Parameters?.map(({ ParameterName, ParameterValue }) => [
      ParameterName,
      ParameterValue,
    ]),
  );
  const number = (name: string, fallback: number): number =>
    Number(parameters.get(name) ?? fallback);
  return {
    // A version or alias may follow the name; it is dropped, because the local stack has one version of each
    // function.
    functionArn: (parameters.get('LambdaArn') ?? '').split(':').slice(0, 7).join(':'),
    bufferBytes: number('BufferSizeInMBs', defaultLambdaBuffer.sizeInMBs) * mib,
    bufferMs: number('BufferIntervalInSeconds', defaultLambdaBuffer.intervalInSeconds) * 1000,
    retries: number('NumberOfRetries', defaultRetries),
  };
}
