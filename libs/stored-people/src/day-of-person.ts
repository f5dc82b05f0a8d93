import { createHash } from 'node:crypto';
import {
  eventIdColumn,
  ingestedAtColumn,
  keyColumn,
  tableColumns,
  type EventType,
} from '@sluice/event-schema';
import {
  isReplaced,
  rawFilesBelow,
  rawPrefix,
  readManifest,
  unabsorbedFiles,
  type LakeDate,
  type ObjectInfo,
} from '@sluice/lake-layout';
import { jsonRowWriter, type Row } from '@sluice/row-formats';
import type { SubjectPageOptions } from './page-options';
import { possibleFiles } from './possible-files';
import { rowsOfPerson } from './rows-of-person';
import type { SearchedTable } from './searched-table';
import type { RowPosition } from './subject-cursor';

/** Largest number of attempts to read a day whose files are being replaced. */
const maxAttempts = 4;

/** A row of the person, as a line. */
export interface PositionedLine {
  readonly position: RowPosition;
  readonly line: string;
}

/** The rows of the person on a day. */
export interface DayOfPerson {
  readonly date: LakeDate;
  /** Rows after the requested position, in order of arrival. */
  readonly rows: readonly PositionedLine[];
  /** True where the day has more rows than a page holds. */
  readonly hasMore: boolean;
}

export interface DayOptions extends SubjectPageOptions {
  readonly raw: readonly ObjectInfo[];
  readonly after: RowPosition | undefined;
}

/** Reads the rows of a day that name the person. Begins again if files of the day are replaced meanwhile. */
export async function readDay(
  table: SearchedTable,
  date: LakeDate,
  { raw, ...options }: DayOptions,
): Promise<DayOfPerson> {
  for (let attempt = 1, files = raw; ; attempt++)
    try {
      return await readDayOnce(table, date, { ...options, raw: files });
    } catch (error) {
      if (!isReplaced(error) || attempt === maxAttempts) throw error;
      // A compaction replaced a file and its grace is over: the day is read as it is now.
      files = await rawFilesBelow(options.store, rawPrefix(table.name, date));
    }
}

async function readDayOnce(
  { name, eventType, naming, hidesRow }: SearchedTable,
  date: LakeDate,
  { store, raw, after, lines, maxLines, maxBytes }: DayOptions,
): Promise<DayOfPerson> {
  const manifest = (await readManifest(store, name, date))?.manifest;
  const columns = tableColumns(eventType);
  const { files: possible } = await possibleFiles(
    { files: manifest?.files ?? [], indexes: manifest?.indexes ?? [] },
    {
      ...{ store, eventType },
      wanted: naming.map(({ column, texts }) => ({ column, texts: [...texts] })),
    },
  );
  const rows = new RowsOfDay({ after, maxLines, maxBytes });
  const positionOf = rowPositions(eventType);
  for (const file of [...possible, ...unabsorbedFiles(manifest, raw)])
    for await (const row of rowsOfPerson({ store, file, naming, columns })) {
      const position = positionOf(row);
      if (!hidesRow(row, Number(BigInt(position.arrivedMicros) / 1_000n)))
        rows.add(position, () => lines.row({ eventType, date }, row));
    }
  return { date, ...rows.ended() };
}

/** Returns a function that places the rows of one day. Rows that agree in key and `event_id` are one event. */
function rowPositions(eventType: EventType): (row: Row) => RowPosition {
  const columns = tableColumns(eventType);
  const [keyAt, idAt, arrivalAt] = [keyColumn(eventType), eventIdColumn, ingestedAtColumn].map(
    (column) => columns.findIndex(({ name }) => name === column.name),
  ) as [number, number, number];
  const write = jsonRowWriter(columns);
  const alike = new Map<string, number>();
  return (row) => {
    const { cells } = row;
    const id = cells[idAt] ?? null;
    const arrived = cells[arrivalAt];
    let identity = JSON.stringify([String(cells[keyAt]), id === null ? null : String(id)]);
    if (id === null) {
      // Equal rows without an id are distinguished by their number.
      identity = write(row);
      const number = alike.get(identity) ?? 0;
      alike.set(identity, number + 1);
      identity += String(number);
    }
    return {
      arrivedMicros: String(typeof arrived === 'bigint' ? arrived : 0n),
      digest: createHash('sha256').update(identity).digest('base64url').slice(0, 22),
    };
  };
}

const isAfter = (position: RowPosition, other: RowPosition): boolean => {
  const [arrived, otherArrived] = [BigInt(position.arrivedMicros), BigInt(other.arrivedMicros)];
  return arrived > otherArrived || (arrived === otherArrived && position.digest > other.digest);
};

/** The first rows of a day after a position, as many as a page may hold. Of copies of an event, the first counts. */
class RowsOfDay {
  /** Position of the first copy of each event, including events that are not kept. */
  readonly #first = new Map<string, RowPosition>();
  #kept = new Map<string, PositionedLine>();
  #bytes = 0;
  #hasMore = false;

  constructor(private readonly options: Pick<DayOptions, 'after' | 'maxLines' | 'maxBytes'>) {}

  add(position: RowPosition, line: () => string): void {
    const first = this.#first.get(position.digest);
    if (first && !isAfter(first, position)) return;
    this.#first.set(position.digest, position);
    this.#kept.delete(position.digest);
    const { after, maxLines, maxBytes } = this.options;
    if (after && !isAfter(position, after)) return;
    const text = line();
    this.#kept.set(position.digest, { position, line: text });
    this.#bytes += text.length;
    if (this.#kept.size > 2 * maxLines || this.#bytes > 2 * maxBytes) this.#trim();
  }

  ended(): Pick<DayOfPerson, 'rows' | 'hasMore'> {
    return { rows: this.#trim(), hasMore: this.#hasMore };
  }

  /** Drops rows beyond what a page may hold. @returns those that are left, in their order */
  #trim(): readonly PositionedLine[] {
    const { maxLines, maxBytes } = this.options;
    const sorted = [...this.#kept.values()].sort((a, b) =>
      isAfter(a.position, b.position) ? 1 : -1,
    );
    let bytes = 0;
    const fit = sorted.filter(({ line }, at) => {
      bytes += line.length;
      return at === 0 || (at < maxLines && bytes <= maxBytes);
    });
    this.#hasMore ||= fit.length < sorted.length;
    this.#kept = new Map(fit.map((one) => [one.position.digest, one]));
    this.#bytes = fit.reduce((sum, { line }) => sum + line.length, 0);
    return fit;
  }
}
