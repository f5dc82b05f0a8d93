import { tableName, type EventType } from '@sluice/event-schema';
import {
  dateOfKey,
  ManifestError,
  manifestKey,
  manifestPrefix,
  rawTablePrefix,
  readManifest,
  type LakeDate,
  type ObjectStore,
} from '@sluice/lake-layout';
import { compactDay, type CompactDayOptions, type CompactDayResult } from './compact-day';
import { filesToRewrite } from './plan-step';

export interface CompactTableOptions extends Omit<CompactDayOptions, 'date'> {
  /** Day to compact. @default every day that has something to do */
  readonly date?: LakeDate | undefined;
  /**
   * ETags of manifests, by key, whose days were found to be done. Keeping this map for the next run saves one request
   * for each of these days.
   */
  readonly done?: Map<string, string>;
  /**
   * Largest number of days that one run rewrites although nothing else is to be done for them: other engines would
   * misread the files that an earlier release wrote.
   *
   * @default 8
   */
  readonly maxRewrittenDays?: number;
}

/** Error for days of a table that can't be compacted. All other days were compacted. */
export class FailedDaysError extends Error {
  override readonly name = 'FailedDaysError';
  constructor(
    table: string,
    readonly faults: readonly { readonly date: LakeDate; readonly error: Error }[],
    /** Results of the other tables or days. */
    readonly compacted: readonly CompactDayResult[],
  ) {
    super(
      `${table} was not compacted on ${faults.map(({ date, error }) => `${date}: ${error.message}`).join('; on ')}`,
      { cause: faults[0]?.error },
    );
  }
}

/**
 * Compacts the days of a table, the newest first, because look-ups of the current day gain most. A day that can't be
 * compacted does not stop the others.
 *
 * @throws FailedDaysError
 */
export async function compactTable({
  date,
  done = new Map(),
  maxRewrittenDays = 8,
  ...options
}: CompactTableOptions): Promise<readonly CompactDayResult[]> {
  const { store, eventType, publication, deadlineMs = Infinity, now = Date.now } = options;
  const { dates, toRewrite } =
    date === undefined
      ? await daysToCompact(store, eventType, { done, publication })
      : { dates: [date], toRewrite: new Map<LakeDate, string>() };
  const results: CompactDayResult[] = [];
  const faults: { readonly date: LakeDate; readonly error: Error }[] = [];
  for (const each of [...dates, ...[...toRewrite.keys()].slice(0, maxRewrittenDays)]) {
    if (now() >= deadlineMs) break;
    try {
      const result = await compactDay({ ...options, date: each });
      results.push(result);
      // Otherwise every run would try again to rewrite a file that can't be rewritten, and other days would wait.
      const etag = toRewrite.get(each);
      if (etag !== undefined && result.refused.length > 0)
        done.set(manifestKey(tableName(eventType), each), etag);
    } catch (error) {
      faults.push({ date: each, error: error as Error });
    }
  }
  if (faults.length > 0) throw new FailedDaysError(tableName(eventType), faults, results);
  return results;
}

interface DaysToCompact {
  /** Days with raw files, and days that are not done: not sealed and announced, or with files still to be swept. */
  readonly dates: readonly LakeDate[];
  /** Other days with files to be rewritten, with the ETags of their manifests. */
  readonly toRewrite: ReadonlyMap<LakeDate, string>;
}

/** Finds the days that have something to do, the newest first. */
async function daysToCompact(
  store: ObjectStore,
  eventType: EventType,
  {
    done,
    publication,
  }: { readonly done: Map<string, string> } & Pick<CompactDayOptions, 'publication'>,
): Promise<DaysToCompact> {
  const table = tableName(eventType);
  const dates = new Set<LakeDate>();
  const withManifest = new Set<LakeDate>();
  const toRewrite: [LakeDate, string][] = [];
  for await (const { key } of store.list(rawTablePrefix(table))) {
    const date = dateOfKey(key);
    if (date !== undefined) dates.add(date);
  }
  for await (const { key, etag } of store.list(manifestPrefix(table))) {
    const date = dateOfKey(key);
    if (date === undefined) continue;
    withManifest.add(date);
    if (dates.has(date) || done.get(key) === etag) continue;
    const stored = await readManifest(store, table, date).catch((error: unknown) => {
      // Compaction of the manifest's day reports it.
      if (error instanceof ManifestError) dates.add(date);
      else throw error;
    });
    if (!stored) continue;
    const { manifest } = stored;
    publication?.see(manifest);
    if (!manifest.announced || manifest.absorbed.length > 0 || manifest.replaced.length > 0)
      dates.add(date);
    else if (publication && filesToRewrite(manifest).length > 0)
      toRewrite.push([date, stored.etag]);
    else done.set(key, stored.etag);
  }
  publication?.seeDays(withManifest);
  return {
    dates: [...dates].sort().reverse(),
    toRewrite: new Map(toRewrite.sort().reverse()),
  };
}
