import {
  keyOrder,
  keyText,
  type CompactedFile,
  type KeyText,
  type ObjectInfo,
  type ObjectStore,
} from '@sluice/lake-layout';
import {
  bytesSource,
  columnNamed,
  ParquetError,
  planKeyRead,
  readFooter,
  readKeyGroups,
  rowGroupCount,
  rowGroupRange,
  rowGroupRows,
  unpackFooter,
  type ByteSource,
  type GroupRead,
  type KeyReadOptions,
  type KeyReadPlan,
  type KeyRow,
  type ParquetFooter,
  type ReadOptions,
} from '@sluice/parquet-reading';
import {
  eventIdColumn,
  ingestedAtColumn,
  timeColumn,
  unmappedColumn,
  type Column,
} from '@sluice/event-schema';
import {
  canRead,
  cellReader,
  ColumnTypeError,
  unnamedColumns,
  withUnnamedValues,
} from '@sluice/row-formats/parquet';
import { LruCache } from './lru-cache';
import type { Cell } from '@sluice/values';
import { hasSpellings, rawKeys, type HeldKey, type KeyValue } from './key-value';
import { boundColumns, boundsOfGroup, momentOf, type MomentBounds } from './moments';
import { RowTokens, type FoundRow, type Position } from './row-collector';
import type { RowQuery } from './row-query';

/** A version of an object in the lake. */
export interface LakeFile {
  readonly key: string;
  readonly bytes: number;
  readonly etag: string;
  /** Size of the footer; present for compacted files. */
  readonly footerBytes?: number;
  readonly footerCrc32?: number;
  /** True where all keys are UUIDs in lower case; present for compacted files. */
  readonly lowerCaseKeys?: boolean;
  /** True where rows are sorted by key, so that those of one key are adjacent. */
  readonly isSorted?: boolean;
  /** True where rows of one key are in the order of their moments. */
  readonly isTimeOrdered?: boolean;
  /** The packed footer, for compacted files whose manifest has it. */
  readonly packedFooter?: string;
}

export const compactedLakeFile = ({
  key,
  bytes,
  etag,
  footerBytes,
  footerCrc32,
  lowerCaseKeys,
  firstRow,
  packedFooter,
}: CompactedFile): LakeFile => ({
  key,
  bytes,
  etag,
  footerBytes,
  isSorted: true,
  isTimeOrdered: firstRow !== undefined,
  ...(footerCrc32 !== undefined && { footerCrc32 }),
  ...(lowerCaseKeys !== undefined && { lowerCaseKeys }),
  ...(packedFooter !== undefined && { packedFooter }),
});

export const rawLakeFile = ({ key, bytes, etag }: ObjectInfo): LakeFile => ({ key, bytes, etag });

/** The reads of one file, for `explain`. */
export interface FileReport {
  readonly key: string;
  readonly rowGroups: number;
  readonly prunedRowGroups: number;
  readonly rowsMatched: number;
}

/** A row group that may hold rows of wanted keys. */
export interface GroupTask {
  readonly read: GroupRead;
  /** The wanted keys that the row group may hold, ascending. */
  readonly keys: readonly KeyText[];
  /**
   * Bounds of the moments of these rows; undefined where the file does not tell. May be narrowed while neighbours are
   * read.
   */
  bounds: MomentBounds | undefined;
  /** Number of rows of wanted keys that the row group certainly has. */
  readonly sureRows: number;
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

type Store = Pick<ObjectStore, 'get'>;

/** Size in bytes up to which raw files are fetched whole, in one round trip instead of three. */
const wholeFileBytes = 1 << 20;
const defaultCacheBytes = 32 << 20;
/** Size in bytes up to which a row group is read before it is certain that it has a wanted row. */
const maxEarlyBytes = 1 << 20;

/**
 * Reads matching rows of one file after the other, and keeps footers and small raw files between look-ups. They are
 * kept by key and ETag, because Firehose may write a key again after a partial failure.
 */
export class FileReader {
  readonly #footers: LruCache<ParquetFooter>;
  readonly #rawFiles: LruCache<Uint8Array>;

  constructor({ maxCacheBytes = defaultCacheBytes }: { readonly maxCacheBytes?: number } = {}) {
    this.#footers = new LruCache(maxCacheBytes / 2);
    this.#rawFiles = new LruCache(maxCacheBytes / 2);
  }

  /** Opens a file. @throws UnreadableFileError */
  async open(
    store: Store,
    file: LakeFile,
    query: RowQuery,
    options: KeyReadOptions = {},
  ): Promise<OpenFile> {
    return readable(file, async () => {
      const source = await this.#source(store, file, options);
      const footer = await this.#footer(source, file, query, options);
      return openFile(source, footer, file, query);
    });
  }

  /** Decides whether raw files must be fetched before anything of them can be read. */
  mustFetch(files: readonly LakeFile[]): boolean {
    return files.some((file) => !this.#rawFiles.get(versionId(file)));
  }

  /**
   * Returns the bytes of a row group of a compacted file whose manifest has its footer; undefined where they are not known without a
   * request, or too many to be read at once.
   */
  groupRange(
    file: LakeFile,
    group: number,
    keyColumn: string,
  ): { readonly start: number; readonly end: number } | undefined {
    const footer = this.#packedFooter(file, keyColumn);
    if (!footer || group >= rowGroupCount(footer)) return undefined;
    const range = rowGroupRange(footer, group);
    return range.end - range.start <= maxEarlyBytes ? range : undefined;
  }

  #packedFooter(file: LakeFile, keyColumn: string): ParquetFooter | undefined {
    const id = footerId(file, keyColumn);
    const known = this.#footers.get(id);
    if (known || file.packedFooter === undefined) return known;
    const footer = unpackFooter(Buffer.from(file.packedFooter, 'base64'), { keyColumn });
    if (footer) this.#footers.set(id, footer, footer.retainedBytes);
    return footer;
  }

  async #source(store: Store, file: LakeFile, { signal }: ReadOptions): Promise<ByteSource> {
    const { key, etag, bytes } = file;
    if (file.footerBytes !== undefined || bytes > wholeFileBytes) return objectSource(store, file);
    const id = versionId(file);
    const known = this.#rawFiles.get(id);
    if (known) return bytesSource(known);
    const object = await store.get(key, { ifMatch: etag, ...(signal && { signal }) });
    this.#rawFiles.set(id, object.bytes, object.bytes.length);
    return bytesSource(object.bytes);
  }

  async #footer(
    source: ByteSource,
    file: LakeFile,
    { keyColumn, eventType }: RowQuery,
    { signal }: ReadOptions,
  ): Promise<ParquetFooter> {
    const known = this.#packedFooter(file, keyColumn.name);
    if (known) return known;
    const { footerBytes, footerCrc32 } = file;
    const footer = await readFooter(source, {
      keyColumn: keyColumn.name,
      boundColumns: boundColumns(eventType),
      ...(signal && { signal }),
      ...(footerBytes !== undefined && { footerBytes }),
      ...(footerCrc32 !== undefined && { footerCrc32 }),
    });
    this.#footers.set(footerId(file, keyColumn.name), footer, footer.retainedBytes);
    return footer;
  }
}

/** A footer has the bounds of one column. */
const footerId = (file: LakeFile, keyColumn: string): string => `${keyColumn} ${versionId(file)}`;

const versionId = ({ key, etag }: LakeFile): string => `${etag} ${key}`;

const objectSource = (store: Store, { key, etag, bytes }: LakeFile): ByteSource => ({
  bytes,
  async read(range, { signal } = {}) {
    const object = await store.get(key, { range, ifMatch: etag, ...(signal && { signal }) });
    return object.bytes;
  },
});

async function readable<T>({ key }: LakeFile, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof ParquetError || error instanceof ColumnTypeError)
      throw new UnreadableFileError(`${key}: ${error.message}`, { cause: error });
    throw error;
  }
}

function openFile(
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

function tasksOf(
  plan: KeyReadPlan,
  held: readonly HeldKey[],
  footer: ParquetFooter,
  { isSorted = false, isTimeOrdered = false }: Pick<LakeFile, 'isSorted' | 'isTimeOrdered'>,
  { eventType, keyColumn }: RowQuery,
): readonly GroupTask[] {
  const order = keyOrder(keyColumn.type);
  const tasks = plan.groups.map((read): GroupTask => ({
    read,
    keys: read.keys.map((index) => held[index]?.text ?? '').sort(order),
    bounds: plan.anyCase ? undefined : boundsOfGroup(footer, read.group, eventType),
    sureRows: isSorted ? 1 : 0,
  }));
  /** Decides whether all rows of the row group, and of its two neighbours, have the same key. */
  const isInner = (at: number): boolean =>
    isSorted && haveOneKey(tasks[at - 1], tasks[at]) && haveOneKey(tasks[at], tasks[at + 1]);
  const inner = tasks.map((task, at) =>
    isInner(at) ? { ...task, sureRows: rowGroupRows(footer, task.read.group) } : task,
  );
  if (isTimeOrdered) {
    const known = new Map<GroupTask, MomentBounds>();
    for (const [at, task] of inner.entries())
      if (isInner(at) && task.bounds) known.set(task, task.bounds);
    narrowNeighbours(inner, known);
  }
  return inner;
}

const haveOneKey = (a: GroupTask | undefined, b: GroupTask | undefined): boolean =>
  a?.keys.length === 1 && b?.keys.length === 1 && a.keys[0] === b.keys[0];

/**
 * Narrows bounds by those of neighbours in a file where rows of a key are in the order of their moments: no row is
 * before any of an earlier row group, or after any of a later one.
 *
 * @param known moments that row groups certainly contain
 */
function narrowNeighbours(
  tasks: readonly GroupTask[],
  known: ReadonlyMap<GroupTask, MomentBounds>,
): void {
  for (let at = 1; at < tasks.length; at++) {
    const [before, task] = [tasks[at - 1], tasks[at]];
    if (!before || !task?.bounds || !haveOneKey(before, task)) continue;
    const least = known.get(before)?.last ?? before.bounds?.first;
    if (least !== undefined && least > task.bounds.first)
      task.bounds = { ...task.bounds, first: least };
  }
  for (let at = tasks.length - 2; at >= 0; at--) {
    const [task, after] = [tasks[at], tasks[at + 1]];
    if (!after || !task?.bounds || !haveOneKey(task, after)) continue;
    const most = known.get(after)?.first ?? after.bounds?.last;
    if (most !== undefined && most < task.bounds.last) task.bounds = { ...task.bounds, last: most };
  }
}

const widened = (bounds: MomentBounds | undefined, moment: bigint): MomentBounds => ({
  first: bounds && bounds.first < moment ? bounds.first : moment,
  last: bounds && bounds.last > moment ? bounds.last : moment,
});
