import { defineEvent, tableColumns, type EventType } from '@sluice/event-schema';
import {
  parseSymlink,
  readManifest,
  symlinkKey,
  unabsorbedFiles,
  type GetOptions,
  type ListOptions,
  type ObjectInfo,
  type ObjectStore,
  type PutOptions,
} from '@sluice/lake-layout';
import { createRowTableBuilder, rawLayout, writeParquet } from '@sluice/parquet-writing';
import { compactDay, type CompactDayOptions, type CompactDayResult } from './compact-day';
import { readParquetTable } from './read-parquet';

// What the tests of compaction share: a small event type, its raw files, and a reader as the contract has it.

export const date = '2026-11-20';
export const bucket = 'lake';
export const noonMs = Date.parse(`${date}T12:00:00Z`);

export const order = defineEvent({
  name: 'order',
  version: '1.0.0',
  key: 'id',
  identity: 'event',
  schema: {
    type: 'object',
    required: ['id', 'event'],
    properties: {
      id: { type: 'string' },
      event: { type: 'string' },
      amount: { type: 'integer' },
      tags: { type: 'array', items: { type: 'string' } },
    },
  },
});

export interface OrderRow {
  readonly id: string;
  readonly event_id: string;
  readonly amount?: number;
  readonly ingested_at?: string;
}

export const orderRow = (id: number, event = id): OrderRow => ({
  id: `order-${id}`,
  event_id: `e${event}`,
  amount: id * 10,
});

export function rawFile(
  rows: readonly Readonly<Record<string, unknown>>[],
  eventType: EventType = order,
): Uint8Array {
  const builder = createRowTableBuilder(tableColumns(eventType));
  for (const each of rows) {
    const fault = builder.append({ ingested_at: '2026-11-20 10:00:00.000', ...each });
    if (fault) throw new Error(`${fault.column}: ${fault.detail}`);
  }
  return writeParquet(builder.finish(), rawLayout).bytes;
}

export const rawKey = (name: string): string => `order/raw/dt=${date}/hour=10/${name}.parquet`;

export const putRaw = (store: ObjectStore, name: string, rows: readonly OrderRow[]) =>
  store.put(rawKey(name), rawFile(rows.map((row) => ({ ...row }))));

export const rowsOf = (bytes: Uint8Array): readonly OrderRow[] =>
  readParquetTable(bytes)
    .toArray()
    .map((each: { toJSON(): OrderRow }) => each.toJSON());

export async function listAll(store: ObjectStore, prefix: string): Promise<readonly ObjectInfo[]> {
  const files: ObjectInfo[] = [];
  for await (const file of store.list(prefix)) files.push(file);
  return files;
}

/** `event_id`s of the day as a reader sees them, sorted, each once: by the rules of the manifest. */
export async function visibleEvents(store: ObjectStore): Promise<readonly string[]> {
  const rawFiles = await listAll(store, `order/raw/dt=${date}/`);
  const manifest = (await readManifest(store, 'order', date))?.manifest;
  const files = [
    ...(manifest?.files ?? []),
    ...(manifest?.sealed ? [] : unabsorbedFiles(manifest, rawFiles)),
  ];
  return distinctEvents(
    store,
    files.map(({ key }) => key),
  );
}

/** `event_id`s of the day as an engine for SQL sees them, sorted, each once: by the list of files alone. */
export async function listedEvents(store: ObjectStore): Promise<readonly string[]> {
  const { bytes } = await store.get(symlinkKey('order', date));
  const files = parseSymlink(new TextDecoder().decode(bytes));
  expect(new Set(files.map((file) => file.bucket))).toEqual(new Set(files.length ? [bucket] : []));
  return distinctEvents(
    store,
    files.map(({ key }) => key),
  );
}

async function distinctEvents(
  store: ObjectStore,
  keys: readonly string[],
): Promise<readonly string[]> {
  const events = new Set<string>();
  for (const key of keys)
    for (const row of rowsOf((await store.get(key)).bytes)) events.add(row.event_id);
  return [...events].sort();
}

export const compact = (
  store: ObjectStore,
  options: Partial<CompactDayOptions> = {},
): Promise<CompactDayResult> =>
  compactDay({ store, bucket, eventType: order, date, now: () => noonMs, ...options });

export class InjectedFault extends Error {}

/** A store over another one, with something to do before and after each call. */
abstract class WrappedStore implements ObjectStore {
  calls = 0;

  constructor(private readonly inner: ObjectStore) {}

  protected abstract before(): Promise<void> | void;
  protected abstract after(): Promise<void> | void;

  async *list(prefix: string, options?: ListOptions) {
    await this.#start();
    yield* this.inner.list(prefix, options);
    await this.after();
  }

  get = (key: string, options?: GetOptions) => this.#run(() => this.inner.get(key, options));

  put = (key: string, bytes: Uint8Array, options?: PutOptions) =>
    this.#run(() => this.inner.put(key, bytes, options));

  delete = (keys: readonly string[]) => this.#run(() => this.inner.delete(keys));

  async #run<T>(call: () => Promise<T>): Promise<T> {
    await this.#start();
    const result = await call();
    await this.after();
    return result;
  }

  async #start(): Promise<void> {
    this.calls++;
    await this.before();
  }
}

/** Fails at one call, before or after it had its effect. */
export class FaultyStore extends WrappedStore {
  constructor(
    inner: ObjectStore,
    private readonly failingCall: number,
    private readonly afterEffect: boolean,
  ) {
    super(inner);
  }

  protected before(): void {
    this.#failIf(!this.afterEffect);
  }

  protected after(): void {
    this.#failIf(this.afterEffect);
  }

  #failIf(isPlace: boolean): void {
    if (isPlace && this.calls === this.failingCall)
      throw new InjectedFault(`call ${this.calls} failed`);
  }
}

/** Does something else before one call. */
export class InterruptedStore extends WrappedStore {
  constructor(
    inner: ObjectStore,
    private readonly interruptedCall: number,
    private readonly interrupt: () => Promise<void>,
  ) {
    super(inner);
  }

  protected async before(): Promise<void> {
    if (this.calls === this.interruptedCall) await this.interrupt();
  }

  protected after(): void {
    // Nothing to do.
  }
}
