import { randomUUID } from 'node:crypto';
import type { Checkpoints, Positions } from './checkpoints';
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
  /** Told what the stream need not keep any longer. */
  readonly onDelivered?: (positions: Positions) => void;
  readonly log: (line: string) => void;
  readonly now?: () => number;
  readonly sleep?: (ms: number) => Promise<void>;
  readonly randomUuid?: () => string;
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
  #flushes: (() => void)[] = [];
  /** Rounds over the shards, one after another, that found nothing. */
  #quietRounds = 0;
  #stopping = false;
  /** Ends the pause between two polls. */
  #wake: () => void = () => undefined;
  #running: Promise<void> | undefined;

  constructor(config: DeliveryStreamConfig, place: DeliveryPlace, ports: DeliveryPorts) {
    this.#config = config;
    this.#place = place;
    this.#ports = ports;
    this.#now = ports.now ?? Date.now;
    this.#sleep = ports.sleep ?? ((ms) => new Promise((resolve) => setTimeout(resolve, ms)));
    this.#uuid = ports.randomUuid ?? randomUUID;
  }

  get stats(): DeliveryStats {
    return this.#stats;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Delivers all that is in the stream by now, and what a transformation puts back meanwhile. */
  async flush(): Promise<void> {
    if (this.#stopping) return;
    // The round under way may have asked the shards before the last record came.
    this.#quietRounds = -1;
    await new Promise<void>((resolve) => {
      this.#flushes.push(resolve);
      this.#wake();
    });
  }

  /** Stops without delivering what is buffered; the next start reads it again. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#wake();
    await this.#running;
    for (const resolve of this.#flushes.splice(0)) resolve();
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
          for (const resolve of this.#flushes.splice(0)) resolve();
        else await this.#deliver();
        this.#quietRounds = 0;
      } else if (this.#flushes.length === 0) {
        const woken = new Promise<void>((resolve) => (this.#wake = resolve));
        await Promise.race([this.#sleep(idlePollMs), woken]);
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
    for (const round of rounds) {
      if (round.status === 'rejected') {
        this.#log('reading the stream failed; trying again', { error: String(round.reason) });
        this.#quietRounds = -1;
        await this.#sleep(firstBackoffMs);
        continue;
      }
      const { shardId, records } = round.value;
      for (const record of records) {
        const source = { ...record, shardId, recordId: `${record.sequenceNumber}000000` };
        this.#pending.push(source);
        this.#pendingBytes += dataBytes(source);
        this.#positions.set(shardId, record.sequenceNumber);
      }
      count += records.length;
    }
    if (count > 0) this.#openedAtMs ??= this.#now();
    this.#stats.recordsRead += count;
    return count;
  }

  #ageMs(): number {
    return this.#openedAtMs === undefined ? 0 : this.#now() - this.#openedAtMs;
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
    this.#ports.onDelivered?.(positions);

    this.#stats.rowsDelivered += conversion.rows;
    this.#stats.recordsFailed += buffer.failed.length + conversion.failed.length;
    this.#stats.filesWritten += objects.length;
    this.#buffer = emptyBuffer();
    this.#positions = new Map();
    this.#openedAtMs = undefined;
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
  ): readonly { readonly key: string; readonly bytes: Uint8Array }[] {
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
    const objects = [];
    if (conversion.rows > 0)
      objects.push({ key: objectKey(prefix, fileExtension), bytes: conversion.bytes });
    for (const type of ['processing-failed', 'format-conversion-failed'] as const) {
      const lines = failed.filter(({ errorOutputType }) => errorOutputType === type);
      if (lines.length > 0)
        objects.push({
          key: objectKey(errorOutputPrefix, '', type),
          bytes: Buffer.from(lines.map((line) => errorLine(line, endedAtMs)).join('')),
        });
    }
    return objects;
  }

  /** Tries until it works or the stream stops, which gives undefined: nothing may be lost meanwhile. */
  async #insist<T>(what: string, act: () => Promise<T>): Promise<T | undefined> {
    for (let backoffMs = firstBackoffMs; ; backoffMs = Math.min(backoffMs * 2, maxBackoffMs)) {
      try {
        return await act();
      } catch (error) {
        this.#log(`${what} failed; trying again`, { error: String(error), inMs: backoffMs });
      }
      if (this.#stopping) return undefined;
      await this.#sleep(backoffMs);
    }
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

interface Converted {
  readonly bytes: Uint8Array;
  readonly rows: number;
  readonly failed: readonly FailedRecord[];
}
