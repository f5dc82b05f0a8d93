import { randomUUID } from 'node:crypto';
import type { Checkpoints, Positions } from './checkpoints';
import { deaggregate } from './deaggregate';
import type { DeliveryStreamConfig } from './delivery-stream-config';
import { errorLine, type ErrorOutputType, type FailedRecord } from './error-output';
import type { FailedPlace } from './failed-places';
import type { ConversionResult } from './format-conversion';
import { evaluatePrefix, objectName } from './object-key';
import { dataBytes, type SourceRecord } from './source-record';
import {
  transformBatch,
  type InvocationOutcome,
  type TransformationErrorCode,
} from './transformation';

/** Reads one shard in order, from just after where it stopped. */
export interface ShardReader {
  readonly shardId: string;
  /** The next records; none where the reader is at the tip. May reject; the next call tries again. */
  next(): Promise<readonly ShardRecord[]>;
}

export type ShardRecord = Omit<SourceRecord, 'recordId' | 'shardId'>;

/** What a delivery stream acts upon. */
export interface DeliveryPorts {
  readonly readers: readonly ShardReader[];
  readonly invoke: (payload: unknown) => Promise<InvocationOutcome>;
  /** Converts records to one Parquet file by the Glue table; see `convertRecords`. */
  readonly convert: (records: readonly Uint8Array[]) => Promise<ConversionResult>;
  readonly put: (key: string, bytes: Uint8Array) => Promise<void>;
  readonly checkpoints: Checkpoints;
  /** Told which records only the error output will have, before the checkpoint goes past them. */
  readonly onFailed?: (places: readonly FailedPlace[]) => void;
  /** Called when all objects of a buffer are stored; the stream need not keep what is up to the positions. */
  readonly onDelivered?: (positions: Positions, delivered: Delivered) => void;
  readonly log: (line: string) => void;
  /** Told once that the stream can't go on, after {@link tellAfterMs}; it goes on trying. */
  readonly onStalled?: (trouble: DeliveryTrouble) => void;
  /** Told once that it goes on after all. */
  readonly onRecovered?: () => void;
  /** Of the day, for names and times in the output. */
  readonly now?: () => number;
  /** That only goes forward, for ages and patience: a clock that is set back must not hold up a buffer. */
  readonly elapsedMs?: () => number;
  readonly sleep?: (ms: number) => Promise<void>;
  readonly randomUuid?: () => string;
}

/** What became of one buffer. */
export interface Delivered {
  readonly rows: number;
  readonly recordsFailed: number;
  /** Keys of the objects of the error output, by now stored. */
  readonly errorKeys: readonly string[];
}

/** What a delivery stream can't do at the moment. */
export interface DeliveryTrouble {
  readonly deliveryStream: string;
  /** Such as `storing <key>`. */
  readonly what: string;
  /** The error's own words. */
  readonly reason: string;
}

/** A delivery stream could not deliver what it was to flush; all of it is still in the stream. */
export class DeliveryStalledError extends Error {
  override readonly name = 'DeliveryStalledError';
  constructor(readonly trouble: DeliveryTrouble) {
    super(
      `the delivery stream ${trouble.deliveryStream} can't go on: ${trouble.what} failed (${trouble.reason})`,
    );
  }
}

export interface DeliveryPlace {
  readonly region: string;
  readonly accountId: string;
}

export interface DeliveryStats {
  readonly recordsRead: number;
  readonly rowsDelivered: number;
  readonly recordsFailed: number;
  readonly recordsDropped: number;
  readonly filesWritten: number;
}

/** Records that were transformed and wait for their file. */
interface DeliveryBuffer {
  readonly sources: SourceRecord[];
  readonly data: Uint8Array[];
  readonly failed: FailedRecord[];
  bytes: number;
}

const emptyBuffer = (): DeliveryBuffer => ({ sources: [], data: [], failed: [], bytes: 0 });

/** Each poll costs Kinesis and the stack together about 2 ms. */
const idlePollMs = 250;
const firstBackoffMs = 200;
const maxBackoffMs = 10_000;

/** How long something fails before a person is told: a throttle or a restart is over by then. */
const tellAfterMs = 2_500;

/** How long a flush waits for something that fails. */
const flushPatienceMs = 10_000;

/** Between two attempts while somebody waits for a flush. */
const flushBackoffMs = 1_000;

// Lambda's quota for a synchronous request is 6 MB; what a record adds to it beside its data.
const maxRequestBytes = 6_000_000;
const envelopeBytes = 420;

/**
 * One delivery stream: shards → transformation → conversion → objects, at least once. A checkpoint is
 * written only after every object of a buffer, the error output included, is stored; a crash before that
 * delivers the buffer again.
 */
export class DeliveryStream {
  readonly #config: DeliveryStreamConfig;
  readonly #place: DeliveryPlace;
  readonly #ports: DeliveryPorts;
  readonly #now: () => number;
  readonly #elapsed: () => number;
  readonly #sleep: (ms: number) => Promise<void>;
  readonly #uuid: () => string;

  #pending: SourceRecord[] = [];
  #pendingBytes = 0;
  #buffer = emptyBuffer();
  /** When the oldest record of the pending ones and the buffer was read. */
  #openedAtMs: number | undefined;
  #positions = new Map<string, string>();

  #stats = {
    recordsRead: 0,
    rowsDelivered: 0,
    recordsFailed: 0,
    recordsDropped: 0,
    filesWritten: 0,
  };
  #flushes: { readonly resolve: () => void; readonly reject: (error: Error) => void }[] = [];
  /** What fails at the moment, since when, and whether it was told. */
  readonly #troubles = new Map<string, { readonly sinceMs: number; isTold: boolean }>();
  /** Rounds over the shards, one after another, in which none could be read. */
  #failedRounds = 0;
  /** Rounds over the shards, one after another, that found nothing. */
  #quietRounds = 0;
  #stopping = false;
  /** Ends the pause between two polls. */
  #wake: () => void = () => undefined;
  #running: Promise<void> | undefined;
  /** Why it delivers no more until the next start, where that is so. */
  #broken: DeliveryStalledError | undefined;

  constructor(config: DeliveryStreamConfig, place: DeliveryPlace, ports: DeliveryPorts) {
    this.#config = config;
    this.#place = place;
    this.#ports = ports;
    this.#now = ports.now ?? Date.now;
    this.#elapsed = ports.elapsedMs ?? (() => performance.now());
    // A pause that is no longer waited for keeps nothing running.
    this.#sleep =
      ports.sleep ?? ((ms) => new Promise((resolve) => setTimeout(resolve, ms).unref()));
    this.#uuid = ports.randomUuid ?? randomUUID;
  }

  get stats(): DeliveryStats {
    return this.#stats;
  }

  start(): void {
    this.#running ??= this.#run().catch((error: unknown) => {
      this.#break(error);
    });
  }

  /**
   * Delivers all that is in the stream by now, and what a transformation puts back meanwhile.
   *
   * @throws {@link DeliveryStalledError} where something has failed for {@link flushPatienceMs} and still does
   */
  async flush(): Promise<void> {
    if (this.#broken) throw this.#broken;
    if (this.#stopping) return;
    // The round under way may have asked the shards before the last record came.
    this.#quietRounds = -1;
    await new Promise<void>((resolve, reject) => {
      this.#flushes.push({ resolve, reject });
      this.#wake();
    });
  }

  /** Stops without delivering what is buffered; the next start reads it again. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#wake();
    await this.#running;
    for (const { resolve } of this.#flushes.splice(0)) resolve();
  }

  async #run(): Promise<void> {
    while (!this.#stopping) {
      const read = await this.#read();
      this.#quietRounds = read > 0 ? 0 : this.#quietRounds + 1;
      await this.#transformDue();
      if (this.#isDeliveryDue()) await this.#deliver();
      if (read > 0) continue;
      if (this.#flushes.length > 0 && this.#quietRounds >= 2) {
        if (this.#openedAtMs === undefined)
          for (const { resolve } of this.#flushes.splice(0)) resolve();
        else await this.#deliver();
        this.#quietRounds = 0;
      } else if (this.#flushes.length === 0) {
        await this.#pause(idlePollMs);
      }
    }
  }

  async #read(): Promise<number> {
    const rounds = await Promise.allSettled(
      this.#ports.readers.map(async (reader) => ({
        shardId: reader.shardId,
        records: await reader.next(),
      })),
    );
    let count = 0;
    let failures = 0;
    for (const [index, round] of rounds.entries()) {
      const what = `reading ${this.#ports.readers[index]?.shardId ?? 'a shard'}`;
      if (round.status === 'rejected') {
        failures++;
        this.#failed(what, round.reason);
        continue;
      }
      this.#succeeded(what);
      const { shardId, records } = round.value;
      for (const record of records) {
        for (const one of deaggregate(record)) {
          const place = String(one.subSequenceNumber ?? 0).padStart(6, '0');
          const source = { ...one, shardId, recordId: `${one.sequenceNumber}${place}` };
          this.#pending.push(source);
          this.#pendingBytes += dataBytes(source);
        }
        this.#positions.set(shardId, record.sequenceNumber);
      }
      count += records.length;
    }
    if (count > 0) this.#openedAtMs ??= this.#elapsed();
    this.#stats.recordsRead += count;
    this.#failedRounds = failures > 0 && failures === rounds.length ? this.#failedRounds + 1 : 0;
    if (failures > 0) {
      this.#quietRounds = -1;
      await this.#pause(this.#backoffMs(this.#failedRounds));
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
    while (this.#pendingBytes >= transformation.bufferBytes) {
      await this.#transform(this.#takeBatch(transformation.bufferBytes));
      if (this.#buffer.bytes >= this.#config.bufferBytes) return;
    }
    if (this.#ageMs() >= transformation.bufferMs) await this.#transformPending();
  }

  async #transformPending(): Promise<void> {
    const limit = this.#config.transformation?.bufferBytes ?? Number.POSITIVE_INFINITY;
    while (this.#pending.length > 0) await this.#transform(this.#takeBatch(limit));
  }

  /** At least one record, and no more than the hint or the function's request takes. */
  #takeBatch(limitBytes: number): readonly SourceRecord[] {
    let bytes = 0;
    let requestBytes = 0;
    let count = 0;
    for (const record of this.#pending) {
      bytes += dataBytes(record);
      requestBytes += record.data.length + envelopeBytes;
      if (count > 0 && (bytes > limitBytes || requestBytes > maxRequestBytes)) break;
      count++;
    }
    const batch = this.#pending.splice(0, count);
    this.#pendingBytes -= batch.reduce((sum, record) => sum + dataBytes(record), 0);
    return batch;
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
      region: this.#place.region,
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
    await this.#transformPending();
    const buffer = this.#buffer;
    const positions = this.#positions;
    const conversion = await this.#insist('converting records', () => this.#convert(buffer));
    if (conversion === undefined) return;

    const failed = [...buffer.failed, ...conversion.failed];
    const objects = this.#objects(conversion, failed, oldestArrivalMs(buffer));
    for (const { key, bytes } of objects) {
      const stored = await this.#insist(`storing ${key}`, async () => {
        await this.#ports.put(key, bytes);
        return true;
      });
      if (stored === undefined) return;
    }
    const failedPlaces = failed.map(({ source }) => ({
      shardId: source.shardId,
      sequenceNumber: source.sequenceNumber,
      bytes: dataBytes(source),
    }));
    // A full disk refuses the checkpoint as it does an object.
    const noted = await this.#insist('noting what is delivered', () => {
      this.#ports.onFailed?.(failedPlaces);
      this.#ports.checkpoints.advance(positions);
      return Promise.resolve(true);
    });
    if (noted === undefined) return;
    this.#stats.rowsDelivered += conversion.rows;
    this.#stats.recordsFailed += failed.length;
    this.#stats.filesWritten += objects.length;
    this.#buffer = emptyBuffer();
    this.#positions = new Map();
    this.#openedAtMs = undefined;
    this.#ports.onDelivered?.(positions, {
      rows: conversion.rows,
      recordsFailed: failed.length,
      errorKeys: objects.filter(({ isErrors }) => isErrors).map(({ key }) => key),
    });
  }

  async #convert(buffer: DeliveryBuffer): Promise<Converted> {
    const { conversion } = this.#config;
    if (!conversion)
      return { bytes: Buffer.concat(buffer.data), rows: buffer.data.length, failed: [] };
    const { parquet, rows, faults } = await this.#ports.convert(buffer.data);
    const table = { ...conversion, region: this.#place.region, catalogId: this.#place.accountId };
    const failed = faults.flatMap(({ index, errorCode, errorMessage }): readonly FailedRecord[] => {
      const source = buffer.sources[index];
      const converted = buffer.data[index];
      if (!source || !converted) return [];
      const errorOutputType = 'format-conversion-failed';
      return [{ errorOutputType, source, converted, errorCode, errorMessage, table }];
    });
    if (failed.length > 0)
      this.#log('records failed in the format conversion', {
        records: failed.length,
        first: failed[0]?.errorMessage ?? '',
      });
    return { bytes: parquet, rows, failed };
  }

  #objects(
    conversion: Converted,
    failed: readonly FailedRecord[],
    timestampMs: number,
  ): readonly StoredObject[] {
    const { name, prefix, errorOutputPrefix, fileExtension } = this.#config;
    const endedAtMs = this.#now();
    const objectKey = (pattern: string, extension: string, type?: ErrorOutputType): string =>
      evaluatePrefix(pattern, {
        timestampMs,
        randomString: () => this.#uuid().replaceAll('-', '').slice(0, 11),
        ...(type && { errorOutputType: type }),
      }) +
      objectName({
        deliveryStreamName: name,
        version: 1,
        timestampMs: endedAtMs,
        uuid: this.#uuid(),
        extension,
      });
    const objects: StoredObject[] = [];
    if (conversion.rows > 0)
      objects.push({
        key: objectKey(prefix, fileExtension),
        bytes: conversion.bytes,
        isErrors: false,
      });
    for (const type of ['processing-failed', 'format-conversion-failed'] as const) {
      const lines = failed.filter(({ errorOutputType }) => errorOutputType === type);
      if (lines.length > 0)
        objects.push({
          key: objectKey(errorOutputPrefix, '', type),
          bytes: Buffer.from(lines.map((line) => errorLine(line, endedAtMs)).join('')),
          isErrors: true,
        });
    }
    return objects;
  }

  /** Tries until it works or the stream stops, which gives undefined: nothing may be lost meanwhile. */
  async #insist<T>(what: string, act: () => Promise<T>): Promise<T | undefined> {
    for (let attempts = 1; ; attempts++) {
      try {
        const result = await act();
        this.#succeeded(what);
        return result;
      } catch (error) {
        this.#failed(what, error);
      }
      if (this.#stopping) return undefined;
      await this.#pause(this.#backoffMs(attempts));
    }
  }

  #backoffMs(attempts: number): number {
    const longest = this.#flushes.length > 0 ? flushBackoffMs : maxBackoffMs;
    return Math.min(firstBackoffMs * 2 ** Math.max(0, attempts - 1), longest);
  }

  /** Ends early where somebody wants a flush or the end. */
  async #pause(ms: number): Promise<void> {
    if (this.#stopping) return;
    const woken = new Promise<void>((resolve) => (this.#wake = resolve));
    await Promise.race([this.#sleep(ms), woken]);
  }

  #failed(what: string, error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    this.#log(`${what} failed; trying again`, { error: String(error) });
    const nowMs = this.#elapsed();
    const known = this.#troubles.get(what) ?? { sinceMs: nowMs, isTold: false };
    this.#troubles.set(what, known);
    const trouble = { deliveryStream: this.#config.name, what, reason };
    const forMs = nowMs - known.sinceMs;
    if (forMs >= tellAfterMs && !known.isTold) {
      known.isTold = true;
      this.#ports.onStalled?.(trouble);
    }
    if (forMs >= flushPatienceMs)
      for (const { reject } of this.#flushes.splice(0)) reject(new DeliveryStalledError(trouble));
  }

  /** What was not foreseen ends the delivery: going on could move the checkpoint past records that were lost. */
  #break(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    const trouble = { deliveryStream: this.#config.name, what: 'delivering', reason };
    this.#log('the delivery broke down; the next start goes on', {
      error: error instanceof Error ? (error.stack ?? reason) : reason,
    });
    this.#broken = new DeliveryStalledError(trouble);
    this.#ports.onStalled?.(trouble);
    for (const { reject } of this.#flushes.splice(0)) reject(this.#broken);
  }

  #succeeded(what: string): void {
    const known = this.#troubles.get(what);
    if (!known) return;
    this.#troubles.delete(what);
    if (known.isTold && [...this.#troubles.values()].every(({ isTold }) => !isTold))
      this.#ports.onRecovered?.();
  }

  #log(message: string, fields: Readonly<Record<string, string | number>>): void {
    this.#ports.log(JSON.stringify({ deliveryStream: this.#config.name, message, ...fields }));
  }
}

/** Firehose takes the prefix's time from the oldest record of the buffer ("Custom prefixes"). */
function oldestArrivalMs({ sources, failed }: DeliveryBuffer): number {
  let oldest = Number.POSITIVE_INFINITY;
  for (const { arrivalMs } of sources) oldest = Math.min(oldest, arrivalMs);
  for (const { source } of failed) oldest = Math.min(oldest, source.arrivalMs);
  return oldest;
}

interface StoredObject {
  readonly key: string;
  readonly bytes: Uint8Array;
  readonly isErrors: boolean;
}

interface Converted {
  readonly bytes: Uint8Array;
  readonly rows: number;
  readonly failed: readonly FailedRecord[];
}
