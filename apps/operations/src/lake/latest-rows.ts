import {
  eventIdColumn,
  ingestedAtColumn,
  tableColumns,
  tableName,
  type EventType,
} from '@sluice/event-schema';
import { readFooter } from '@sluice/parquet-reading';
import type { Row } from '@sluice/row-formats';
import { tableRows } from '@sluice/row-formats/parquet';
import { isGoneOrUnreadable, objectSource, type KnownObjects } from './known-objects';
import { listRawFiles } from './raw-files';

export interface LatestRows {
  /** Rows, the newest first, each event once. */
  readonly rows: readonly Row[];
  readonly filesRead: number;
  /**
   * False where a newer row may be in a file that was not read because it is too large, damaged, or beyond the limit.
   */
  readonly isExact: boolean;
}

/** Limits of the files that one request reads: their number, and their total size in bytes. */
const maxFiles = 24;
const maxBytes = 24 << 20;
/** Number of raw files to read after the one that completes the rows, because deliveries may overtake each other. */
const furtherFiles = 2;

/** Reads the latest rows of a table from its newest files, raw files before compacted ones. */
export async function latestRows(
  known: KnownObjects,
  eventType: EventType,
  limit: number,
): Promise<LatestRows> {
  const { store } = known;
  const table = tableName(eventType);
  const columns = tableColumns(eventType);
  const manifests = await known.manifests(table);
  const raw = await listRawFiles(store, table, manifests);
  const compacted = manifests
    .slice(0, 2)
    .flatMap(({ manifest }) =>
      [...(manifest?.files ?? [])].sort((a, b) => b.run - a.run || a.bytes - b.bytes),
    );
  const idAt = columns.findIndex(({ name }) => name === eventIdColumn.name);
  const timeAt = columns.findIndex(({ name }) => name === ingestedAtColumn.name);
  const found = new Map<unknown, Row>();
  let filesRead = 0;
  let bytesRead = 0;
  let skipped = 0;
  let enoughAt: number | undefined;
  const read = async (file: {
    readonly key: string;
    readonly etag: string;
    readonly bytes: number;
  }): Promise<void> => {
    if (filesRead >= maxFiles || bytesRead + file.bytes > maxBytes) {
      skipped++;
      return;
    }
    try {
      const source = objectSource(store, file);
      for await (const row of tableRows(source, await readFooter(source), columns))
        found.set(row.cells[idAt] ?? Symbol('row'), row);
      filesRead++;
      bytesRead += file.bytes;
    } catch (error) {
      if (!isGoneOrUnreadable(error)) throw error;
      skipped++;
    }
  };
  for (const file of raw.files) {
    if (enoughAt !== undefined && filesRead >= enoughAt + furtherFiles) break;
    await read(file);
    if (enoughAt === undefined && found.size >= limit) enoughAt = filesRead;
    if (skipped > 0 && filesRead >= maxFiles) break;
  }
  // Raw files were delivered later than compacted ones, except those that were absorbed and deleted in the meantime.
  if (found.size < limit) for (const file of compacted) await read(file);
  const timeOf = ({ cells }: Row): bigint => {
    const time = cells[timeAt];
    return typeof time === 'bigint' ? time : 0n;
  };
  const rows = [...found.values()].sort((a, b) => {
    const [left, right] = [timeOf(a), timeOf(b)];
    return left < right ? 1 : left > right ? -1 : 0;
  });
  return { rows: rows.slice(0, limit), filesRead, isExact: skipped === 0 };
}
