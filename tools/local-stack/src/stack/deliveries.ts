import { join } from 'node:path';
import { localAccount, type TemplateResolver } from '@sluice/local-cloudformation';
import type { DataDir } from '@sluice/lake';
import {
  Checkpoints,
  type ConversionThread,
  type Delivered,
  type DeliveryStats,
  DeliveryStream,
  deliveryStreamConfig,
  type DeliveryStreamConfig,
  type DeliveryTrouble,
  FailedPositions,
  type GlueColumn,
  type Positions,
  type ShardReader,
  type ShardRecord,
} from '@sluice/local-firehose';
import {
  type KinesisCall,
  kinesisCaller,
  kinesisSource,
  type LocalKinesis,
  type Stream,
} from '@sluice/local-kinesis';
import type { LocalFunction } from '@sluice/local-lambda';
import type { LiveFeed } from '../console/live-feed';
import type { LogFiles } from '../log-files';
import type { LocalS3 } from '@sluice/local-s3';
import type { Roles } from './roles';
import { bucketStore } from './storage';

export interface Delivery {
  readonly config: DeliveryStreamConfig;
  /** Folder of its files in the bucket, with subfolders by time. */
  readonly rawFolder: string;
  readonly stream: DeliveryStream;
}

export interface StartDeliveriesOptions {
  readonly resolver: TemplateResolver;
  readonly dataDir: DataDir;
  readonly roles: Roles;
  /** Upper bound in milliseconds for every buffering interval. */
  readonly bufferMs: number | undefined;
  readonly s3: LocalS3;
  readonly streams: readonly Stream[];
  readonly kinesis: LocalKinesis;
  readonly functionOf: (arn: string) => LocalFunction;
  readonly conversion: ConversionThread;
  /** Feed that receives each record and its outcome. */
  readonly feed: LiveFeed;
  readonly logs: LogFiles;
  /** Called after each buffer that was delivered to a table. */
  readonly onDelivered: (table: string, delivered: Delivered) => void;
  /** Called with messages for the user. */
  readonly warn: (line: string) => void;
}

const checkpointFileOf = (dataDir: DataDir, { name }: DeliveryStreamConfig): string =>
  join(dataDir.checkpoints, `${name}.json`);

/**
 * Returns, by stream, the delivered position of each of its shards; the lowest one of several delivery streams.
 *
 * @throws {@link DamagedFileError}
 */
export function deliveredPositions(
  resolver: TemplateResolver,
  dataDir: DataDir,
): ReadonlyMap<string, Positions> {
  const byStream = new Map<string, Map<string, string>>();
  for (const resource of resolver.resources('AWS::KinesisFirehose::DeliveryStream')) {
    const config = deliveryStreamConfig(resource);
    const stream = config.sourceStreamArn.split('/')[1] ?? '';
    const least = byStream.get(stream) ?? new Map<string, string>();
    byStream.set(stream, least);
    for (const [shardId, position] of new Checkpoints(checkpointFileOf(dataDir, config))
      .positions) {
      const other = least.get(shardId);
      if (other === undefined || BigInt(position) < BigInt(other)) least.set(shardId, position);
    }
  }
  return byStream;
}

/** Positions of one delivery stream, and failed records that a replay may look up. */
export interface StreamProgress {
  readonly checkpoints: Pick<Checkpoints, 'positions'>;
  readonly failedPositions: Pick<FailedPositions, 'ofShard'>;
}

/**
 * Returns the records of a shard that no delivery stream needs any more: those up to the lowest delivered position,
 * except failed ones. Undefined where a delivery stream has not delivered anything of the shard.
 */
export function trimOf(
  shardId: string,
  progress: readonly StreamProgress[],
): { readonly upTo: string; readonly keep: readonly string[] } | undefined {
  const positions = progress.map(({ checkpoints }) => checkpoints.positions.get(shardId));
  let upTo: string | undefined;
  for (const position of positions) {
    if (position === undefined) return undefined;
    if (upTo === undefined || BigInt(position) < BigInt(upTo)) upTo = position;
  }
  const failed = new Set(
    progress.flatMap(({ failedPositions }) => failedPositions.ofShard(shardId)),
  );
  const keep = [...failed].sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
  return upTo === undefined ? undefined : { upTo, keep };
}

/** Starts the delivery streams of the templates. @returns the streams by the table to which they write */
export function startDeliveries({
  resolver,
  dataDir,
  roles,
  bufferMs,
  s3,
  streams,
  kinesis,
  functionOf,
  conversion,
  feed,
  logs,
  onDelivered,
  warn,
}: StartDeliveriesOptions): ReadonlyMap<string, Delivery> {
  const deliveries = new Map<string, Delivery>();
  /** Progress of each delivery stream, by the name of its source. */
  const bySource = new Map<string, StreamProgress[]>();
  const trimShard = (stream: string, shardId: string, log: (line: string) => void): void => {
    const trim = trimOf(shardId, bySource.get(stream) ?? []);
    if (trim)
      void kinesis.trim({ stream, shardId, ...trim }).catch((error: unknown) => log(String(error)));
  };
  const resources = resolver.resources('AWS::KinesisFirehose::DeliveryStream');
  for (const resource of resources) {
    const config = shortened(deliveryStreamConfig(resource), bufferMs);
    // Keys begin with the table.
    const table = config.prefix.split('/')[0] ?? '';
    const store = bucketStore(
      s3,
      roles.credentialsOf(config.roleArn),
      config.bucketArn.split(':::')[1] ?? '',
    );
    const columns = glueColumns(resolver, config);
    const checkpointFile = checkpointFileOf(dataDir, config);
    const checkpoints = new Checkpoints(checkpointFile);
    const failedPositions = new FailedPositions(
      join(dataDir.checkpoints, `${config.name}-failed.json`),
    );
    const source = streams.find(({ name }) => name === config.sourceStreamArn.split('/')[1]);
    if (!source)
      throw new Error(`${config.name} reads ${config.sourceStreamArn}, which no template makes`);
    const progress = bySource.get(source.name) ?? [];
    bySource.set(source.name, [...progress, { checkpoints, failedPositions }]);
    const call = kinesisCaller(kinesis.url, roles.credentialsOf(config.sourceRoleArn));
    const log = logs.logger(`delivery-${config.name}`);
    const stream = new DeliveryStream(config, localAccount, {
      readers: source.shardIds.map((shardId) =>
        withReadListener(
          shardReader(call, source.name, shardId, checkpoints.positions.get(shardId)),
          (records) => feed.arrived(table, shardId, records),
        ),
      ),
      invoke: (payload) => {
        const functionArn = config.transformation?.functionArn ?? '';
        const message = roles.startRefusal(config.roleArn, functionArn);
        return message === undefined
          ? functionOf(functionArn).invoke(payload)
          : Promise.resolve({ ok: false, errorType: 'AccessDeniedException', message });
      },
      convert: (records) => conversion.convert(records, columns),
      put: async (key, bytes) => {
        await store.put(key, bytes);
      },
      checkpoints,
      onFailed: (places) => {
        feed.failed(table, places);
        failedPositions.add(places);
      },
      onDelivered: (positions, delivered) => {
        feed.delivered(table, positions);
        for (const shardId of positions.keys()) trimShard(source.name, shardId, log);
        onDelivered(table, delivered);
      },
      idlePollMs: idlePollMs(resources.length),
      log,
      onStalled: (trouble) => warn(stalledText(trouble, checkpointFile)),
      onRecovered: () => warn(`The delivery stream ${config.name} works again.`),
    });
    stream.start();
    // The part before the first expression, as far as it is a folder.
    const rawFolder = config.prefix.replace(/[^/]*!\{.*$/, '');
    deliveries.set(table, { config, rawFolder, stream });
  }
  // Records that an earlier process had delivered and, because it was killed, left in the files.
  for (const { name, shardIds } of streams)
    for (const shardId of shardIds) trimShard(name, shardId, logs.logger('streams'));
  return deliveries;
}

/**
 * Returns the milliseconds between two polls of idle shards, for each of a number of delivery streams. A poll takes
 * about 2 ms of Kinesis and the stack, so all of them together take a fifth of a processor at most.
 */
const idlePollMs = (deliveryStreams: number): number => Math.max(250, 10 * deliveryStreams);

/**
 * Milliseconds after which a read is abandoned. It usually takes a few, and a missing answer must not stop the
 * delivery forever.
 */
const readTimeoutMs = 30_000;

function stalledText(
  { deliveryStream, what, reason }: DeliveryTrouble,
  checkpointFile: string,
): string {
  const place = what.startsWith('reading')
    ? ` It reads on from the place in ${checkpointFile}, and begins at the oldest record without that file.`
    : '';
  return `The delivery stream ${deliveryStream} can't continue: ${what} failed (${reason}). It keeps trying, and nothing is lost meanwhile.${place}`;
}

/** Returns a reader that reports what it has read. */
const withReadListener = (
  reader: ShardReader,
  onRead: (records: readonly ShardRecord[]) => void,
): ShardReader => ({
  ...reader,
  next: async () => {
    const records = await reader.next();
    onRead(records);
    return records;
  },
});

function shardReader(
  call: KinesisCall,
  stream: string,
  shardId: string,
  after: string | undefined,
): ShardReader {
  const source = kinesisSource({
    call,
    stream,
    shardId,
    ...(after !== undefined && { after }),
  });
  return {
    shardId,
    next: async () => {
      const records = await source.next(AbortSignal.timeout(readTimeoutMs));
      return records.map(({ approximateArrivalTimestampMs: arrivalMs, ...record }) => ({
        ...record,
        arrivalMs,
      }));
    },
  };
}

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

export const sumStats = (all: readonly DeliveryStats[]): DeliveryStats => {
  const sum = (count: keyof DeliveryStats): number =>
    all.reduce((total, stats) => total + stats[count], 0);
  return {
    recordsRead: sum('recordsRead'),
    rowsDelivered: sum('rowsDelivered'),
    recordsFailed: sum('recordsFailed'),
    recordsDropped: sum('recordsDropped'),
    filesWritten: sum('filesWritten'),
  };
};
