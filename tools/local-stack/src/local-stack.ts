import type { EventType } from '@sluice/event-schema';
import { type Credentials, type DataDir, type Endpoints, lakeBucket } from '@sluice/lake';
import {
  icebergMetadataPrefix,
  manifestPrefix,
  refusedOfReason,
  sealedErrorsOfKey,
  tableOfBackfillErrors,
  type ObjectStore,
} from '@sluice/lake-layout';
import { localAccount, readAssembly, TemplateResolver } from '@sluice/local-cloudformation';
import { type Delivered, type DeliveryStats, startConversionThread } from '@sluice/local-firehose';
import type { LocalKinesis } from '@sluice/local-kinesis';
import type { FunctionResult, LocalFunction } from '@sluice/local-lambda';
import type { S3Options } from '@sluice/local-s3';
import { writeWhole } from '@sluice/local-state-files';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { LogFiles } from './log-files';
import type { Ports } from './ports';
import { LiveFeed } from './console/live-feed';
import { startAnalytics } from './stack/analytics';
import { Closers } from './stack/closers';
import { startConsole } from './stack/console';
import { deliveredPositions, startDeliveries, sumStats } from './stack/deliveries';
import { startEvents, type Events } from './stack/events';
import { startFunctions } from './stack/functions';
import { startIcebergCatalog } from './stack/iceberg-catalog';
import { startOtlpReceiver } from './traces/otlp-receiver';
import { passOnSpans } from './traces/pass-on';
import { TraceStore } from './traces/trace-store';
import { watchIncoming } from './stack/incoming-watcher';
import { serveApis } from './stack/rest-apis';
import { readRoles } from './stack/roles';
import { startStackSchedules, type StackSchedules } from './stack/schedules';
import type { LastingKinesis } from './stack/lasting-kinesis';
import type { LastingServers } from './stack/lasting-servers';
import { bucketStore, startStorage } from './stack/storage';
import { targetStarter } from './stack/targets';

export interface LocalStackOptions {
  /** Folder of the cloud assembly to run. */
  readonly assembly: string;
  readonly dataDir: DataDir;
  readonly credentials: Credentials;
  readonly ports: Ports;
  /** Upper bound in milliseconds for the buffering of every delivery stream; undefined for the templates' values. */
  readonly bufferMs: number | undefined;
  readonly s3LatencyMs: number;
  /** True where shards refuse what exceeds Kinesis's limits. @default false */
  readonly streamLimits?: boolean;
  /** True to compact a table soon after new files arrived, in addition to its schedule. @default false */
  readonly compactsOnChange?: boolean;
  /** Event types by table, with whose schemas the console explains failures. @default none */
  readonly eventTypes?: ReadonlyMap<string, EventType>;
  /** Called after each buffer that was delivered to a table. */
  readonly onDelivered?: (table: string, delivered: Delivered) => void;
  /** Origins whose pages may call every port, such as the console's. @default none */
  readonly allowedOrigins?: readonly string[];
  /** Servers whose ports outlive the stack. @default the ports are closed with the stack */
  readonly servers?: LastingServers;
  /** Keeps Kinesis running after the stack. @default it ends with the stack */
  readonly lastingKinesis?: LastingKinesis;
  /** State of the console that is kept from one stack to the next. @default each stack has its own */
  readonly shown?: { readonly feed: LiveFeed; readonly traces: TraceStore };
  /** Called with messages for the user. */
  readonly warn: (line: string) => void;
  readonly faults?: StackFaults;
}

/** Wrappers at the boundaries between the parts, for programs that test them. */
export interface StackFaults {
  readonly s3?: S3Options['fault'];
  /** Returns the Kinesis that gateway, delivery streams and functions use instead; closing it closes both. */
  readonly aroundKinesis?: (kinesis: LocalKinesis) => Promise<LocalKinesis>;
  /** Returns the function that is used instead of another. */
  readonly aroundFunction?: (one: LocalFunction) => LocalFunction;
}

/** Returns the bundle of a service's thread or process, which is built beside the runner's. */
const builtService = (service: 'athena' | 'firehose'): string =>
  join(__dirname, '..', 'local-aws', service, 'index.mjs');

export interface LocalStack {
  readonly endpoints: Endpoints;
  readonly lake: ObjectStore;
  /** Longest time in seconds until an event is delivered. */
  readonly deliverySeconds: number;
  /** Delivers everything that the streams hold now. @throws DeliveryStalledError where a stream can't */
  flush(): Promise<void>;
  /** Resolves when no table is waiting for its compaction, if the stack compacts on change. */
  compacted(): Promise<void>;
  /** Invokes the scheduled functions of the templates now. @throws Error where one fails */
  runSchedules(): Promise<void>;
  /** Invokes a function of the templates. @throws Error where there is none of that name */
  invoke(functionName: string, payload: unknown): Promise<FunctionResult>;
  /** Returns the counts of a table's delivery stream, or of all together. */
  deliveryStats(table?: string): DeliveryStats;
  /** Resolves to the error when a part of the stack breaks down by itself. */
  readonly failed: Promise<Error>;
  /**
   * Stops the stack; the next start delivers what is buffered. Never rejects.
   *
   * @returns the errors of parts that did not end properly
   */
  close(): Promise<readonly Error[]>;
}

/** Starts everything that the assembly describes and writes `endpoints.json`. */
export async function startLocalStack(options: LocalStackOptions): Promise<LocalStack> {
  const closers = new Closers();
  try {
    return await start(options, closers);
  } catch (error) {
    await closers.close();
    throw error;
  }
}

async function start(options: LocalStackOptions, closers: Closers): Promise<LocalStack> {
  const { dataDir, credentials, ports, allowedOrigins = [], faults = {}, warn } = options;
  const resolver = new TemplateResolver(readAssembly(options.assembly), localAccount);
  const logs = new LogFiles({ folder: dataDir.logs, warn });
  closers.add(() => logs.close());
  const roles = readRoles(resolver, credentials);
  const shared = { resolver, dataDir, credentials, roles, allowedOrigins, logs, warn };

  const sealedRecords = new Map<string, number>();
  // Parts that start last, but are notified by the first ones.
  const late: { events?: Events; schedules?: StackSchedules } = {};
  const { s3, kinesis, streams } = await startStorage({
    ...shared,
    ports,
    s3LatencyMs: options.s3LatencyMs,
    s3Fault: faults.s3,
    servers: options.servers,
    lastingKinesis: options.lastingKinesis,
    aroundKinesis: faults.aroundKinesis,
    hasStreamLimits: options.streamLimits === true,
    delivered: () => deliveredPositions(resolver, dataDir),
    onCreated: (object) => {
      late.events?.created(object);
      // By a delivery stream, or by the function that ingests dropped files.
      const [, written] = /^([^/]+)\/raw\//.exec(object.key) ?? [];
      if (written !== undefined) late.schedules?.changed(written);
      const backfilled = tableOfBackfillErrors(object.key);
      if (backfilled !== undefined)
        options.onDelivered?.(backfilled, { rows: 0, recordsFailed: 0, errorKeys: [object.key] });
      const refused = refusedOfReason(object.key);
      if (refused !== undefined)
        warn(
          `A dropped file can't be ingested: ${readFileSync(join(dataDir.objects, object.bucket, object.key), 'utf8').trim()}. It is kept as ${refused}.`,
        );
      const sealed = sealedErrorsOfKey(object.key);
      if (!sealed) return;
      // The transformer stored these records itself, and the delivery stream saw them as dropped.
      const { table, records: recordsFailed } = sealed;
      sealedRecords.set(table, (sealedRecords.get(table) ?? 0) + recordsFailed);
      options.onDelivered?.(table, { rows: 0, recordsFailed, errorKeys: [object.key] });
    },
    closers,
  });

  let functions: ReadonlyMap<string, LocalFunction> = new Map();
  const functionOf = (arn: string): LocalFunction => {
    const found = functions.get(arn);
    if (!found) throw new Error(`no template has the function ${arn}`);
    return found;
  };
  const functionNamed = (name: string): LocalFunction | undefined =>
    [...functions.values()].find((one) => one.name === name);
  const analytics = await startAnalytics({
    ...shared,
    port: ports.services,
    servers: options.servers,
    s3,
    functionNamed,
    queryWorker: builtService('athena'),
  });
  closers.add(() => analytics.close());
  const traces = options.shown?.traces ?? new TraceStore();
  const receiver = await startOtlpReceiver({
    port: ports.traces,
    serve: options.servers?.serve,
    store: traces,
    allowedOrigins,
    passOn: passOnSpans({ environment: process.env, warn }),
  });
  closers.add(() => receiver.close());
  functions = startFunctions({
    ...shared,
    tracesUrl: receiver.url,
    s3,
    kinesis,
    analyticsUrl: analytics.url,
    ...(faults.aroundFunction && { around: faults.aroundFunction }),
  });
  closers.add(() => Promise.all([...functions.values()].map((one) => one.close())));

  const apis = await serveApis({
    ...shared,
    port: ports.ingest,
    kinesis,
    functionOf,
    servers: options.servers,
  });
  closers.add(() => apis.close());

  const feed = options.shown?.feed ?? new LiveFeed();
  feed.resume(options.eventTypes ?? new Map());
  closers.add(() => {
    if (!options.shown) feed.close();
    return Promise.resolve();
  });
  const conversion = startConversionThread(pathToFileURL(builtService('firehose')));
  closers.add(() => conversion.close());
  const deliveries = startDeliveries({
    ...shared,
    bufferMs: options.bufferMs,
    s3,
    streams,
    kinesis,
    functionOf,
    conversion,
    feed,
    onDelivered: (table, delivered) => {
      feed.rows(table, delivered.rows);
      options.onDelivered?.(table, delivered);
    },
  });
  closers.add(() => Promise.all([...deliveries.values()].map(({ stream }) => stream.stop())));

  const startTarget = targetStarter({ functionOf, executions: analytics.executions, roles });
  const warnOf = (name: string, error: unknown): void =>
    warn(`${name} failed: ${(error as Error).message}`);
  late.events = startEvents({ resolver, startTarget, warn: warnOf });
  const schedules = (late.schedules = startStackSchedules({
    resolver,
    startTarget,
    warn: warnOf,
    runsOnChange: options.compactsOnChange === true,
  }));
  closers.add(() => schedules.close());
  const bucket = lakeBucket(resolver);
  const isThere = (key: string): boolean => existsSync(join(dataDir.objects, bucket, key));
  for (const [table, { rawFolder }] of deliveries) {
    // Rows of an earlier release, which SQL does not see until they are published.
    const isUnpublished = isThere(manifestPrefix(table)) && !isThere(icebergMetadataPrefix(table));
    // Compactions that the previous run did not finish.
    if (isThere(rawFolder) || isUnpublished) schedules.changed(table);
  }

  const incoming = watchIncoming({
    bucketFolder: join(dataDir.objects, bucket),
    onFile: (file) => late.events?.created({ ...file, bucket, etag: '', reason: 'PutObject' }),
  });
  closers.add(() => incoming.close());

  const lake = bucketStore(s3, credentials, bucket);
  const catalog = await startIcebergCatalog({
    port: ports.icebergCatalog,
    servers: options.servers,
    lake,
    bucket,
    namespace: resolver.resources('AWS::Glue::Database')[0]?.ref ?? 'sluice',
    tables: () => [...deliveries.keys()],
    token: credentials.apiKey,
    storage: {
      's3.endpoint': s3.url,
      's3.path-style-access': 'true',
      's3.region': localAccount.region,
      'client.region': localAccount.region,
      's3.access-key-id': credentials.accessKeyId,
      's3.secret-access-key': credentials.secretAccessKey,
    },
    allowedOrigins,
  });
  closers.add(() => catalog.close());

  const { ingest = '', lookup = '', analytics: analyticsApi = '', ...others } = apis.urls;
  const console = await startConsole({
    ...shared,
    port: ports.console,
    servers: options.servers,
    apis: apis.urls,
    athenaUrl: analytics.url,
    feed,
    traces,
  });
  if (console) closers.add(() => console.close());
  const endpoints: Endpoints = {
    ...(console && { console: console.address }),
    ingest,
    lookup,
    s3: s3.url,
    kinesis: kinesis.url,
    analytics: analyticsApi,
    icebergCatalog: `${catalog.url}/iceberg`,
    athena: analytics.url,
    stepFunctions: analytics.url,
    lambda: analytics.url,
    secretsManager: analytics.url,
    glue: analytics.url,
    traces: receiver.url,
    bucket,
    region: localAccount.region,
    ...credentials,
    ...others,
    ...(Object.keys(apis.scopedApiKeys).length > 0 && { scopedApiKeys: apis.scopedApiKeys }),
  };
  writeWhole(dataDir.endpointsFile, `${JSON.stringify(endpoints, undefined, 2)}\n`);

  return {
    endpoints,
    lake,
    deliverySeconds:
      Math.max(...[...deliveries.values()].map(({ config }) => config.bufferMs)) / 1000,
    flush: async () => {
      await Promise.all([...deliveries.values()].map(({ stream }) => stream.flush()));
    },
    compacted: () => schedules.settle(),
    runSchedules: async () => {
      // It starts again when it is needed; until then its memory is free for compaction.
      await conversion.close();
      await schedules.runFunctions();
    },
    invoke: async (functionName, payload) => {
      const found = functionNamed(functionName);
      if (!found) throw new Error(`no template has the function ${functionName}`);
      return found.invoke(payload);
    },
    deliveryStats: (table) => {
      const isMeant = ([name]: readonly [string, unknown]): boolean =>
        table === undefined || name === table;
      const stats = sumStats([...deliveries].filter(isMeant).map(([, { stream }]) => stream.stats));
      const sealed = [...sealedRecords]
        .filter(isMeant)
        .reduce((sum, [, records]) => sum + records, 0);
      return { ...stats, recordsFailed: stats.recordsFailed + sealed };
    },
    failed: new Promise((resolve) => {
      void kinesis.stopped.then((error) => {
        if (error) resolve(error);
      });
    }),
    close: () => closers.close(),
  };
}
