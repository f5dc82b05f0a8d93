// A processing failure does not name the record's position in the stream, from which the rows of an event without
// identity get their ids. So a replay looks the record up in the stream, and notes what it found before it sends
// anything.
import { createHash } from 'node:crypto';
import {
  findJson,
  PreconditionFailedError,
  putJson,
  replayPlacesKey,
  type ObjectStore,
} from '@sluice/lake-layout';
import type { RecordOrigin } from '@sluice/record-flattening';

/** A record as the stream of a table stores it. */
export interface StreamedRecord extends RecordOrigin {
  readonly data: Uint8Array;
}

/**
 * Reads the records that arrived in the stream of a table during a period, given in milliseconds since 1970, both
 * ends inclusive.
 */
export type ReadStream = (
  table: string,
  range: { readonly fromMs: number; readonly toMs: number },
) => AsyncIterable<StreamedRecord>;

/** A failed record whose position in the stream is not known. */
export interface UnlocatedRecord {
  readonly arrivalMs: number;
  /** The bytes as they came from the stream. */
  readonly raw: Uint8Array;
}

/** Returns a digest of a record as it was in the stream. Records that were sent twice in one millisecond share it. */
export const recordDigest = (arrivalMs: number, raw: Uint8Array): string =>
  createHash('sha256').update(`${arrivalMs}\n`).update(raw).digest('hex');

/** The position of a record in a stream. */
export type StreamPosition = Pick<RecordOrigin, 'shardId' | 'sequenceNumber'>;

/**
 * Finds the positions of failed records, in the order of the records. Undefined where the stream no longer holds a
 * record, or where it holds more records with these bytes and this arrival than have failed: then it is not known
 * which of them this is, and a wrong position would give two events the same id.
 */
export async function findPositions(
  records: readonly UnlocatedRecord[],
  table: string,
  readStream: ReadStream,
): Promise<readonly (StreamPosition | undefined)[]> {
  const wanted = new Map<string, number[]>();
  let fromMs = Infinity;
  let toMs = -Infinity;
  for (const [index, { arrivalMs, raw }] of records.entries()) {
    const id = recordDigest(arrivalMs, raw);
    wanted.set(id, [...(wanted.get(id) ?? []), index]);
    fromMs = Math.min(fromMs, arrivalMs);
    toMs = Math.max(toMs, arrivalMs);
  }
  const found = new Map<string, StreamPosition[]>();
  if (records.length > 0)
    for await (const streamed of readStream(table, { fromMs, toMs })) {
      const id = recordDigest(streamed.arrivalMs, streamed.data);
      if (!wanted.has(id)) continue;
      const position = { shardId: streamed.shardId, sequenceNumber: streamed.sequenceNumber };
      found.set(id, [...(found.get(id) ?? []), position]);
    }
  const positions: (StreamPosition | undefined)[] = records.map(() => undefined);
  for (const [id, indexes] of wanted) {
    const candidates = found.get(id) ?? [];
    if (candidates.length !== indexes.length) continue;
    indexes.forEach((index, at) => (positions[index] = candidates[at]));
  }
  return positions;
}

/** Positions by the line number in an object of the error output. */
export type LinePositions = Readonly<Record<number, StreamPosition>>;

interface StoredPositions {
  readonly formatVersion: 1;
  /** ETag of the object of the error output. */
  readonly etag: string;
  readonly places: LinePositions;
}

interface ErrorObject {
  readonly key: string;
  readonly etag: string;
}

/** Returns the positions that were noted for an object; undefined where there are none. */
export async function readPositions(
  store: Pick<ObjectStore, 'get'>,
  { key, etag }: ErrorObject,
): Promise<LinePositions | undefined> {
  const stored = await findJson<StoredPositions>(store, replayPlacesKey(key));
  return stored?.value.etag === etag ? stored.value.places : undefined;
}

/** Keeps the noted positions of an object that was rewritten with the same number of lines. */
export async function movePositions(
  store: Pick<ObjectStore, 'get' | 'put'>,
  key: string,
  { before, after }: { readonly before: string; readonly after: string },
): Promise<void> {
  const places = await readPositions(store, { key, etag: before });
  if (!places) return;
  const stored: StoredPositions = { formatVersion: 1, etag: after, places };
  await putJson(store, replayPlacesKey(key), stored);
}

/**
 * Notes positions, so that every replay of the object gives its records the same ids.
 *
 * @returns the positions that are valid, which another replay may have noted before
 */
export async function notePositions(
  store: Pick<ObjectStore, 'get' | 'put'>,
  object: ErrorObject,
  places: LinePositions,
): Promise<LinePositions> {
  const stored: StoredPositions = { formatVersion: 1, etag: object.etag, places };
  try {
    await putJson(store, replayPlacesKey(object.key), stored, { ifNoneMatch: '*' });
    return places;
  } catch (error) {
    if (!(error instanceof PreconditionFailedError)) throw error;
    const noted = await readPositions(store, object);
    if (noted) return noted;
    // The note belongs to an earlier object with this key, which Firehose has replaced.
    await putJson(store, replayPlacesKey(object.key), stored);
    return places;
  }
}
