import { s3Client, s3ObjectStore } from '@sluice/aws-clients';
import type { ObjectStore } from '@sluice/lake-layout';
import { createServer, type RequestListener, type Server } from 'node:http';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createRestApi, type RestApi } from './api-gateway';
import { readAssembly } from './assembly/assembly';
import { TemplateResolver, type ResolvedResource } from './assembly/resolver';
import { writeWhole, type Credentials, type DataDir } from './data-dir';
import { Checkpoints } from './firehose/checkpoints';
import { startConversionThread, type ConversionThread } from './firehose/conversion-thread';
import { DeliveryStream, type DeliveryStats, type ShardReader } from './firehose/delivery-stream';
import { deliveryStreamConfig, type DeliveryStreamConfig } from './firehose/delivery-stream-config';
import type { GlueColumn } from './firehose/format-conversion';
import type { Stream } from './kinesis/ensure-streams';
import { kinesisSource } from './kinesis/kinesis-source';
import { startKinesis, type LocalKinesis } from './kinesis/start-kinesis';
import { startFunction, type LocalFunction } from './lambda/start-function';
import { LogFiles } from './log-files';
import { startS3, type LocalS3 } from './s3/start-s3';
import { readSchedule, type Schedule } from './schedule/schedules';

export interface LocalStackOptions {
  /** Cloud assembly to run. */
  readonly assembly: string;
  readonly dataDir: DataDir;
  readonly credentials: Credentials;
  readonly ports: Ports;
  /** Upper bound for the interval of every delivery stream; undefined: as the template says. */
  readonly bufferMs: number | undefined;
  readonly s3LatencyMs: number;
  /** What a person should see. */
  readonly warn: (line: string) => void;
}

export interface Ports {
  readonly ingest: number;
  readonly lookup: number;
  readonly s3: number;
  readonly kinesis: number;
}

/** What `endpoints.json` holds; URLs without a trailing slash. */
export interface Endpoints extends Credentials {
  readonly ingest: string;
  readonly lookup: string;
  readonly s3: string;
  readonly kinesis: string;
  readonly bucket: string;
  readonly region: string;
}

export interface LocalStack {
  readonly endpoints: Endpoints;
  readonly lake: ObjectStore;
  /** Seconds after which an event is delivered at the latest. */
  readonly deliverySeconds: number;
  /** Delivers all that is in the streams by now. */
  flush(): Promise<void>;
  /** Runs what the templates schedule, now. @throws Error where a run fails */
  runSchedules(): Promise<void>;
  /** Of the delivery stream of a table. */
  deliveryStats(table: string): DeliveryStats;
  /** @param flush deliver what is buffered first */
  close(options: { readonly flush: boolean }): Promise<void>;
}

const host = '127.0.0.1';
const place = { region: 'us-east-1', accountId: '000000000000' };
const url = (port: number): string => `http://${host}:${port}`;

/** What an on-demand stream begins with ("Choosing the data stream capacity mode"). */
const onDemandShards = 4;

/** Stack names end in the app they deploy. */
const apiStacks = { ingest: 'ingest-gateway', lookup: 'lookup-api' } as const;

/** Starts everything that the assembly describes and writes `endpoints.json`. */
export async function startLocalStack(options: LocalStackOptions): Promise<LocalStack> {
  const { dataDir, credentials, ports } = options;
  const resolver = new TemplateResolver(readAssembly(options.assembly), place);
  const logs = new LogFiles(dataDir.logs);
  const closers: (() => Promise<unknown>)[] = [() => logs.close()];
  const close = async (): Promise<void> => {
    for (const closer of closers.reverse().splice(0)) await closer();
  };

  try {
    const bucket = lakeBucket(resolver);
    const buckets = resolver.resources('AWS::S3::Bucket').map(({ ref }) => ref);
    const [s3, kinesis] = await Promise.all([
      startS3({
        folder: dataDir.objects,
        port: ports.s3,
        accessKeyId: credentials.accessKeyId,
        buckets,
        region: place.region,
        latencyMs: options.s3LatencyMs,
      }),
      startKinesis({ folder: dataDir.kinesis, port: ports.kinesis }),
    ]);
    closers.push(
      () => s3.close(),
      () => kinesis.close(),
    );
    const streams = await kinesis.ensureStreams(
      resolver.resources('AWS::Kinesis::Stream').map(({ ref, properties }) => ({
        name: ref,
        shards: Number(properties['ShardCount'] ?? onDemandShards),
      })),
    );

    const functions = startFunctions({ resolver, credentials, s3, kinesis, logs });
    closers.push(() => Promise.all([...functions.values()].map((one) => one.close())));
    const functionOf = (arn: string): LocalFunction => {
      const found = functions.get(arn);
      if (!found) throw new Error(`no template has the function ${arn}`);
      return found;
    };

    for (const api of ['ingest', 'lookup'] as const) {
      const gateway = restApi({
        api,
        resolver,
        credentials,
        kinesis,
        functionOf,
        logs,
      });
      const server = await listen(gateway.listener, ports[api]);
      closers.push(async () => {
        await closeServer(server);
        gateway.close();
      });
    }

    const conversion = startConversionThread(
      pathToFileURL(join(__dirname, 'firehose', 'conversion-worker.mjs')),
    );
    closers.push(() => conversion.close());
    const deliveries = startDeliveries({
      ...options,
      resolver,
      s3,
      streams,
      kinesis,
      functionOf,
      conversion,
      logs,
    });
    closers.push(() => Promise.all([...deliveries.values()].map(({ stream }) => stream.stop())));

    const schedules = resolver.resources('AWS::Scheduler::Schedule').map(readSchedule);
    const timers = schedules.map((schedule) =>
      setInterval(() => {
        void runSchedule(schedule, functionOf).catch((error: unknown) =>
          options.warn((error as Error).message),
        );
      }, schedule.everyMs),
    );
    closers.push(() => {
      timers.forEach((timer) => clearInterval(timer));
      return Promise.resolve();
    });

    const endpoints: Endpoints = {
      ingest: url(ports.ingest),
      lookup: url(ports.lookup),
      s3: s3.url,
      kinesis: kinesis.url,
      bucket,
      region: place.region,
      ...credentials,
    };
    writeWhole(dataDir.endpointsFile, `${JSON.stringify(endpoints, undefined, 2)}\n`);

    const flush = async (): Promise<void> => {
      await Promise.all([...deliveries.values()].map(({ stream }) => stream.flush()));
    };
    return {
      endpoints,
      lake: lakeStore({ s3, credentials, bucket }),
      deliverySeconds:
        Math.max(...[...deliveries.values()].map(({ config }) => config.bufferMs)) / 1000,
      flush,
      runSchedules: async () => {
        for (const schedule of schedules) await runSchedule(schedule, functionOf);
      },
      deliveryStats: (table) => {
        const delivery = deliveries.get(table);
        if (!delivery) throw new Error(`no delivery stream writes the table ${table}`);
        return delivery.stream.stats;
      },
      close: async ({ flush: first }) => {
        if (first) await flush();
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The bucket that delivery streams write to. */
function lakeBucket(resolver: TemplateResolver): string {
  const [first] = resolver
    .resources('AWS::KinesisFirehose::DeliveryStream')
    .map(deliveryStreamConfig);
  if (!first) throw new Error('the templates have no delivery stream');
  return first.bucketArn.split(':::')[1] ?? '';
}

function startFunctions({
  resolver,
  credentials,
  s3,
  kinesis,
  logs,
}: {
  readonly resolver: TemplateResolver;
  readonly credentials: Credentials;
  readonly s3: LocalS3;
  readonly kinesis: LocalKinesis;
  readonly logs: LogFiles;
}): ReadonlyMap<string, LocalFunction> {
  return new Map(
    resolver.resources('AWS::Lambda::Function').map((resource) => {
      const { ref, arn, properties } = resource;
      const { Variables = {} } = (properties['Environment'] ?? {}) as {
        readonly Variables?: Readonly<Record<string, string>>;
      };
      return [
        arn,
        startFunction({
          name: ref,
          folder: resolver.codeFolder(resource),
          handler: String(properties['Handler']),
          timeoutMs: Number(properties['Timeout'] ?? 3) * 1000,
          memoryMb: Number(properties['MemorySize'] ?? 128),
          environment: {
            ...Variables,
            AWS_REGION: place.region,
            AWS_ACCESS_KEY_ID: credentials.accessKeyId,
            AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
            AWS_ENDPOINT_URL_S3: s3.url,
            AWS_ENDPOINT_URL_KINESIS: kinesis.url,
            ...awsEndpointOverrides(),
          },
          log: logs.logger(ref),
        }),
      ] as const;
    }),
  );
}

/** Another emulator, or AWS itself, can stand in for a part: the SDK's own variables say so. */
const awsEndpointOverrides = (): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(process.env).filter(
      (entry): entry is [string, string] =>
        entry[0].startsWith('AWS_ENDPOINT_URL') && entry[1] !== undefined,
    ),
  );

function restApi({
  api,
  resolver,
  credentials,
  kinesis,
  functionOf,
  logs,
}: {
  readonly api: keyof typeof apiStacks;
  readonly resolver: TemplateResolver;
  readonly credentials: Credentials;
  readonly kinesis: LocalKinesis;
  readonly functionOf: (arn: string) => LocalFunction;
  readonly logs: LogFiles;
}): RestApi {
  const inStack = ({ stackName }: ResolvedResource): boolean => stackName.endsWith(apiStacks[api]);
  const resource = resolver.resources('AWS::ApiGateway::RestApi').find(inStack);
  if (!resource) throw new Error(`no stack ${apiStacks[api]} with a REST API in the assembly`);
  const stage = resolver.resources('AWS::ApiGateway::Stage').find(inStack);
  const plan = resolver.resources('AWS::ApiGateway::UsagePlan').find(inStack);
  const { RateLimit, BurstLimit } = (plan?.properties['Throttle'] ?? {}) as {
    readonly RateLimit?: number;
    readonly BurstLimit?: number;
  };
  const { Format } = (stage?.properties['AccessLogSetting'] ?? {}) as { readonly Format?: string };
  const logError = logs.logger(apiStacks[api]);
  return createRestApi({
    document: resource.properties['Body'],
    stageName: stage ? String(stage.properties['StageName']) : 'local',
    apiKeys: [credentials.apiKey],
    ...(RateLimit !== undefined &&
      BurstLimit !== undefined && {
        throttle: { requestsPerSecond: RateLimit, burst: BurstLimit },
      }),
    kinesis: { endpoint: kinesis.url, region: place.region, credentials },
    invokeFunction: async (arn, payload) => {
      const outcome = await functionOf(arn).invoke(payload);
      if (!outcome.ok) throw new Error(`${outcome.errorType}: ${outcome.message}`);
      return outcome.payload;
    },
    ...(Format !== undefined && { accessLogFormat: Format }),
    accessLog: logs.logger(`${apiStacks[api]}-access`),
    reportError: (requestId, error) => {
      logError(JSON.stringify({ requestId, error: String(error) }));
    },
  });
}

const listen = (listener: RequestListener, port: number): Promise<Server> =>
  new Promise((resolve, reject) => {
    const server = createServer(listener);
    server.once('error', reject);
    server.listen(port, host, () => resolve(server));
  });

const closeServer = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });

interface Delivery {
  readonly config: DeliveryStreamConfig;
  readonly stream: DeliveryStream;
}

/** By the table they write. */
function startDeliveries({
  resolver,
  dataDir,
  credentials,
  bufferMs,
  s3,
  streams,
  kinesis,
  functionOf,
  conversion,
  logs,
}: LocalStackOptions & {
  readonly resolver: TemplateResolver;
  readonly s3: LocalS3;
  readonly streams: readonly Stream[];
  readonly kinesis: LocalKinesis;
  readonly functionOf: (arn: string) => LocalFunction;
  readonly conversion: ConversionThread;
  readonly logs: LogFiles;
}): ReadonlyMap<string, Delivery> {
  const deliveries = new Map<string, Delivery>();
  for (const resource of resolver.resources('AWS::KinesisFirehose::DeliveryStream')) {
    const config = shortened(deliveryStreamConfig(resource), bufferMs);
    const store = lakeStore({ s3, credentials, bucket: config.bucketArn.split(':::')[1] ?? '' });
    const columns = glueColumns(resolver, config);
    const checkpoints = new Checkpoints(join(dataDir.checkpoints, `${config.name}.json`));
    const source = streams.find(({ name }) => name === config.sourceStreamArn.split('/')[1]);
    if (!source)
      throw new Error(`${config.name} reads ${config.sourceStreamArn}, which no template makes`);
    const stream = new DeliveryStream(config, place, {
      readers: source.shardIds.map((shardId) =>
        shardReader(kinesis, source.name, shardId, checkpoints.positions.get(shardId)),
      ),
      invoke: (payload) => functionOf(config.transformation?.functionArn ?? '').invoke(payload),
      convert: (records) => conversion.convert(records, columns),
      put: async (key, bytes) => {
        await store.put(key, bytes);
      },
      checkpoints,
      log: logs.logger(`delivery-${config.name}`),
    });
    stream.start();
    deliveries.set(config.conversion?.tableName ?? config.name, { config, stream });
  }
  return deliveries;
}

function shardReader(
  kinesis: LocalKinesis,
  stream: string,
  shardId: string,
  after: string | undefined,
): ShardReader {
  const source = kinesisSource({
    endpoint: kinesis.url,
    stream,
    shardId,
    ...(after !== undefined && { after }),
  });
  return {
    shardId,
    next: async () => {
      const records = await source.next();
      return records.map(({ approximateArrivalTimestampMs: arrivalMs, ...record }) => ({
        ...record,
        arrivalMs,
      }));
    },
  };
}

const lakeStore = ({
  s3,
  credentials,
  bucket,
}: {
  readonly s3: LocalS3;
  readonly credentials: Credentials;
  readonly bucket: string;
}): ObjectStore =>
  s3ObjectStore({
    client: s3Client({ endpoint: s3.url, region: place.region, credentials }),
    bucket,
  });

function shortened(config: DeliveryStreamConfig, bufferMs = Infinity): DeliveryStreamConfig {
  return {
    ...config,
    bufferMs: Math.min(config.bufferMs, bufferMs),
    transformation: config.transformation && {
      ...config.transformation,
      bufferMs: Math.min(config.transformation.bufferMs, bufferMs),
    },
  };
}

function glueColumns(
  resolver: TemplateResolver,
  { name, conversion }: DeliveryStreamConfig,
): readonly GlueColumn[] {
  if (!conversion) return [];
  const table = resolver
    .resources('AWS::Glue::Table')
    .find(
      ({ ref, properties }) =>
        ref === conversion.tableName && properties['DatabaseName'] === conversion.databaseName,
    );
  if (!table)
    throw new Error(
      `the delivery stream ${name} converts by the Glue table ${conversion.databaseName}.${conversion.tableName}, which no template has`,
    );
  const { StorageDescriptor } = table.properties['TableInput'] as {
    readonly StorageDescriptor: { readonly Columns: readonly GlueColumn[] };
  };
  return StorageDescriptor.Columns;
}

async function runSchedule(
  { name, targetArn, payload }: Schedule,
  functionOf: (arn: string) => LocalFunction,
): Promise<void> {
  const outcome = await functionOf(targetArn).invoke(payload);
  if (!outcome.ok) throw new Error(`${name} failed: ${outcome.errorType}: ${outcome.message}`);
}
