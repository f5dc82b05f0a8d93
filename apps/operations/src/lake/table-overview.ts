import { tableName, type EventType } from '@sluice/event-schema';
import type { FailureReader } from '@sluice/failed-records';
import type { LakeDate, LateCounts } from '@sluice/lake-layout';
import type { KnownObjects } from './known-objects';
import { listRawFiles, type RawFile } from './raw-files';

/** The state of a table, read from its objects. Times are in milliseconds since 1970. */
export interface TableOverview {
  readonly table: string;
  readonly eventType: string;
  readonly version: string;
  readonly description?: string;
  readonly key: string;
  readonly columns: number;
  /**
   * Number of rows in compacted files, and in raw files that are not absorbed yet; in the latter an event that
   * arrived twice counts twice.
   */
  readonly rows: number;
  /** False where there are more raw files than were examined. */
  readonly isExact: boolean;
  readonly bytes: number;
  readonly files: { readonly raw: number; readonly compacted: number };
  readonly days: number;
  readonly sealedDays: number;
  readonly firstDay?: LakeDate;
  readonly lastDay?: LakeDate;
  readonly lastDeliveryMs?: number;
  readonly lastCompactionMs?: number;
  /** Raw files that no compacted file absorbed yet. */
  readonly backlog: {
    readonly files: number;
    readonly bytes: number;
    readonly rows: number;
    readonly oldestMs?: number;
  };
  readonly delivered: Delivered;
  /** Compacted rows by how long after their own time they arrived; left out where the event type has no time. */
  readonly late?: LateCounts;
  readonly failures: {
    readonly records: number;
    readonly replayed: number;
    readonly lastMs?: number;
    /** False where there is more error output than was read. */
    readonly isExact: boolean;
  };
  /** Days whose manifest can't be read, with the reason. */
  readonly faults: readonly string[];
}

/** Number of rows that were delivered lately, by the minute of their delivery. */
export interface Delivered {
  /**
   * Moment from which on the numbers are complete. Older deliveries may be missing, because raw files are deleted
   * some time after compaction.
   */
  readonly fromMs: number;
  readonly stepMs: number;
  readonly points: readonly { readonly atMs: number; readonly rows: number }[];
  readonly rowsPerMinute: number;
}

export interface LakeOverview {
  readonly atMs: number;
  readonly tables: readonly TableOverview[];
}

const minuteMs = 60_000;
/** Period of the deliveries shown, in milliseconds. */
const shownMs = 60 * minuteMs;
/** Period over which the rate is computed, in milliseconds. */
const rateMs = 5 * minuteMs;
/** Largest number of footers read for one table, in addition to those that are known. */
const maxFooters = 300;

export interface OverviewParts {
  readonly known: KnownObjects;
  readonly failures: FailureReader;
  readonly nowMs: number;
}

/** Reads the state of a table. */
export async function tableOverview(
  eventType: EventType,
  columns: number,
  { known, failures, nowMs }: OverviewParts,
): Promise<TableOverview> {
  const { store } = known;
  const table = tableName(eventType);
  const manifests = await known.manifests(table);
  const [raw, failed] = await Promise.all([
    listRawFiles(store, table, manifests),
    failures.read({ store, eventTypes: [eventType], samples: 0 }),
  ]);
  const open = raw.files.filter(({ isAbsorbed }) => !isAbsorbed);
  const recent = raw.files.filter(({ modifiedMs }) => modifiedMs >= nowMs - shownMs);
  const counted = [...new Set([...open, ...recent])].slice(0, maxFooters);
  const rowsOf = new Map<RawFile, number>();
  (await known.rowCounts(counted)).forEach((rows, index) => {
    const file = counted[index];
    if (file && rows !== undefined) rowsOf.set(file, rows);
  });
  const compacted = manifests.flatMap(({ manifest }) => manifest?.files ?? []);
  const openRows = sum(open, (file) => rowsOf.get(file) ?? 0);
  const dates = [
    ...new Set([...manifests.map(({ date }) => date), ...raw.files.map(({ date }) => date)]),
  ].sort();
  const lastCompactionMs = Math.max(
    0,
    ...manifests.map(({ manifest }) => manifest?.updatedAtMs ?? 0),
  );
  const [first] = dates;
  const last = dates.at(-1);
  const [newest] = raw.files;
  const oldest = open.at(-1);
  return {
    table,
    eventType: eventType.name,
    version: eventType.version,
    ...(eventType.description !== undefined && { description: eventType.description }),
    key: eventType.key,
    columns,
    rows: sum(compacted, ({ rows }) => rows) + openRows,
    isExact: raw.isComplete && open.length <= maxFooters,
    bytes: sum(compacted, ({ bytes }) => bytes) + sum(open, ({ bytes }) => bytes),
    files: { raw: raw.files.length, compacted: compacted.length },
    days: dates.length,
    sealedDays: manifests.filter(({ manifest }) => manifest?.sealed).length,
    ...(first !== undefined && { firstDay: first }),
    ...(last !== undefined && { lastDay: last }),
    ...(newest && { lastDeliveryMs: newest.modifiedMs }),
    ...(lastCompactionMs > 0 && { lastCompactionMs }),
    backlog: {
      files: open.length,
      bytes: sum(open, ({ bytes }) => bytes),
      rows: openRows,
      ...(oldest && { oldestMs: oldest.modifiedMs }),
    },
    delivered: deliveredLately(recent, rowsOf, nowMs),
    ...lateTogether(manifests.flatMap(({ manifest }) => manifest?.late ?? [])),
    failures: {
      records: failed.records,
      replayed: failed.replayed,
      isExact: failed.objects === failed.objectsRead,
      ...(failed.records > 0 && {
        lastMs: Math.max(...failed.groups.map(({ lastMs }) => lastMs)),
      }),
    },
    faults: manifests.flatMap(({ fault }) => (fault === undefined ? [] : [fault])),
  };
}

const lateTogether = (counts: readonly LateCounts[]): Pick<TableOverview, 'late'> =>
  counts.length === 0
    ? {}
    : {
        late: {
          minutes: sum(counts, ({ minutes }) => minutes),
          hours: sum(counts, ({ hours }) => hours),
          days: sum(counts, ({ days }) => days),
        },
      };

function deliveredLately(
  recent: readonly RawFile[],
  rowsOf: ReadonlyMap<RawFile, number>,
  nowMs: number,
): Delivered {
  const known = recent.filter((file) => rowsOf.has(file));
  const points = new Map<number, number>();
  for (const file of known) {
    const atMs = Math.floor(file.modifiedMs / minuteMs) * minuteMs;
    points.set(atMs, (points.get(atMs) ?? 0) + (rowsOf.get(file) ?? 0));
  }
  const isWhole = known.length === recent.length;
  const lately = known.filter(({ modifiedMs }) => modifiedMs >= nowMs - rateMs);
  return {
    fromMs: isWhole ? nowMs - shownMs : (known.at(-1)?.modifiedMs ?? nowMs),
    stepMs: minuteMs,
    points: [...points].sort(([a], [b]) => a - b).map(([atMs, rows]) => ({ atMs, rows })),
    rowsPerMinute: sum(lately, (file) => rowsOf.get(file) ?? 0) / (rateMs / minuteMs),
  };
}

const sum = <T>(items: readonly T[], of: (item: T) => number): number =>
  items.reduce((total, item) => total + of(item), 0);
