import type { EventType } from '@sluice/event-schema';
import { recordFault, type RecordFault } from '@sluice/failed-records';
import type { Positions, ShardRecord } from '@sluice/local-firehose';
import { compileFlattener, openRecord, unzip, type Flattener } from '@sluice/record-flattening';

export type LiveState = 'in the stream' | 'delivered' | 'failed';

/** A record on its way, as a page shows it. Its text may be anything that a client sent. */
export interface LiveRecord {
  readonly id: number;
  readonly table: string;
  readonly arrivedMs: number;
  readonly bytes: number;
  /** The record as UTF-8, uncompressed, cut after {@link maxBodyCharacters}. */
  readonly body: string;
  readonly isCut: boolean;
  /** Trace of its request; undefined where that is not recorded. */
  readonly traceId?: string;
  readonly state: LiveState;
  readonly settledMs?: number;
  readonly fault?: RecordFault;
}

/** The outcome of a record that was reported before. */
export type Settled = Pick<LiveRecord, 'id' | 'state' | 'settledMs' | 'fault'>;

/** Counts of records since the start. */
export interface LiveCounts {
  readonly arrived: number;
  readonly delivered: number;
  readonly failed: number;
}

/** Events since the previous batch. */
export interface LiveBatch {
  readonly atMs: number;
  /** Moment at which the feed began. A later feed has new ids and counts. */
  readonly sinceMs: number;
  readonly counts: Readonly<Record<string, LiveCounts>>;
  readonly records: readonly LiveRecord[];
  /** Number of records that arrived but are not shown individually, because they were too many. */
  readonly skipped: number;
  readonly settled: readonly Settled[];
}

const maxBodyCharacters = 2_000;
const keptRecords = 1_000;
const batchMs = 250;
const batchRecords = 100;
/** Length up to which the base64 of a record is kept until a page asks for it; longer ones are shortened at once. */
const maxKeptData = 16 << 10;

type ShownBody = Pick<LiveRecord, 'body' | 'isCut' | 'traceId'>;

interface Kept {
  readonly id: number;
  readonly table: string;
  readonly place: string;
  readonly sequenceNumber: string;
  readonly arrivedMs: number;
  readonly bytes: number;
  readonly data: string | ShownBody;
  state: LiveState;
  settledMs?: number;
  fault?: RecordFault;
}

type Counts = { -readonly [Name in keyof LiveCounts]: LiveCounts[Name] };

/**
 * Reports records as delivery reads them, and the outcome of each. It keeps the last thousand, and reports at most
 * 400 each second individually, so that its memory and its output are bounded however many records arrive.
 */
export class LiveFeed {
  #eventTypes: ReadonlyMap<string, EventType>;
  /** Records that were on their way when the stack ended, which delivery reads once more. */
  readonly #readAgain = new Set<string>();
  readonly #flatteners = new Map<string, Flattener>();
  readonly #kept: Kept[] = [];
  readonly #counts = new Map<string, Counts>();
  readonly #listeners = new Set<(batch: LiveBatch) => void>();
  readonly #sinceMs = Date.now();
  #lastId = 0;
  #lastSentId = 0;
  #settled: Kept[] = [];
  #timer: NodeJS.Timeout | undefined;

  /** @param eventTypes by table */
  constructor(eventTypes: ReadonlyMap<string, EventType> = new Map()) {
    this.#eventTypes = eventTypes;
  }

  /** Continues with another stack, which may have other event types. */
  resume(eventTypes: ReadonlyMap<string, EventType>): void {
    this.#eventTypes = eventTypes;
    this.#flatteners.clear();
    for (const { state, place, sequenceNumber } of this.#kept)
      if (state === 'in the stream') this.#readAgain.add(`${place} ${sequenceNumber}`);
  }

  /** Adds records that delivery has read from a shard. */
  arrived(table: string, shardId: string, read: readonly ShardRecord[]): void {
    const records =
      this.#readAgain.size === 0
        ? read
        : read.filter(
            ({ sequenceNumber }) =>
              !this.#readAgain.delete(`${table} ${shardId} ${sequenceNumber}`),
          );
    if (records.length === 0) return;
    this.#countsOf(table).arrived += records.length;
    this.#lastId += Math.max(0, records.length - keptRecords);
    for (const { sequenceNumber, arrivalMs, data } of records.slice(-keptRecords))
      this.#kept.push({
        id: ++this.#lastId,
        table,
        place: `${table} ${shardId}`,
        sequenceNumber,
        arrivedMs: arrivalMs,
        bytes: Buffer.byteLength(data, 'base64'),
        data: data.length > maxKeptData ? bodyOf(data) : data,
        state: 'in the stream',
      });
    this.#kept.splice(0, this.#kept.length - keptRecords);
    this.#changed();
  }

  /** Marks records that only the error output holds as failed. */
  failed(
    table: string,
    places: readonly { readonly shardId: string; readonly sequenceNumber: string }[],
  ): void {
    if (places.length === 0) return;
    this.#countsOf(table).failed += places.length;
    const wanted = new Set(places.map((at) => `${table} ${at.shardId} ${at.sequenceNumber}`));
    for (const kept of this.#kept)
      if (kept.state === 'in the stream' && wanted.has(`${kept.place} ${kept.sequenceNumber}`)) {
        const fault = this.#faultOf(kept);
        if (fault) kept.fault = fault;
        this.#settle(kept, 'failed');
      }
    this.#changed();
  }

  /** Notes the positions up to which records were delivered; failures have been reported before. */
  delivered(table: string, positions: Positions): void {
    for (const [shardId, upTo] of positions) {
      const place = `${table} ${shardId}`;
      for (const kept of this.#kept)
        if (
          kept.state === 'in the stream' &&
          kept.place === place &&
          BigInt(kept.sequenceNumber) <= BigInt(upTo)
        )
          this.#settle(kept, 'delivered');
    }
  }

  /** Adds the number of rows that were delivered. */
  rows(table: string, rows: number): void {
    this.#countsOf(table).delivered += rows;
    this.#changed();
  }

  /** Calls the listener with the current state, and then with each batch. @returns a function that ends this */
  subscribe(listener: (batch: LiveBatch) => void): () => void {
    listener({
      atMs: Date.now(),
      sinceMs: this.#sinceMs,
      counts: Object.fromEntries(this.#counts),
      records: this.#kept.slice(-batchRecords).map(liveRecord),
      skipped: 0,
      settled: [],
    });
    if (this.#listeners.size === 0) {
      this.#lastSentId = this.#lastId;
      this.#settled = [];
    }
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#listeners.clear();
  }

  #countsOf(table: string): Counts {
    const known = this.#counts.get(table) ?? { arrived: 0, delivered: 0, failed: 0 };
    this.#counts.set(table, known);
    return known;
  }

  #settle(kept: Kept, state: LiveState): void {
    kept.state = state;
    kept.settledMs = Date.now();
    if (this.#listeners.size > 0) this.#settled.push(kept);
  }

  #faultOf({ table, data, arrivedMs, sequenceNumber }: Kept): RecordFault | undefined {
    const eventType = this.#eventTypes.get(table);
    if (!eventType || typeof data !== 'string') return undefined;
    const flattener = this.#flatteners.get(table) ?? compileFlattener(eventType);
    this.#flatteners.set(table, flattener);
    const { bytes } = openRecord(Buffer.from(data, 'base64'));
    return recordFault(bytes, { shardId: '', sequenceNumber, arrivalMs: arrivedMs }, flattener);
  }

  #changed(): void {
    if (this.#listeners.size === 0 || this.#timer) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#tell();
    }, batchMs);
    this.#timer.unref();
  }

  #tell(): void {
    const fresh = this.#kept.filter(({ id }) => id > this.#lastSentId);
    const records = fresh.slice(-batchRecords);
    const skipped = this.#lastId - this.#lastSentId - records.length;
    // The outcome of records that were never shown is not reported.
    const settled = this.#settled
      .filter(({ id }) => id <= this.#lastSentId)
      .map(({ id, state, settledMs, fault }) => ({
        id,
        state,
        ...(settledMs !== undefined && { settledMs }),
        ...(fault && { fault }),
      }));
    this.#lastSentId = this.#lastId;
    this.#settled = [];
    const batch: LiveBatch = {
      atMs: Date.now(),
      sinceMs: this.#sinceMs,
      counts: Object.fromEntries(this.#counts),
      records: records.map(liveRecord),
      skipped,
      settled,
    };
    for (const listener of this.#listeners) listener(batch);
  }
}

const liveRecord = ({
  id,
  table,
  arrivedMs,
  bytes,
  state,
  settledMs,
  fault,
  data,
}: Kept): LiveRecord => ({
  id,
  table,
  arrivedMs,
  bytes,
  state,
  ...(settledMs !== undefined && { settledMs }),
  ...(fault && { fault }),
  ...(typeof data === 'string' ? bodyOf(data) : data),
});

function bodyOf(data: string): ShownBody {
  const { trace, ...opened } = openRecord(Buffer.from(data, 'base64'));
  let { bytes } = opened;
  try {
    bytes = unzip(bytes);
  } catch {
    // The data only begins like gzip.
  }
  const text = new TextDecoder().decode(bytes.subarray(0, maxBodyCharacters * 4));
  const isCut = bytes.length > maxBodyCharacters * 4 || text.length > maxBodyCharacters;
  return {
    body: text.slice(0, maxBodyCharacters),
    isCut,
    ...(trace && { traceId: trace.traceId }),
  };
}
