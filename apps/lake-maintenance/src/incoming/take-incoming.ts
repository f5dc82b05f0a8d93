import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { isEventFile, SourceFileError } from '@sluice/event-files';
import { tableName, type EventType } from '@sluice/event-schema';
import {
  incomingOfKey,
  incomingPrefix,
  lakeDate,
  movedKey,
  ObjectNotFoundError,
  refusalReasonKey,
  refusedPrefix,
  takenPrefix,
  type ObjectInfo,
  type ObjectStore,
} from '@sluice/lake-layout';
import { countText } from '@sluice/values/figures';
import { backfill, backfillRefusal, type BackfillFileResult } from '../backfill/backfill-file';

export interface TakeIncomingOptions {
  readonly store: ObjectStore;
  readonly eventTypes: readonly EventType[];
  /** Key of the only file to ingest. @default all that wait */
  readonly key?: string | undefined;
  /** Moment after which no file and no part of one begins, in milliseconds since 1970. */
  readonly deadlineMs: number;
  /** Largest size in bytes of a file that is ingested. @default 256 MiB */
  readonly maxBytes?: number;
  readonly now: () => number;
}

export interface IncomingFile {
  readonly key: string;
  readonly table: string;
  /**
   * `taken`: its events are rows, or in the error output. `known`: a file with the same bytes was ingested before.
   * `refused`: it can't be ingested. `unfinished`: the deadline came first. `elsewhere`: another run is ingesting it.
   */
  readonly status: 'taken' | 'known' | 'refused' | 'unfinished' | 'elsewhere';
  readonly rows: number;
  /** Number of events in the error output. */
  readonly failed: number;
  /** Why it was refused. */
  readonly reason?: string;
}

export interface TakeIncomingResult {
  /** False where files still wait for another run. */
  readonly complete: boolean;
  readonly files: readonly IncomingFile[];
  /** Keys below folders that are named after no event type; they stay where they are. */
  readonly unknown: readonly string[];
}

const mebibyte = 2 ** 20;

/**
 * Ingests the files that were dropped for event types, as a backfill does: each event becomes a row of the day of its
 * own time, or of the day on which the file arrived if its type names no time. An ingested file is moved away, so
 * after any interruption the next run continues; the same bytes are never ingested twice.
 */
export async function takeIncoming({
  store,
  eventTypes,
  key: only,
  deadlineMs,
  maxBytes = 256 * mebibyte,
  now,
}: TakeIncomingOptions): Promise<TakeIncomingResult> {
  const files: IncomingFile[] = [];
  const unknown: string[] = [];
  let complete = true;
  for await (const object of store.list(only ?? incomingPrefix)) {
    const found = only === undefined || object.key === only ? incomingOfKey(object.key) : undefined;
    if (!found || isUnfinishedName(found.name)) continue;
    const eventType = eventTypes.find(
      (one) => one.name === found.eventType || tableName(one) === found.eventType,
    );
    if (!eventType) {
      unknown.push(object.key);
      continue;
    }
    if (now() >= deadlineMs) {
      complete = false;
      break;
    }
    const file = await takeOne(object, found.name, eventType);
    if (!file) continue;
    files.push(file);
    complete &&= file.status !== 'unfinished' && file.status !== 'elsewhere';
  }
  return { complete, files, unknown };

  async function takeOne(
    object: ObjectInfo,
    name: string,
    eventType: EventType,
  ): Promise<IncomingFile | undefined> {
    const { key, bytes: size, etag, modifiedMs } = object;
    const table = tableName(eventType);
    const told = { key, table, rows: 0, failed: 0 };
    const unfit = refusalOf(object, eventType, maxBytes);
    let bytes: Uint8Array;
    try {
      // A file that is too large is not read or moved; the reason is stored beside it.
      if (unfit !== undefined && size > maxBytes) {
        await putReason(unfit);
        return { ...told, status: 'refused', reason: unfit };
      }
      ({ bytes } = await store.get(key, { ifMatch: etag }));
    } catch (error) {
      // Another run has taken and moved it.
      if (error instanceof ObjectNotFoundError) return undefined;
      throw error;
    }
    const refuse = async (reason: string): Promise<IncomingFile> => {
      await putReason(reason);
      await move(refusedPrefix);
      return { ...told, status: 'refused', reason };
    };
    if (unfit !== undefined) return refuse(unfit);
    let result: BackfillFileResult;
    try {
      result = await withFile(name, bytes, (path) =>
        backfill({
          ...{ store, eventType, deadlineMs, now },
          ...(eventType.time === undefined && { date: lakeDate(modifiedMs) }),
        })(path, key),
      );
    } catch (error) {
      if (error instanceof SourceFileError) return refuse(error.message);
      throw error;
    }
    const { rows, failed } = result.counts;
    if (result.status === 'unfinished' || result.status === 'elsewhere')
      return { ...told, status: result.status };
    await move(takenPrefix);
    return { ...told, rows, failed, status: result.status === 'done' ? 'taken' : 'known' };

    function moved(prefix: string): string {
      return movedKey(prefix, table, { date: lakeDate(modifiedMs), name });
    }

    async function putReason(reason: string): Promise<void> {
      await store.put(refusalReasonKey(moved(refusedPrefix)), Buffer.from(`${reason}\n`), {
        contentType: 'text/plain; charset=utf-8',
      });
    }

    async function move(prefix: string): Promise<void> {
      await store.put(moved(prefix), bytes);
      await store.delete([key]);
    }
  }
}

/** Decides whether a file is still being written, or is not meant to be ingested, by its name. */
const isUnfinishedName = (name: string): boolean =>
  /^[._]/.test(basename(name)) || /\.(?:tmp|part|partial|crdownload)$/i.test(name);

/** Returns the reason why a file can't be ingested, known before it is read; undefined where there is none. */
function refusalOf(
  { key, bytes }: ObjectInfo,
  eventType: EventType,
  maxBytes: number,
): string | undefined {
  const refusal = backfillRefusal(eventType);
  if (refusal !== undefined) return refusal;
  if (!isEventFile(key))
    return 'its name does not end in .json, .ndjson, .jsonl, .csv or .tsv, each also with .gz, or in .parquet';
  if (bytes > maxBytes)
    return `it has ${countText(bytes)} bytes, of at most ${countText(maxBytes)}: take it by npm run lake -- backfill`;
  return undefined;
}

async function withFile<T>(
  name: string,
  bytes: Uint8Array,
  use: (path: string) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-incoming-'));
  try {
    const path = join(folder, basename(name));
    await writeFile(path, bytes);
    return await use(path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
