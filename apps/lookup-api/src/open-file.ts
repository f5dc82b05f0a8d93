import {
  eventIdColumn,
  ingestedAtColumn,
  timeColumn,
  unmappedColumn,
  type Column,
} from '@sluice/event-schema';
import { keyText } from '@sluice/lake-layout';
import {
  columnNamed,
  ParquetError,
  planKeyRead,
  readKeyGroups,
  type ByteSource,
  type KeyReadOptions,
  type KeyReadPlan,
  type KeyRow,
  type ParquetFooter,
} from '@sluice/parquet-reading';
import {
  canRead,
  cellReader,
  ColumnTypeError,
  unnamedColumns,
  withUnnamedValues,
} from '@sluice/row-formats/parquet';
import type { Cell } from '@sluice/values';
import { narrowNeighbours, tasksOf, widened, type GroupTask } from './group-tasks';
import { hasSpellings, rawKeys, type KeyValue } from './key-value';
import type { LakeFile } from './lake-file';
import { momentOf, type MomentBounds } from './moments';
import { RowTokens, type FoundRow, type Position } from './row-collector';
import type { RowQuery } from './row-query';

/** The reads of one file, for `explain`. */
export interface FileReport {
  readonly key: string;
  readonly rowGroups: number;
  readonly prunedRowGroups: number;
  readonly rowsMatched: number;
}

/** The part of a row that distinguishes events and their copies. */
export type RowCopy = Position & Pick<FoundRow, 'ingestedAtMicros'>;

/** A file whose footer is known, with the row groups that may hold rows of the wanted keys. */
export interface OpenFile {
  readonly tasks: readonly GroupTask[];
  /** Reads the wanted rows of some of the tasks. */
  read(
    tasks: readonly GroupTask[],
    add: (row: FoundRow) => void,
    options?: KeyReadOptions,
  ): Promise<void>;
  /** Reads, for some of the tasks, only the parts of rows that distinguish copies. */
  readCopies(
    tasks: readonly GroupTask[],
    add: (copy: RowCopy) => void,
    options?: KeyReadOptions,
  ): Promise<void>;
  report(): FileReport;
}

/** Error for a file that can't be read, with its key: damage in the lake, not a fault of the client. */
export class UnreadableFileError extends Error {
  override readonly name = 'UnreadableFileError';
}

/** Reads something of a file. @throws UnreadableFileError where the file is damaged */
export async function readable<T>({ key }: LakeFile, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof ParquetError || error instanceof ColumnTypeError)
      throw new UnreadableFileError(`${key}: ${error.message}`, { cause: error });
    throw error;
  }
}

/** Plans what is read of a file whose footer is known. @throws ColumnTypeError where an indispensable column has another type */
export function openFile(
  source: ByteSource,
  footer: ParquetFooter,
  file: LakeFile,
  query: RowQuery,
): OpenFile {
  const { keyColumn, eventType, columns } = query;
  const hasKeys = columnNamed(footer, keyColumn.name) !== undefined;
  const held = hasKeys ? rawKeys(query.keys, keyColumn.type, footer, keyColumn.name) : [];
  const time = timeColumn(eventType);
  // The columns by which rows are ordered and distinguished.
  const ordering = [keyColumn, eventIdColumn, ingestedAtColumn, ...(time ? [time] : [])];
  const unmappedAt = columns.findIndex(({ name }) => name === unmappedColumn.name);
  const unnamed = unmappedAt < 0 ? [] : unnamedColumns(footer.columns, query.tableColumns);
  const anyCase = hasSpellings(keyColumn) && !file.lowerCaseKeys;
  const names = [...new Set([...ordering, ...columns, ...unnamed].map(({ name }) => name))];
  const planOf = (wanted: readonly string[]): KeyReadPlan =>
    planKeyRead(footer, {
      keyColumn: keyColumn.name,
      keys: held.map(({ raw }) => raw),
      anyCase,
      columns: wanted,
    });
  const plan = hasKeys ? planOf(names) : undefined;
  // Spellings of one key are not adjacent, so the order of their rows is not known.
  const tasks = plan
    ? tasksOf(plan, held, footer, anyCase ? { isSorted: false } : file, query)
    : [];
  let rowsMatched = 0;
  const readTasks = new Set<GroupTask>();

  /** Returns a function that reads a column's cell from a row with the named columns. */
  const cellOf = (
    column: Column,
    inRow: readonly string[],
    isIndispensable: boolean,
  ): ((row: KeyRow) => Cell) => {
    const shape = columnNamed(footer, column.name)?.shape;
    // Values that can't be read stay in "unmapped", unless the column is indispensable.
    const read = cellReader(column, isIndispensable || canRead(column, shape) ? shape : undefined);
    const at = inRow.indexOf(column.name);
    return (row) => read(row[at] ?? null);
  };
  const placesIn = (inRow: readonly string[]) => {
    const [key, eventId, ingestedAt] = [keyColumn, eventIdColumn, ingestedAtColumn].map((column) =>
      cellOf(column, inRow, true),
    );
    const timeOf = time && cellOf(time, inRow, false);
    const tokens = new RowTokens();
    return (row: KeyRow, asked: readonly Cell[], group: number): RowCopy => {
      const event = eventId?.(row) ?? null;
      const arrival = ingestedAt?.(row) ?? null;
      const text = keyText(key?.(row) as KeyValue | number, keyColumn.type);
      return {
        keyText: query.inLowerCase ? text.toLowerCase() : text,
        moment: momentOf(timeOf?.(row) ?? null, arrival, time),
        rowToken: tokens.of(event === null ? null : String(event), asked, group),
        ingestedAtMicros: typeof arrival === 'bigint' ? arrival : 0n,
      };
    };
  };
  const run = async (
    plan: KeyReadPlan,
    wanted: readonly GroupTask[],
    use: (row: KeyRow, task: GroupTask) => void,
    options: KeyReadOptions,
  ): Promise<void> =>
    readable(file, async () => {
      for await (const { group, rows } of readKeyGroups(
        source,
        footer,
        { ...plan, groups: wanted.map(({ read }) => read) },
        options,
      )) {
        const task = wanted.find(({ read }) => read.group === group);
        if (task) for (const row of rows) use(row, task);
      }
    });

  // Columns that can't be read are reported before anything is read.
  placesIn(names);
  return {
    tasks,
    async read(wanted, add, options = {}) {
      if (!plan) return;
      const cells = columns.map((column) =>
        cellOf(column, names, column.name === unmappedColumn.name),
      );
      const unnamedAt = unnamed.map(({ name }) => names.indexOf(name));
      const placeOf = placesIn(names);
      const found = new Map<GroupTask, MomentBounds>();
      const use = (row: KeyRow, task: GroupTask): void => {
        const asked = cells.map((cell) => cell(row));
        if (unnamed.length > 0)
          asked[unmappedAt] = withUnnamedValues(
            asked[unmappedAt] as string | null,
            unnamed,
            unnamedAt.map((at) => row[at] ?? null),
          );
        const place = placeOf(row, asked, task.read.group);
        found.set(task, widened(found.get(task), place.moment));
        rowsMatched++;
        add({ ...place, cells: asked });
      };
      await run(plan, wanted, use, options);
      for (const task of wanted) readTasks.add(task);
      if (file.isTimeOrdered) narrowNeighbours(tasks, found);
    },
    async readCopies(wanted, add, options = {}) {
      const inRow = [...new Set(ordering.map(({ name }) => name))];
      const placeOf = placesIn(inRow);
      const copiesPlan = planOf(inRow);
      const groups = new Set(wanted.map(({ read }) => read.group));
      const reads = copiesPlan.groups.filter(({ group }) => groups.has(group));
      await run(
        copiesPlan,
        wanted.flatMap((task) => {
          const read = reads.find(({ group }) => group === task.read.group);
          return read ? [{ ...task, read }] : [];
        }),
        (row, task) => {
          const copy = placeOf(row, [], task.read.group);
          add(copy);
        },
        options,
      );
    },
    report() {
      const rowGroups = plan ? plan.groups.length + plan.prunedGroups : 0;
      return {
        key: file.key,
        rowGroups,
        prunedRowGroups: rowGroups - readTasks.size,
        rowsMatched,
      };
    },
  };
}
