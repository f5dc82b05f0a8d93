// A processing failure does not name the record's place in the stream, and the rows of an event without identity are called after
// that. So replay looks the record up in the stream, and notes what it found before it sends anything.
import { createHash } from 'node:crypto';
import {
  ObjectNotFoundError,
  PreconditionFailedError,
  type ObjectStore,
} from '@sluice/lake-layout';
import type { RecordOrigin } from '@sluice/record-flattening';

/** A record as the stream of a table holds it. */
export interface StreamedRecord extends RecordOrigin {
  readonly data: Uint8Array;
}

/** Reads what arrived in the stream of a table during a time, in milliseconds since 1970, both ends inclusive. */
export type ReadStream = (
  table: string,
  range: { readonly fromMs: number; readonly toMs: number },
) => AsyncIterable<StreamedRecord>;

/** A failed record whose place in the stream is not known. */
export interface UnplacedRecord {
  readonly arrivalMs: number;
  /** The bytes as they came from the stream. */
  readonly raw: Uint8Array;
}

/** The position of a record in a stream. */
export type Place = Pick<RecordOrigin, 'shardId' | 'sequenceNumber'>;

/**
 * Finds the places of failed records, each in order with the record. Undefined where the stream does not hold it any more, or where
 * it holds more records of the same bytes and arrival than failed: then it can't be told which one this is, and a wrong place
 * would make two events one.
 */
export async function findPlaces(
  records: readonly UnplacedRecord[],
  table: string,
  readStream: ReadStream,
): Promise<readonly (Place | undefined)[]> {
  const wanted = new Map<string, number[]>();
  let fromMs = Infinity;
  let toMs = -Infinity;
  for (const [index, { arrivalMs, raw }] of records.entries()) {
    const id = recordId(arrivalMs, raw);
    wanted.set(id, [...(wanted.get(id) ?? []), index]);
    fromMs = Math.min(fromMs, arrivalMs);
    toMs = Math.max(toMs, arrivalMs);
  }
  const found = new Map<string, Place[]>();
  if (records.length > 0)
    for await (const streamed of readStream(table, { fromMs, toMs })) {
      const id = recordId(streamed.arrivalMs, streamed.data);
      if (!wanted.has(id)) continue;
      const place = { shardId: streamed.shardId, sequenceNumber: streamed.sequenceNumber };
      found.set(id, [...(found.get(id) ?? []), place]);
    }
  const places: (Place | undefined)[] = records.map(() => undefined);
  for (const [id, indexes] of wanted) {
    const candidates = found.get(id) ?? [];
    if (candidates.length !== indexes.length) continue;
    indexes.forEach((index, position) => (places[index] = candidates[position]));
  }
  return places;
}

const recordId = (arrivalMs: number, raw: Uint8Array): string =>
  createHash('sha256').update(`${arrivalMs}\n`).update(raw).digest('base64');

/** Places by the number of the line in an object of the error output. */
export type LinePlaces = Readonly<Record<number, Place>>;

interface StoredPlaces {
  readonly formatVersion: 1;
  /** ETag of the object of the error output. */
  readonly etag: string;
  readonly places: LinePlaces;
}

/** `order/errors/…/x` → `order/replays/…/x.places.json`. */
const placesKey = (errorKey: string): string =>
  `${errorKey.replace(/^([^/]+)\/errors\//, '$1/replays/')}.places.json`;

interface ErrorObject {
  readonly key: string;
  readonly etag: string;
}

/** The places that were noted for an object, or undefined. */
export async function readPlaces(
  store: Pick<ObjectStore, 'get'>,
  { key, etag }: ErrorObject,
): Promise<LinePlaces | undefined> {
  try {
    const { bytes } = await store.get(placesKey(key));
    const stored = JSON.parse(Buffer.from(bytes).toString()) as StoredPlaces;
    return stored.etag === etag ? stored.places : undefined;
  } catch (error) {
    if (error instanceof ObjectNotFoundError) return undefined;
    throw error;
  }
}

/** Notes places, so that every replay of the object gives its records the same ids. @returns those that count */
export async function notePlaces(
  store: Pick<ObjectStore, 'get' | 'put'>,
  object: ErrorObject,
  places: LinePlaces,
): Promise<LinePlaces> {
  const stored: StoredPlaces = { formatVersion: 1, etag: object.etag, places };
  const bytes = new TextEncoder().encode(JSON.stringify(stored));
  try {
    await store.put(placesKey(object.key), bytes, {
      contentType: 'application/json',
      ifNoneMatch: '*',
    });
    return places;
  } catch (error) {
    if (!(error instanceof PreconditionFailedError)) throw error;
    const noted = await readPlaces(store, object);
    if (noted) return noted;
    // Of an earlier object under the same key, which Firehose has written anew.
    await store.put(placesKey(object.key), bytes, { contentType: 'application/json' });
    return places;
  }
}
