import { hasSubject, tableName, type EventType } from '@sluice/event-schema';
import type { LakeDate } from '@sluice/lake-layout';
import { erasedDays, type ErasedDay } from './erased-days';
import type { KnownObjects } from './known-objects';
import { listRawFiles } from './raw-files';

/** The content of a table for one day. */
export interface TableDay {
  readonly date: LakeDate;
  /**
   * `raw`: nothing is compacted yet; `open`: compaction goes on; `late`: raw files arrived after the day was sealed;
   * `damaged`: its manifest can't be read.
   */
  readonly state: 'raw' | 'open' | 'sealed' | 'late' | 'damaged';
  /** Number of rows in compacted files. */
  readonly rows: number;
  readonly bytes: number;
  readonly files: number;
  /** Raw files that no compacted file absorbed yet. */
  readonly waiting: { readonly files: number; readonly bytes: number };
  readonly compactedMs?: number;
  readonly fault?: string;
  /** Rows that erasures of people removed; missing where there are none. */
  readonly erased?: ErasedDay;
}

/** Returns the days of a table, the newest first. */
export async function tableDays(
  known: KnownObjects,
  eventType: EventType,
): Promise<readonly TableDay[]> {
  const table = tableName(eventType);
  const erasedOf = hasSubject(eventType) ? await erasedDays(known, table) : undefined;
  const manifests = await known.manifests(table);
  const { files } = await listRawFiles(known.store, table, manifests);
  const byDate = new Map(manifests.map((one) => [one.date, one]));
  const dates = new Set([...byDate.keys(), ...files.map(({ date }) => date)]);
  return [...dates]
    .sort()
    .reverse()
    .map((date): TableDay => {
      const { manifest, fault } = byDate.get(date) ?? {};
      const erased = erasedOf?.get(date);
      const open = files.filter((file) => file.date === date && !file.isAbsorbed);
      return {
        date,
        state:
          fault !== undefined
            ? 'damaged'
            : !manifest
              ? 'raw'
              : !manifest.sealed
                ? 'open'
                : open.length > 0
                  ? 'late'
                  : 'sealed',
        rows: (manifest?.files ?? []).reduce((sum, { rows }) => sum + rows, 0),
        bytes: (manifest?.files ?? []).reduce((sum, { bytes }) => sum + bytes, 0),
        files: manifest?.files.length ?? 0,
        waiting: { files: open.length, bytes: open.reduce((sum, { bytes }) => sum + bytes, 0) },
        ...(manifest && { compactedMs: manifest.updatedAtMs }),
        ...(fault !== undefined && { fault }),
        ...(erased && { erased }),
      };
    });
}
