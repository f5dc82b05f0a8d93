import { isPrivate, tableName, type EventType } from '@sluice/event-schema';
import {
  dateOfKey,
  errorsPrefix,
  findObject,
  type LakeDate,
  type ObjectInfo,
  type ObjectStore,
} from '@sluice/lake-layout';
import { compileRecordCheck, type Flattener } from '@sluice/record-flattening';
import { errorKinds, errorLineReader, linesOf, type ErrorKind } from './error-line';
import { failureOf, type FailureReason, sealedReason } from './failure-reasons';
import { readEntries, type LedgerEntry } from './ledger';
import { suggestFixes, type FixStep } from './fixes';
import { unzipped } from './record-fault';

export interface ReadFailuresOptions {
  readonly store: Pick<ObjectStore, 'list' | 'get'>;
  readonly eventTypes: readonly EventType[];
  /** Days of the error output, both inclusive. @default all */
  readonly from?: LakeDate | undefined;
  readonly to?: LakeDate | undefined;
  /** Number of samples of each group, the newest first. @default 3 */
  readonly samples?: number;
  /** Decides whether the bodies of an event type's samples may be shown. @default all may */
  readonly showsBodies?: (eventType: EventType) => boolean;
  /** Largest number of objects to read, the newest first; `objectsRead` tells how many were. @default 200 */
  readonly maxObjects?: number;
}

/** A failed record, decoded for a person. Its text may be anything that a client sent. */
export interface FailureSample {
  readonly key: string;
  /** Number of the line in the object, from 0. */
  readonly line: number;
  readonly arrivedAtMs: number;
  /** The record as UTF-8, uncompressed, cut after {@link maxSampleCharacters}. */
  readonly body: string;
  /** Size of the record as it was sent, in bytes. */
  readonly bytes: number;
  readonly isCut: boolean;
  readonly isReplayed: boolean;
}

/** Records of one table that failed for the same reason. */
export interface FailureGroup extends FailureReason {
  readonly table: string;
  readonly eventType: string;
  readonly kind: ErrorKind;
  /** Number of the records that a replay sent again. */
  readonly replayed: number;
  readonly firstMs: number;
  readonly lastMs: number;
  /**
   * Number of records by time of arrival: each time in ascending order, with the records from it to the next. Times
   * without records are left out.
   */
  readonly series: readonly { readonly atMs: number; readonly records: number }[];
  readonly samples: readonly FailureSample[];
  /** Steps that would fix the records, as far as the reason determines them. */
  readonly fixes: readonly FixStep[];
}

export interface Failures {
  readonly records: number;
  readonly replayed: number;
  /** Number of objects in the error output; `objectsRead` of them were read. */
  readonly objects: number;
  readonly objectsRead: number;
  /** Milliseconds from one time of the series to the next. */
  readonly stepMs: number;
  /** Groups, beginning with the one that has most records not replayed yet. */
  readonly groups: readonly FailureGroup[];
}

const maxSampleCharacters = 8_192;
const defaultMaxObjects = 200;
/** Largest number of objects whose content is kept in memory; a group takes some kilobytes with its samples. */
const maxKnownObjects = 400;
const maxKeptSamples = 5;
const minuteMs = 60_000;
/** Largest number of points in a series. */
const maxPoints = 60;
const steps = [1, 5, 15, 60, 6 * 60, 24 * 60].map((minutes) => minutes * minuteMs);

interface ObjectGroup extends Omit<FailureReason, 'records'> {
  readonly lines: number[];
  /** Number of records by the minute of their arrival. */
  readonly minutes: Map<number, number>;
  /** Arrivals of all records that say when they arrived, in milliseconds since 1970; the first and the last. */
  firstMs: number;
  lastMs: number;
  readonly samples: Omit<FailureSample, 'isReplayed'>[];
}

interface KnownObject {
  readonly groups: readonly ObjectGroup[];
}

/**
 * Reads the error output. The content of an object is remembered under its ETag, so that the next call only reads new
 * objects; it is remembered as judged by the definition with which it was first read.
 *
 * @example
 * import { s3Client, s3ObjectStore } from '@sluice/aws-clients';
 * import { matchEvent } from '@sluice/event-types';
 * import { FailureReader } from '@sluice/failed-records';
 * const store = s3ObjectStore({ client: s3Client(), bucket: 'my-lake' });
 * const { groups } = await new FailureReader().read({ store, eventTypes: [matchEvent] });
 */
export class FailureReader {
  readonly #known = new Map<string, KnownObject>();

  async read({
    store,
    eventTypes,
    from = '',
    to = '9999',
    samples = 3,
    showsBodies = () => true,
    maxObjects = defaultMaxObjects,
  }: ReadFailuresOptions): Promise<Failures> {
    const found: {
      readonly object: ObjectInfo;
      readonly kind: ErrorKind;
      readonly eventType: EventType;
    }[] = [];
    const ledgers = new Map<string, LedgerEntry>();
    await Promise.all(
      eventTypes.map(async (eventType) => {
        const table = tableName(eventType);
        const before = found.length;
        for (const kind of errorKinds)
          for await (const object of store.list(`${errorsPrefix(table)}${kind}/`)) {
            const date = dateOfKey(object.key);
            if (date !== undefined && date >= from && date <= to && object.bytes > 0)
              found.push({ object, kind, eventType });
          }
        if (found.length > before)
          for (const [key, entry] of await readEntries(store, table)) ledgers.set(key, entry);
      }),
    );
    found.sort((a, b) => b.object.modifiedMs - a.object.modifiedMs);
    const read = found.slice(0, maxObjects);
    const groups = new Map<string, MutableGroup>();
    const flatteners = new Map<EventType, Flattener>();
    for (const { object, kind, eventType } of read) {
      const flattener = flatteners.get(eventType) ?? compileRecordCheck(eventType);
      flatteners.set(eventType, flattener);
      const known = await this.#object(store, object, kind, flattener);
      const ledger = ledgers.get(object.key);
      const isReplayed = sentLines(ledger?.etag === object.etag ? ledger : undefined);
      for (const group of known.groups) {
        const { code, pointer, detail } = group;
        const table = tableName(eventType);
        const id = JSON.stringify([table, kind, code, pointer, detail]);
        const merged =
          groups.get(id) ??
          ({
            table,
            eventType: eventType.name,
            kind,
            code,
            pointer,
            detail,
            records: 0,
            replayed: 0,
            minutes: new Map<number, number>(),
            firstMs: Infinity,
            lastMs: -Infinity,
            samples: [],
          } satisfies MutableGroup);
        groups.set(id, merged);
        merged.records += group.lines.length;
        merged.firstMs = Math.min(merged.firstMs, group.firstMs);
        merged.lastMs = Math.max(merged.lastMs, group.lastMs);
        merged.replayed += group.lines.filter(isReplayed).length;
        for (const [minute, records] of group.minutes)
          merged.minutes.set(minute, (merged.minutes.get(minute) ?? 0) + records);
        for (const sample of group.samples)
          merged.samples.push({
            ...sample,
            ...(!showsBodies(eventType) && { body: restrictedBody, isCut: false }),
            isReplayed: isReplayed(sample.line),
          });
      }
    }
    return report([...groups.values()], {
      samples,
      objects: found.length,
      objectsRead: read.length,
    });
  }

  async #object(
    store: Pick<ObjectStore, 'get'>,
    { key, etag }: ObjectInfo,
    kind: ErrorKind,
    flattener: Flattener,
  ): Promise<KnownObject> {
    const id = `${etag} ${key}`;
    const known = this.#known.get(id);
    if (known) return known;
    const found = await findObject(store, key);
    // The object expired since it was listed.
    if (!found) return { groups: [] };
    const read = readObject(key, found.bytes, kind, flattener);
    this.#known.set(id, read);
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= maxKnownObjects) break;
      this.#known.delete(oldest);
    }
    return read;
  }
}

interface MutableGroup extends Omit<FailureReason, 'records'> {
  readonly table: string;
  readonly eventType: string;
  readonly kind: ErrorKind;
  records: number;
  replayed: number;
  readonly minutes: Map<number, number>;
  firstMs: number;
  lastMs: number;
  readonly samples: FailureSample[];
}

function readObject(
  key: string,
  bytes: Uint8Array,
  kind: ErrorKind,
  flattener: Flattener,
): KnownObject {
  const read = errorLineReader(kind);
  // The privacy rules were applied to rows that failed conversion, but not to records that the function refused.
  const isHidden = kind === 'processing-failed' && isPrivate(flattener.eventType);
  const groups = new Map<string, ObjectGroup>();
  let line = 0;
  for (const text of linesOf(bytes)) {
    const result = read(text);
    const reason =
      kind === 'sealed'
        ? sealedReason(text)
        : result.ok
          ? failureOf(result.record, kind, flattener)
          : { code: 'unreadable', pointer: undefined, detail: result.detail };
    const id = JSON.stringify([reason.code, reason.pointer, reason.detail]);
    const group: ObjectGroup = groups.get(id) ?? {
      ...reason,
      lines: [],
      minutes: new Map(),
      firstMs: Infinity,
      lastMs: -Infinity,
      samples: [],
    };
    groups.set(id, group);
    group.lines.push(line);
    const arrivedAtMs = result.ok ? result.record.origin.arrivalMs : 0;
    const minute = Math.floor(arrivedAtMs / minuteMs) * minuteMs;
    if (result.ok) {
      group.minutes.set(minute, (group.minutes.get(minute) ?? 0) + 1);
      group.firstMs = Math.min(group.firstMs, arrivedAtMs);
      group.lastMs = Math.max(group.lastMs, arrivedAtMs);
    }
    if (group.samples.length < maxKeptSamples)
      group.samples.push({
        key,
        line,
        arrivedAtMs,
        ...sampleBody(result.ok ? result.record.bytes : text, isHidden),
      });
    line++;
  }
  return { groups: [...groups.values()] };
}

/** Shown instead of a record that holds personal data. */
const hiddenBody = '"hidden: the event type has privacy"';

/** Shown instead of a record with values that the caller may not see. */
const restrictedBody = '"hidden: the event type has restricted columns"';

function sampleBody(
  bytes: Uint8Array,
  isHidden: boolean,
): Pick<FailureSample, 'body' | 'bytes' | 'isCut'> {
  if (isHidden) return { body: hiddenBody, bytes: bytes.length, isCut: false };
  const text = new TextDecoder().decode(unzipped(bytes) ?? bytes);
  const isCut = text.length > maxSampleCharacters;
  return { body: isCut ? text.slice(0, maxSampleCharacters) : text, bytes: bytes.length, isCut };
}

/** Returns a function that decides whether the record of a line was sent again. */
function sentLines(entry: LedgerEntry | undefined): (line: number) => boolean {
  if (!entry) return () => false;
  const left = new Set(entry.leftLines);
  return (line) => line < entry.nextLine && !left.has(line);
}

function report(
  groups: readonly MutableGroup[],
  {
    samples,
    ...counts
  }: { readonly samples: number; readonly objects: number; readonly objectsRead: number },
): Failures {
  const times = groups.flatMap(({ minutes }) => [...minutes.keys()]);
  const firstMs = times.reduce((least, time) => Math.min(least, time), Infinity);
  const lastMs = times.reduce((most, time) => Math.max(most, time), -Infinity);
  const stepMs =
    steps.find((step) => (lastMs - firstMs) / step < maxPoints) ?? steps.at(-1) ?? minuteMs;
  return {
    records: groups.reduce((sum, { records }) => sum + records, 0),
    replayed: groups.reduce((sum, { replayed }) => sum + replayed, 0),
    ...counts,
    stepMs,
    groups: groups
      .map(({ minutes, ...group }): FailureGroup => {
        return {
          ...group,
          series: seriesOf(minutes, stepMs),
          samples: [...group.samples]
            .sort(
              (a, b) =>
                Number(a.isReplayed) - Number(b.isReplayed) || b.arrivedAtMs - a.arrivedAtMs,
            )
            .slice(0, samples),
          fixes: group.kind === 'processing-failed' ? suggestFixes(group) : [],
        };
      })
      .map((group) =>
        Number.isFinite(group.firstMs) ? group : { ...group, firstMs: 0, lastMs: 0 },
      )
      .sort((a, b) => b.records - b.replayed - (a.records - a.replayed) || b.records - a.records),
  };
}

function seriesOf(minutes: ReadonlyMap<number, number>, stepMs: number): FailureGroup['series'] {
  const series = new Map<number, number>();
  for (const [minute, records] of minutes) {
    const atMs = Math.floor(minute / stepMs) * stepMs;
    series.set(atMs, (series.get(atMs) ?? 0) + records);
  }
  return [...series].sort(([a], [b]) => a - b).map(([atMs, records]) => ({ atMs, records }));
}
