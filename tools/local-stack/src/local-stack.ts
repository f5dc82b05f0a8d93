import type { ObjectStore } from '@sluice/lake-layout';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { place, readAssembly, TemplateResolver } from '@sluice/local-cloudformation';
import { writeWhole } from '@sluice/local-state-files';
import { type Credentials, type DataDir, type Endpoints, lakeBucket } from '@sluice/lake';
import { type Delivered, type DeliveryStats, startConversionThread } from '@sluice/local-firehose';
import { limitedKinesis, mendedText, mendStreams, startKinesis } from '@sluice/local-kinesis';
import type { FunctionResult, LocalFunction } from '@sluice/local-lambda';
import { LogFiles } from './log-files';
import type { Ports } from './ports';
import { startS3 } from '@sluice/local-s3';
import { readSchedule, RunOnChange, startSchedules } from '@sluice/local-eventbridge';
import { startAnalytics } from './stack/analytics';
import { deliveredPositions, startDeliveries, sumStats } from './stack/deliveries';
import { startEvents, type Events } from './stack/events';
import { startFunctions } from './stack/functions';
import { lakeStore } from './stack/lake-store';
import { serveApi } from './stack/rest-apis';
import type { StackFaults } from './stack/stack-faults';
import { isStateMachine, targetStarter } from './stack/targets';

export interface LocalStackOptions {
  /** Cloud assembly to run. */
  readonly assembly: string;
  readonly dataDir: DataDir;
  readonly credentials: Credentials;
  readonly ports: Ports;
  /** Upper bound for the interval of every delivery stream; undefined: as the template says. */
  readonly bufferMs: number | undefined;
  readonly s3LatencyMs: number;
  /** Whether shards refuse what is over Kinesis's limits. @default false */
  readonly streamLimits?: boolean;
  /** Compacts a table soon after files came to it, beside its schedule. @default false */
  readonly compactsOnChange?: boolean;
  /** Called after each buffer that was delivered to a table. */
  readonly onDelivered?: (table: string, delivered: Delivered) => void;
  /** Origins whose pages may call every port, such as the console's; none by default. */
  readonly allowedOrigins?: readonly string[];
  /** What a person should see. */
  readonly warn: (line: string) => void;
  readonly faults?: StackFaults;
}

/** Returns the bundle of a service's own thread or process, which is built beside the runner's. */
const builtService = (service: 'athena' | 'firehose'): string =>
  join(__dirname, '..', 'local-aws', service, 'index.mjs');

export interface LocalStack {
  readonly endpoints: Endpoints;
  readonly lake: ObjectStore;
  /** Seconds after which an event is delivered at the latest. */
  readonly deliverySeconds: number;
  /** Delivers all that is in the streams by now. @throws DeliveryStalledError where a stream can't */
  flush(): Promise<void>;
  /** Resolves when no table waits for its compaction any more, where the stack compacts on change. */
  compacted(): Promise<void>;
  /** Invokes the functions that the templates schedule, now. @throws Error where one fails */
  runSchedules(): Promise<void>;
  /** Runs a function of the templates. @throws Error where there is none of that name */
  invoke(functionName: string, payload: unknown): Promise<FunctionResult>;
  /** Of the delivery stream of a table, or of all. */
  deliveryStats(table?: string): DeliveryStats;
  /** Settles when a part of the stack breaks down on its own. */
  readonly failed: Promise<Error>;
  /** Leaves what is buffered to the next start. Never rejects. @returns what did not end well */
  close(): Promise<readonly Error[]>;
}

const url = (port: number): string => `http://127.0.0.1:${port}`;

/** What an on-demand stream begins with ("Choosing the data stream capacity mode"). */
const onDemandShards = 4;

/** The table that a scheduled run is about. */
const tableOf = (payload: unknown): unknown =>
  (payload as { readonly table?: unknown } | null)?.table;

/** What a part takes to end at the most; a function that runs has to be waited for. */
const closeTimeoutMs = 15_000;

async function within(ms: number, act: () => Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`a part of the stack did not end within ${ms / 1000} s`)),
      ms,
    );
  });
  try {
    await Promise.race([act(), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Starts everything that the assembly describes and writes `endpoints.json`. */
export async function startLocalStack(options: LocalStackOptions): Promise<LocalStack> {
  const { dataDir, credentials, ports, allowedOrigins = [], faults = {} } = options;
  const resolver = new TemplateResolver(readAssembly(options.assembly), place);
  const logs = new LogFiles({ folder: dataDir.logs, warn: options.warn });
  const closers: (() => Promise<unknown>)[] = [() => logs.close()];
  const close = async (): Promise<readonly Error[]> => {
    const faults: Error[] = [];
    // Each of them whatever became of the others, and none for ever.
    for (const closer of closers.reverse().splice(0))
      await within(closeTimeoutMs, closer).catch((error: unknown) => {
        faults.push(error instanceof Error ? error : new Error(String(error)));
      });
    return faults;
  };

  let events: Events | undefined;
  let compaction: RunOnChange | undefined;

  try {
    const bucket = lakeBucket(resolver);
    const buckets = resolver.resources('AWS::S3::Bucket').map(({ ref }) => ref);
    const streamSpecs = resolver.resources('AWS::Kinesis::Stream').map(({ ref, properties }) => ({
      name: ref,
      shards: Number(properties['ShardCount'] ?? onDemandShards),
    }));
    const mended = await mendStreams(
      dataDir.kinesis,
      streamSpecs.map((spec) => ({
        ...spec,
        positions: deliveredPositions(resolver, dataDir, spec.name),
      })),
    );
    if (mended) options.warn(`warning: ${mendedText(dataDir.kinesis, mended)}.`);
    const [s3, streamStore] = await Promise.all([
      startS3({
        folder: dataDir.objects,
        port: ports.s3,
        credentials,
        allowedOrigins,
        buckets,
        region: place.region,
        latencyMs: options.s3LatencyMs,
        ...(faults.s3 && { fault: faults.s3 }),
        onCreated: (object) => events?.created(object),
      }),
      startKinesis({
        folder: dataDir.kinesis,
        port: ports.kinesis,
        credentials,
        allowedOrigins,
      }),
    ]);
    const unlimited = (await faults.aroundKinesis?.(streamStore)) ?? streamStore;
    const kinesis =
      options.streamLimits === true ? await limitedKinesis(unlimited, credentials) : unlimited;
    closers.push(
      () => s3.close(),
      () => kinesis.close(),
    );
    const streams = await streamStore.ensureStreams(streamSpecs);

    let functions: ReadonlyMap<string, LocalFunction> = new Map();
    const analytics = await startAnalytics({
      resolver,
      dataDir,
      credentials,
      allowedOrigins,
      port: ports.services,
      s3,
      functionNamed: (name) => [...functions.values()].find((one) => one.name === name),
      queryWorker: builtService('athena'),
      logs,
    });
    closers.push(() => analytics.close());

    const { aroundFunction } = faults;
    functions = startFunctions({
      resolver,
      credentials,
      s3,
      kinesis,
      analyticsUrl: analytics.url,
      logs,
      ...(aroundFunction && { around: aroundFunction }),
    });
    closers.push(() => Promise.all([...functions.values()].map((one) => one.close())));
    const functionOf = (arn: string): LocalFunction => {
      const found = functions.get(arn);
      if (!found) throw new Error(`no template has the function ${arn}`);
      return found;
    };

    for (const api of ['ingest', 'lookup', 'analytics'] as const) {
      const port = ports[api];
      closers.push(
        await serveApi({
          api,
          port,
          resolver,
          credentials,
          allowedOrigins,
          kinesis,
          functionOf,
          logs,
        }),
      );
    }

    const conversion = startConversionThread(pathToFileURL(builtService('firehose')));
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
      onDelivered: (table, delivered) => {
        if (delivered.rows > 0) compaction?.changed(table);
        options.onDelivered?.(table, delivered);
      },
    });
    closers.push(() => Promise.all([...deliveries.values()].map(({ stream }) => stream.stop())));

    const startTarget = targetStarter({ functionOf, executions: analytics.executions });
    const warn = (name: string, error: unknown): void =>
      options.warn(`${name} failed: ${(error as Error).message}`);
    events = startEvents({ resolver, startTarget, warn });
    const schedules = resolver.resources('AWS::Scheduler::Schedule').map(readSchedule);
    const endSchedules = startSchedules(schedules, ({ name, targetArn, payload }, scheduledMs) => {
      startTarget(targetArn, payload(scheduledMs)).catch((error: unknown) => warn(name, error));
    });
    closers.push(() => {
      endSchedules();
      return Promise.resolve();
    });
    if (options.compactsOnChange) {
      const onChange = new RunOnChange({
        run: async (table) => {
          const scheduled = schedules.find(({ payload }) => tableOf(payload(Date.now())) === table);
          if (!scheduled) return;
          const { name, targetArn, payload } = scheduled;
          await startTarget(targetArn, payload(Date.now())).catch((error: unknown) =>
            warn(name, error),
          );
        },
      });
      compaction = onChange;
      closers.push(() => onChange.stop());
      // What the run before had no time for.
      for (const table of deliveries.keys())
        if (existsSync(join(dataDir.objects, bucket, table, 'raw'))) onChange.changed(table);
    }

    const endpoints: Endpoints = {
      ingest: url(ports.ingest),
      lookup: url(ports.lookup),
      s3: s3.url,
      kinesis: kinesis.url,
      analytics: url(ports.analytics),
      athena: analytics.url,
      stepFunctions: analytics.url,
      lambda: analytics.url,
      bucket,
      region: place.region,
      ...credentials,
    };
    writeWhole(dataDir.endpointsFile, `${JSON.stringify(endpoints, undefined, 2)}\n`);

    return {
      endpoints,
      lake: lakeStore({ s3, credentials, bucket }),
      deliverySeconds:
        Math.max(...[...deliveries.values()].map(({ config }) => config.bufferMs)) / 1000,
      flush: async () => {
        await Promise.all([...deliveries.values()].map(({ stream }) => stream.flush()));
      },
      compacted: async () => compaction?.settle(),
      runSchedules: async () => {
        // It starts anew when it is needed; until then compaction has its memory.
        await conversion.close();
        for (const { targetArn, payload } of schedules)
          if (!isStateMachine(targetArn)) await startTarget(targetArn, payload(Date.now()));
      },
      invoke: async (functionName, payload) => {
        const found = [...functions.values()].find(({ name }) => name === functionName);
        if (!found) throw new Error(`no template has the function ${functionName}`);
        return found.invoke(payload);
      },
      deliveryStats: (table) =>
        sumStats(
          [...deliveries]
            .filter(([name]) => table === undefined || name === table)
            .map(([, { stream }]) => stream.stats),
        ),
      failed: new Promise((resolve) => {
        void kinesis.stopped.then((error) => {
          if (error) resolve(error);
        });
      }),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
