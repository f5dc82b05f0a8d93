import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { SourceFileError } from '@sluice/event-files';
import { openEventFile } from '@sluice/event-files/tables';
import { isPrivate, tableName, type EventType } from '@sluice/event-schema';
import {
  backfillErrorsKey,
  backfillNamePrefix,
  definitionFingerprint,
  lakeDate,
  PreconditionFailedError,
  rawHourPrefix,
  type LakeDate,
  type ObjectStore,
} from '@sluice/lake-layout';
import { compileFlattener, type RecordOrigin } from '@sluice/record-flattening';
import pMap from 'p-map';
import {
  addCounts,
  noCounts,
  readBackfillState,
  writeBackfillState,
  type BackfillCounts,
  type BackfillState,
} from './backfill-state';
import { eventMoments } from './event-moment';
import { EventPart, rowsOfText } from './event-part';
import { failedLine } from './failed-lines';
import { arrivedAlready } from './arrived-already';

export interface BackfillOptions {
  readonly store: ObjectStore;
  readonly eventType: EventType;
  /** Path of the event's time. @default the one that the event type names */
  readonly time?: string | undefined;
  /** Day of the events that have no time; without it they fail. */
  readonly date?: LakeDate | undefined;
  /** First and last day to take, both inclusive. @default all */
  readonly from?: LakeDate | undefined;
  readonly to?: LakeDate | undefined;
  /**
   * Milliseconds after an event within which it may have arrived already and be stored under a later day.
   *
   * @default 0: none has arrived
   */
  readonly lookAheadMs?: number;
  /** True to read and count without writing anything. @default false */
  readonly isDryRun?: boolean;
  /**
   * Bytes of text and rows that one part holds in memory. It must be the same for runs that are to write the same
   * files.
   *
   * @default 128 MiB
   */
  readonly partBytes?: number;
  /** Moment after which no part begins, in milliseconds since 1970. @default none */
  readonly deadlineMs?: number;
  readonly now?: () => number;
}

export interface BackfillFileResult {
  readonly file: string;
  /**
   * `known`: an earlier run took the file. `elsewhere`: another run is taking it. `unfinished`: the deadline came
   * first.
   */
  readonly status: 'done' | 'known' | 'unfinished' | 'elsewhere';
  readonly counts: BackfillCounts;
  readonly days: Readonly<Record<LakeDate, number>>;
  /** Failures in this run by code: their number, and a sentence about the first. */
  readonly faults: readonly BackfillFault[];
}

export interface BackfillFault {
  readonly code: string;
  readonly count: number;
  /** Location of the first failure, and its reason. */
  readonly first: string;
}

/**
 * Ingests one file.
 *
 * @param name of the file, for messages
 * @throws SourceFileError where it can't be read; the events before that are taken
 */
export type TakeFile = (
  path: string,
  name: string,
  onBytesRead?: (bytes: number, events: number) => void,
) => Promise<BackfillFileResult>;

const mebibyte = 2 ** 20;
const filesAtOnce = 8;
/** Characters of a digest in names; its 96 bits identify a file. */
const digestLength = 24;

/** Returns why events of a type can't be taken from files; undefined where they can. */
export const backfillRefusal = (eventType: EventType): string | undefined =>
  isPrivate(eventType)
    ? `the event type ${eventType.name} has rules of privacy, which are applied on the way through the stream alone: post these events`
    : undefined;

/**
 * Returns a function that takes files of past events: each event is flattened as if it had been posted, and stored
 * under the day of its own time. Events that can't become rows go to the error output. Rows are written as raw files;
 * compaction does the rest.
 *
 * A file is taken in parts, each of which is noted once all of it is written. After a run was killed, the next one
 * continues after the last part; it writes the interrupted part again, to the same keys and with the same identities.
 *
 * @throws BackfillRefusedError where the day of the events can't be determined, or rules of privacy would not be applied
 * @example
 * const take = backfill({ store, eventType: order });
 * const { counts, days } = await take('orders-2025.ndjson.gz', 'orders-2025.ndjson.gz');
 */
export function backfill({
  store,
  eventType,
  time,
  date,
  from,
  to,
  lookAheadMs = 0,
  isDryRun = false,
  partBytes = 128 * mebibyte,
  deadlineMs = Infinity,
  now = Date.now,
}: BackfillOptions): TakeFile {
  const refusal = backfillRefusal(eventType);
  if (refusal !== undefined) throw new BackfillRefusedError(refusal);
  const table = tableName(eventType);
  const moments = eventMoments(eventType, { time, date, now });
  if (!moments)
    throw new BackfillRefusedError(
      time === undefined
        ? `the event type "${eventType.name}" names no time: say which of its values is one (--time), or the day of all events (--date)`
        : `the event type "${eventType.name}" has no value "${time}" that could be the time`,
    );
  const momentOf = moments;
  const flattener = compileFlattener(eventType);
  const findArrived = arrivedAlready({ store, eventType, lookAheadMs });
  const choice = createHash('sha256')
    .update(JSON.stringify([definitionFingerprint(eventType), time, date, from, to, lookAheadMs]))
    .digest('hex')
    .slice(0, digestLength);
  const encoder = new TextEncoder();
  const decoder = new TextDecoder();

  return async (path, name, onBytesRead = () => undefined) => {
    const source = await openEventFile(path, eventType);
    const digest = await fileDigest(path);
    const shortDigest = digest.slice(0, digestLength);
    let stored = isDryRun ? undefined : await readBackfillState(store, table, digest);
    const before = stored?.state;
    const isSettled =
      before?.isDone === true &&
      (before.choice === choice || before.counts.failed + before.counts.outside === 0);
    if (before && isSettled)
      return { file: name, status: 'known', counts: before.counts, days: before.days, faults: [] };
    const goesOn = before?.choice === choice && !before.isDone;
    let state: BackfillState = goesOn
      ? before
      : {
          formatVersion: 1,
          file: name,
          digest,
          choice,
          startedAtMs: before?.startedAtMs ?? now(),
          position: 0,
          isDone: false,
          counts: noCounts,
          days: {},
          errorKeys: [],
          staleErrorKeys: [...(before?.errorKeys ?? []), ...(before?.staleErrorKeys ?? [])],
        };
    const faults = new Map<string, { count: number; first: string }>();
    const result = (status: BackfillFileResult['status']): BackfillFileResult => ({
      file: name,
      status,
      counts: state.counts,
      days: state.days,
      faults: [...faults].map(([code, { count, first }]) => ({ code, count, first })),
    });

    let part = new EventPart(eventType);
    let failures: string[] = [];
    let bytes = 0;
    let counts = noCounts;
    let first = 0;
    let bytesRead = 0;

    const commit = async (position: number, isDone: boolean): Promise<void> => {
      const finished = part.finish();
      const elsewhere = await findArrived(finished);
      const days: Record<LakeDate, number> = { ...state.days };
      const byDay = finished.byDay(elsewhere);
      for (const [day, rows] of byDay) days[day] = (days[day] ?? 0) + rows.length;
      const errorKey = backfillErrorsKey(
        table,
        lakeDate(state.startedAtMs),
        `${shortDigest}-${first}`,
      );
      if (!isDryRun) {
        await pMap(
          byDay,
          ([day, rows]) =>
            store.put(
              `${rawHourPrefix(table, day, '00')}${backfillNamePrefix}${shortDigest}-${first}.parquet`,
              finished.rawFile(rows),
              { contentType: 'application/vnd.apache.parquet' },
            ),
          { concurrency: filesAtOnce },
        );
        if (failures.length > 0) await store.put(errorKey, Buffer.from(failures.join('')));
      }
      const errorKeys = failures.length > 0 ? [errorKey] : [];
      const stale = state.staleErrorKeys.filter((key) => !errorKeys.includes(key));
      if (!isDryRun && isDone && stale.length > 0) await store.delete(stale);
      state = {
        ...state,
        position,
        isDone,
        counts: addCounts(state.counts, {
          ...counts,
          rows: finished.rows.rows - elsewhere.size,
          elsewhere: elsewhere.size,
        }),
        days,
        errorKeys: [...state.errorKeys, ...errorKeys],
        staleErrorKeys: isDone ? [] : stale,
      };
      if (!isDryRun) stored = await writeBackfillState(store, table, state, stored);
      part = new EventPart(eventType);
      failures = [];
      bytes = 0;
      counts = noCounts;
      first = 0;
    };

    const { startedAtMs } = state;
    let position = state.position;
    try {
      for await (const one of source.texts({ onBytesRead: (read) => (bytesRead += read) })) {
        if (one.position <= state.position) continue;
        if (bytes >= partBytes) {
          await commit(position, false);
          if (now() >= deadlineMs) return result('unfinished');
        }
        position = one.position;
        first ||= position;
        bytes += one.text.length;
        counts = { ...counts, events: counts.events + 1 };
        const origin = {
          shardId: 'file',
          sequenceNumber: `${shortDigest}-${position}`,
          arrivalMs: startedAtMs,
        };
        const fail = (code: string, detail: string): void => {
          counts = { ...counts, failed: counts.failed + 1 };
          const known = faults.get(code);
          faults.set(code, {
            count: (known?.count ?? 0) + 1,
            first: known?.first ?? `${name}, ${source.unit} ${position}: ${detail}`,
          });
          const line = failedLine({ code, detail, text: one.text, origin });
          if (!isDryRun) failures.push(line);
          bytes += line.length;
        };
        if (one.fault !== undefined) fail('not-a-row', one.fault);
        else bytes += takeText(one.text, origin, fail);
        if (counts.events % progressEvery === 0)
          onBytesRead(bytesRead, state.counts.events + counts.events);
      }
      await commit(position, true);
    } catch (error) {
      if (error instanceof PreconditionFailedError) return result('elsewhere');
      // The events before the unreadable location stay taken.
      if (error instanceof SourceFileError) await commit(position, false);
      throw error;
    }
    onBytesRead(bytesRead, state.counts.events);
    return result('done');

    /** Adds all rows of a text, or none. @returns the approximate number of bytes that they take */
    function takeText(
      text: string,
      origin: RecordOrigin,
      fail: (code: string, detail: string) => void,
    ): number {
      const flat = flattener.flatten(encoder.encode(text), origin);
      if (flat.status === 'dropped') return 0;
      if (flat.status === 'fault') {
        fail(flat.fault.code, `${flat.fault.path}: ${flat.fault.detail}`.replace(/^: /, ''));
        return 0;
      }
      const rowsBefore = part.rows;
      let outside = 0;
      for (const row of rowsOfText(decoder.decode(flat.bytes))) {
        const moment = momentOf(row);
        const fault =
          'code' in moment
            ? moment
            : isOutside(moment.ms)
              ? (outside++, undefined)
              : conversionFault(part.add(row, moment.ms));
        if (!fault) continue;
        part.truncate(rowsBefore);
        fail(fault.code, fault.detail);
        return 0;
      }
      counts = { ...counts, outside: counts.outside + outside };
      return flat.bytes.length;
    }
  };

  function isOutside(ms: number): boolean {
    const day = lakeDate(ms);
    return (from !== undefined && day < from) || (to !== undefined && day > to);
  }
}

/** Number of events between two calls of `onBytesRead`. */
const progressEvery = 1_000;

const conversionFault = (
  fault: { readonly column: string; readonly detail: string } | undefined,
): { readonly code: string; readonly detail: string } | undefined =>
  fault && { code: 'conversion', detail: `column ${fault.column}: it can't hold the value` };

/** Error for events that can't be taken: nothing tells their day, or their type has rules of privacy. The message is meant for a person. */
export class BackfillRefusedError extends Error {
  override readonly name = 'BackfillRefusedError';
}

/** Returns the SHA-256 of a file's bytes, which identifies the file whatever its name is. */
async function fileDigest(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: mebibyte }), hash);
  return hash.digest('hex');
}
