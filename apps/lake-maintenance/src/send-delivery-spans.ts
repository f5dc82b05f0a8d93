import { eventIdColumn } from '@sluice/event-schema';
import {
  lakeDate,
  rawFilesBelow,
  rawPrefix,
  tracesPrefix,
  type ObjectInfo,
  type ObjectStore,
} from '@sluice/lake-layout';
import {
  ParquetError,
  planKeyRead,
  readFooter,
  readKeyGroups,
  type ByteSource,
} from '@sluice/parquet-reading';
import {
  decodeAwaitedRows,
  encodeAwaitedRows,
  spanIdOf,
  type AwaitedRow,
  type SendSpans,
  type Span,
} from '@sluice/traces';

export interface SendDeliverySpansOptions {
  readonly store: ObjectStore;
  readonly table: string;
  readonly eventType: string;
  readonly send: SendSpans;
  readonly now: () => number;
}

/** Limits of the work of one run, which compaction waits for: notes, and raw files that may hold their rows. */
const maxNotes = 20;
const maxFiles = 40;
/** Milliseconds after which a row is no longer awaited, because it was suppressed or could not be converted. */
const patienceMs = 6 * 3_600_000;
const dayMs = 86_400_000;
/** Milliseconds by which clocks of S3 and of functions may differ; S3 counts in whole seconds. */
const clockSlackMs = 5_000;

interface Note {
  readonly key: string;
  readonly rows: readonly AwaitedRow[];
}

/**
 * Sends a span for each row of a recorded event that is in a file of the lake. The transformer noted them when it made
 * them; each is looked for in the raw files that were written since, by its `event_id`. Notes are deleted once their
 * rows are found, or six hours have passed.
 *
 * @returns the number of rows that were found
 */
export async function sendDeliverySpans(options: SendDeliverySpansOptions): Promise<number> {
  const { store, send, now } = options;
  const notes = await readNotes(options);
  if (notes.length === 0) return 0;
  const deliveredIn = await findRows(
    options,
    notes.flatMap(({ rows }) => rows),
  );
  const spans: Span[] = [];
  const done: string[] = [];
  for (const { key, rows } of notes) {
    const waiting = rows.filter((row) => {
      const file = deliveredIn.get(row.eventId);
      if (file) spans.push(deliverySpan(row, file, options));
      return !file && now() - row.madeMs < patienceMs;
    });
    if (waiting.length === 0) done.push(key);
    else if (waiting.length < rows.length)
      await store.put(key, Buffer.from(encodeAwaitedRows(waiting)));
  }
  await send(spans);
  if (done.length > 0) await store.delete(done);
  return spans.length;
}

async function readNotes({ store, table }: SendDeliverySpansOptions): Promise<readonly Note[]> {
  const keys: string[] = [];
  for await (const { key } of store.list(tracesPrefix(table))) {
    keys.push(key);
    if (keys.length >= maxNotes) break;
  }
  return Promise.all(
    keys.map(async (key) => {
      const { bytes } = await store.get(key);
      return { key, rows: decodeAwaitedRows(Buffer.from(bytes).toString()) };
    }),
  );
}

/** Returns the file of each row that is in one, by the row's event id: the first that was written. */
async function findRows(
  { store, table }: SendDeliverySpansOptions,
  rows: readonly AwaitedRow[],
): Promise<ReadonlyMap<string, ObjectInfo>> {
  const found = new Map<string, ObjectInfo>();
  if (rows.length === 0) return found;
  const sinceMs = Math.min(...rows.map(({ madeMs }) => madeMs)) - clockSlackMs;
  // A file lies below the day of its oldest record's arrival, which may be the day before.
  const dates = new Set(rows.flatMap(({ madeMs }) => [lakeDate(madeMs - dayMs), lakeDate(madeMs)]));
  const ofDays = await Promise.all(
    [...dates].map((date) => rawFilesBelow(store, rawPrefix(table, date))),
  );
  const files = ofDays
    .flat()
    .filter(({ modifiedMs }) => modifiedMs >= sinceMs)
    .sort((a, b) => a.modifiedMs - b.modifiedMs);
  for (const file of files.slice(0, maxFiles)) {
    const wanted = rows.map(({ eventId }) => eventId).filter((id) => !found.has(id));
    if (wanted.length === 0) break;
    for (const id of await idsIn(store, file, wanted)) found.set(id, file);
  }
  return found;
}

async function idsIn(
  store: ObjectStore,
  { key, etag, bytes }: ObjectInfo,
  wanted: readonly string[],
): Promise<readonly string[]> {
  const keyColumn = eventIdColumn.name;
  const source: ByteSource = {
    bytes,
    read: async (range) => (await store.get(key, { range, ifMatch: etag })).bytes,
  };
  try {
    const footer = await readFooter(source, { keyColumn });
    const keys = wanted.map((id) => new TextEncoder().encode(id));
    const plan = planKeyRead(footer, { keyColumn, keys, columns: [keyColumn] });
    const ids: string[] = [];
    for await (const { rows } of readKeyGroups(source, footer, plan))
      for (const [id] of rows) if (typeof id === 'string') ids.push(id);
    return ids;
  } catch (error) {
    // Compaction reports damaged files.
    if (error instanceof ParquetError) return [];
    throw error;
  }
}

const deliverySpan = (
  { traceId, spanId, eventId, madeMs }: AwaitedRow,
  { key, bytes, modifiedMs }: ObjectInfo,
  { eventType }: SendDeliverySpansOptions,
): Span => ({
  service: 'delivery',
  name: `deliver ${eventType}`,
  kind: 'producer',
  traceId,
  spanId: spanIdOf(traceId, 'row', eventId, key),
  parentSpanId: spanId,
  startMs: madeMs,
  endMs: Math.max(madeMs, modifiedMs),
  attributes: {
    'sluice.event_type': eventType,
    'sluice.event_id': eventId,
    'aws.s3.key': key,
    'sluice.bytes': bytes,
  },
});
