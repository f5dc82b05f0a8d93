import { randomUUID } from 'node:crypto';
import type { Checkpoints, Positions } from './checkpoints';
import { deliveryObjects } from './delivery-objects';
import type { DeliveryStreamConfig } from './delivery-stream-config';
import type { FailedRecord } from './error-output';
import type { FailedPosition } from './failed-positions';
import type { ConversionResult } from './format-conversion';
import { PendingRecords } from './pending-records';
import { Persistence, type DeliveryTrouble } from './persistence';
import { dataBytes, type ShardReader, type SourceRecord } from './source-record';
import {
  transformBatch,
  type InvocationOutcome,
  type TransformationErrorCode,
} from './transformation';

/** The outside world of a delivery stream: what it reads, calls and writes. */
export interface DeliveryPorts {
  readonly readers: readonly ShardReader[];
  readonly invoke: (payload: unknown) => Promise<InvocationOutcome>;
  /** Converts records to one Parquet file by the Glue table; see `convertRecords`. */
  readonly convert: (records: readonly Uint8Array[]) => Promise<ConversionResult>;
  readonly put: (key: string, bytes: Uint8Array) => Promise<void>;
  readonly checkpoints: Checkpoints;
  /** Called with the records that only the error output will hold, before the checkpoint passes them. */
  readonly onFailed?: (places: readonly FailedPosition[]) => void;
  /** Called when all objects of a buffer are stored. The stream need not keep records up to these positions. */
  readonly onDelivered?: (positions: Positions, delivered: Delivered) => void;
  readonly log: (line: string) => void;
  /** Called once when delivery has been failing for some seconds; it continues to try. */
  readonly onStalled?: (trouble: DeliveryTrouble) => void;
  /** Called once when a stalled delivery works again. */
  readonly onRecovered?: () => void;
  /** Returns the time of day in milliseconds since 1970, for names and times in the output. */
  readonly now?: () => number;
  /**
   * Returns milliseconds on a clock that never goes back, for ages: setting the clock back must not hold up a buffer.
   */
  readonly elapsedMs?: () => number;
  readonly sleep?: (ms: number) => Promise<void>;
  readonly randomUuid?: () => string;
  /** Milliseconds between two reads of shards that hold nothing new. @default 250 */
  readonly idlePollMs?: number;
}

/** Result of delivering one buffer. */
export interface Delivered {
  readonly rows: number;
  readonly recordsFailed: number;
  /** Keys of the stored objects of the error output. */
  readonly errorKeys: readonly string[];
}

export interface DeliveryStats {
  readonly recordsRead: number;
  readonly rowsDelivered: number;
  readonly recordsFailed: number;
  readonly recordsDropped: number;
  readonly filesWritten: number;
}

/** Transformed records that wait for their file. */
interface DeliveryBuffer {
  readonly sources: SourceRecord[];
  readonly data: Uint8Array[];
  readonly failed: FailedRecord[];
  bytes: number;
}

const emptyBuffer = (): DeliveryBuffer => ({ sources: [], data: [], failed: [], bytes: 0 });

const defaultIdlePollMs = 250;

/**
 * Runs one delivery stream: shards → transformation → conversion → objects, at least once. A checkpoint is written
 * only after every object of a buffer, including the error output, is stored; after a crash before that, the buffer
 * is delivered again.
 */
export class DeliveryStream {
  readonly #config: DeliveryStreamConfig;
  readonly #account: { readonly region: string; readonly accountId: string };
  readonly #ports: DeliveryPorts;
  readonly #now: () => number;
  readonly #elapsed: () => number;
  readonly #sleep: (ms: number) => Promise<void>;
  readonly #persistence: Persistence;

  readonly #pending = new PendingRecords();
  #buffer = emptyBuffer();
  /** Moment at which the oldest record that is pending or in the buffer was read. */
  #openedAtMs: number | undefined;
  #positions = new Map<string, string>();
  /** Number of successive rounds over the shards in which none could be read. */
  #failedRounds = 0;
  /** Number of successive rounds over the shards that found no records. */
  #quietRounds = 0;
  #running: Promise<void> | undefined;
  #stats = {
    recordsRead: 0,
    rowsDelivered: 0,
    recordsFailed: 0,
    recordsDropped: 0,
    filesWritten: 0,
  };

  constructor(
    config: DeliveryStreamConfig,
    account: { readonly region: string; readonly accountId: string },
    ports: DeliveryPorts,
  ) {
    this.#config = config;
    this.#account = account;
    this.#ports = ports;
    this.#now = ports.now ?? Date.now;
    this.#elapsed = ports.elapsedMs ?? (() => performance.now());
    // A pause that nothing waits for any more must not keep the process alive.
    this.#sleep =
      ports.sleep ?? ((ms) => new Promise((resolve) => setTimeout(resolve, ms).unref()));
    this.#persistence = new Persistence({
      deliveryStream: config.name,
      elapsedMs: this.#elapsed,
      sleep: this.#sleep,
      log: (message, fields) => this.#log(message, fields),
      onStalled: (trouble) => ports.onStalled?.(trouble),
      onRecovered: () => ports.onRecovered?.(),
    });
  }

  get stats(): DeliveryStats {
    return this.#stats;
  }

  start(): void {
    this.#running ??= this.#run().catch((error: unknown) => this.#persistence.breakDown(error));
  }

  /**
   * Delivers everything that the stream holds now, and what a transformation puts back in the meantime.
   *
   * @throws DeliveryStalledError where delivery has been failing for some seconds and still does
   */
  async flush(): Promise<void> {
    if (this.#persistence.isStopping) return;
    // The current round may have read the shards before the last record arrived.
    this.#quietRounds = -1;
    await this.#persistence.flush();
  }

  /** Stops without delivering what is buffered; the next start reads it again. */
  async stop(): Promise<void> {
    this.#persistence.stop();
    await this.#running;
    this.#persistence.endFlushes();
  }

  async #run(): Promise<void> {
    const persistence = this.#persistence;
    while (!persistence.isStopping) {
      const read = await this.#read();
      this.#quietRounds = read > 0 ? 0 : this.#quietRounds + 1;
      await this.#transformDue();
      if (this.#isDeliveryDue()) await this.#deliver();
      if (read > 0) continue;
      if (persistence.isFlushing && this.#quietRounds >= 2) {
        if (this.#openedAtMs === undefined) persistence.endFlushes();
        else await this.#deliver();
        this.#quietRounds = 0;
      } else if (!persistence.isFlushing) {
        await persistence.pause(this.#ports.idlePollMs ?? defaultIdlePollMs);
      }
    }
  }

  /** Reads each shard once. @returns the number of new records */
  async #read(): Promise<number> {
    const { readers } = this.#ports;
    const rounds = await Promise.allSettled(
      readers.map(async (reader) => ({ shardId: reader.shardId, records: await reader.next() })),
    );
    let count = 0;
    let failures = 0;
    for (const [index, round] of rounds.entries()) {
      const what = `reading ${readers[index]?.shardId ?? 'a shard'}`;
      if (round.status === 'rejected') {
        failures++;
        this.#persistence.failed(what, round.reason);
        continue;
      }
      this.#persistence.succeeded(what);
      const { shardId, records } = round.value;
      for (const record of records) {
        this.#pending.add(shardId, record);
        this.#positions.set(shardId, record.sequenceNumber);
      }
      count += records.length;
    }
    if (count > 0) this.#openedAtMs ??= this.#elapsed();
    this.#stats.recordsRead += count;
    this.#failedRounds = failures > 0 && failures === rounds.length ? this.#failedRounds + 1 : 0;
    if (failures > 0) {
      this.#quietRounds = -1;
      await this.#persistence.pause(this.#persistence.backoffMs(this.#failedRounds));
    }
    return count;
  }

  #ageMs(): number {
    return this.#openedAtMs === undefined ? 0 : this.#elapsed() - this.#openedAtMs;
  }

  #isDeliveryDue(): boolean {
    if (this.#openedAtMs === undefined) return false;
    return this.#ageMs() >= this.#config.bufferMs || this.#buffer.bytes >= this.#config.bufferBytes;
  }

  async #transformDue(): Promise<void> {
    const { transformation } = this.#config;
    if (!transformation) return this.#transformPending();
    while (this.#pending.bytes >= transformation.bufferBytes) {
      await this.#transform(this.#pending.take(transformation.bufferBytes));
      if (this.#buffer.bytes >= this.#config.bufferBytes) return;
    }
    if (this.#ageMs() >= transformation.bufferMs) await this.#transformPending();
  }

  async #transformPending(): Promise<void> {
    const limit = this.#config.transformation?.bufferBytes ?? Number.POSITIVE_INFINITY;
    while (!this.#pending.isEmpty) await this.#transform(this.#pending.take(limit));
  }

  async #transform(batch: readonly SourceRecord[]): Promise<void> {
    const { transformation, arn, sourceStreamArn } = this.#config;
    if (!transformation) {
      for (const source of batch) this.#accept(source, Buffer.from(source.data, 'base64'));
      return;
    }
    const answers = await transformBatch(batch, {
      deliveryStreamArn: arn,
      sourceStreamArn,
      region: this.#account.region,
      retries: transformation.retries,
      invoke: this.#ports.invoke,
      sleep: this.#sleep,
    });
    const failures = new Map<TransformationErrorCode, number>();
    for (const answer of answers) {
      if (answer.kind === 'ok') this.#accept(answer.source, answer.data);
      else if (answer.kind === 'dropped') this.#stats.recordsDropped++;
      else {
        failures.set(answer.errorCode, (failures.get(answer.errorCode) ?? 0) + 1);
        this.#buffer.failed.push({
          errorOutputType: 'processing-failed',
          source: answer.source,
          attempts: answer.attempts,
          errorCode: answer.errorCode,
          errorMessage: answer.errorMessage,
          functionArn: transformation.functionArn,
        });
      }
    }
    for (const [errorCode, records] of failures)
      this.#log('records failed in the transformation', { errorCode, records });
  }

  #accept(source: SourceRecord, data: Uint8Array): void {
    this.#buffer.sources.push(source);
    this.#buffer.data.push(data);
    this.#buffer.bytes += data.length;
  }

  async #deliver(): Promise<void> {
    const { checkpoints, put, onFailed, onDelivered, randomUuid = randomUUID } = this.#ports;
    const persistence = this.#persistence;
    await this.#transformPending();
    const buffer = this.#buffer;
    const positions = this.#positions;
    const file = await persistence.insist('converting records', () => this.#convert(buffer));
    if (file === undefined) return;

    const failed = [...buffer.failed, ...file.failed];
    const objects = deliveryObjects({
      config: this.#config,
      file,
      failed,
      oldestArrivalMs: oldestArrivalMs(buffer),
      endedAtMs: this.#now(),
      randomUuid,
    });
    for (const { key, bytes } of objects) {
      const stored = await persistence.insist(`storing ${key}`, async () => {
        await put(key, bytes);
        return true;
      });
      if (stored === undefined) return;
    }
    // A full disk refuses the checkpoint just as it refuses an object.
    const noted = await persistence.insist('noting what is delivered', () => {
      onFailed?.(
        failed.map(({ source }) => ({
          shardId: source.shardId,
          sequenceNumber: source.sequenceNumber,
          bytes: dataBytes(source),
        })),
      );
      checkpoints.advance(positions);
      return Promise.resolve(true);
    });
    if (noted === undefined) return;
    this.#stats.rowsDelivered += file.rows;
    this.#stats.recordsFailed += failed.length;
    this.#stats.filesWritten += objects.length;
    this.#buffer = emptyBuffer();
    this.#positions = new Map();
    this.#openedAtMs = undefined;
    onDelivered?.(positions, {
      rows: file.rows,
      recordsFailed: failed.length,
      errorKeys: objects.filter(({ isErrors }) => isErrors).map(({ key }) => key),
    });
  }

  async #convert({ data, sources }: DeliveryBuffer): Promise<{
    readonly bytes: Uint8Array;
    readonly rows: number;
    readonly failed: readonly FailedRecord[];
  }> {
    const { conversion } = this.#config;
    if (!conversion) return { bytes: Buffer.concat(data), rows: data.length, failed: [] };
    const { parquet, rows, faults } = await this.#ports.convert(data);
    const { region, accountId: catalogId } = this.#account;
    const failed = faults.flatMap(({ index, errorCode, errorMessage }): readonly FailedRecord[] => {
      const source = sources[index];
      const converted = data[index];
      if (!source || !converted) return [];
      const errorOutputType = 'format-conversion-failed';
      const table = { ...conversion, region, catalogId };
      return [{ errorOutputType, source, converted, errorCode, errorMessage, table }];
    });
    if (failed.length > 0)
      this.#log('records failed in the format conversion', {
        records: failed.length,
        first: failed[0]?.errorMessage ?? '',
      });
    return { bytes: parquet, rows, failed };
  }

  #log(message: string, fields: Readonly<Record<string, string | number>>): void {
    this.#ports.log(JSON.stringify({ deliveryStream: this.#config.name, message, ...fields }));
  }
}

function oldestArrivalMs({ sources, failed }: DeliveryBuffer): number {
  let oldest = Number.POSITIVE_INFINITY;
  for (const { arrivalMs } of sources) oldest = Math.min(oldest, arrivalMs);
  for (const { source } of failed) oldest = Math.min(oldest, source.arrivalMs);
  return oldest;
}
