import {
  keyText,
  type CompactedFile,
  type ObjectInfo,
  type ObjectStore,
} from '@sluice/lake-layout';
import {
  bytesSource,
  columnNamed,
  ParquetError,
  planKeyRead,
  readFooter,
  readKeyRows,
  unpackFooter,
  type ByteSource,
  type KeyReadOptions,
  type KeyRow,
  type ParquetFooter,
  type ReadOptions,
} from '@sluice/parquet-reading';
import { eventIdColumn, ingestedAtColumn, unmappedColumn } from '@sluice/event-schema';
import {
  canRead,
  cellReader,
  ColumnTypeError,
  unnamedColumns,
  withUnnamedValues,
} from '@sluice/row-formats/parquet';
import { LruCache } from './lru-cache';
import type { Cell } from '@sluice/values';
import { hasSpellings, rawKeys, type KeyValue } from './key-value';
import { RowTokens, type FoundRow } from './row-collector';
import type { RowQuery } from './row-query';

/** An object of the lake in one version. */
export interface LakeFile {
  readonly key: string;
  readonly bytes: number;
  readonly etag: string;
  /** Known of compacted files. */
  readonly footerBytes?: number;
  readonly footerCrc32?: number;
  /** Known of compacted files whose key is a UUID. */
  readonly lowerCaseKeys?: boolean;
  /** The footer, of compacted files whose manifest has it. */
  readonly packedFooter?: string;
}

export const compactedLakeFile = ({
  key,
  bytes,
  etag,
  footerBytes,
  footerCrc32,
  lowerCaseKeys,
  packedFooter,
}: CompactedFile): LakeFile => ({
  key,
  bytes,
  etag,
  footerBytes,
  ...(footerCrc32 !== undefined && { footerCrc32 }),
  ...(lowerCaseKeys !== undefined && { lowerCaseKeys }),
  ...(packedFooter !== undefined && { packedFooter }),
});

export const rawLakeFile = ({ key, bytes, etag }: ObjectInfo): LakeFile => ({ key, bytes, etag });

/** What was read of one file, for `explain`. */
export interface FileReport {
  readonly key: string;
  readonly rowGroups: number;
  readonly prunedRowGroups: number;
  readonly rowsMatched: number;
}

/** A file that can't be read, with its key: damage in the lake, not a fault of the client. */
export class UnreadableFileError extends Error {
  override readonly name = 'UnreadableFileError';
}

type Store = Pick<ObjectStore, 'get'>;

/** Raw files up to this size are fetched whole: one wait instead of three. */
const wholeFileBytes = 1 << 20;
const defaultCacheBytes = 32 << 20;

/**
 * Reads matching rows of one file after the other, keeping footers and small raw files between look-ups. They
 * are kept by key and ETag: Firehose may write a key again after a partial failure.
 */
export class FileReader {
  readonly #footers: LruCache<ParquetFooter>;
  readonly #rawFiles: LruCache<Uint8Array>;

  constructor({ maxCacheBytes = defaultCacheBytes }: { readonly maxCacheBytes?: number } = {}) {
    this.#footers = new LruCache(maxCacheBytes / 2);
    this.#rawFiles = new LruCache(maxCacheBytes / 2);
  }

  async read(
    store: Store,
    file: LakeFile,
    query: RowQuery,
    add: (row: FoundRow) => void,
    options: KeyReadOptions = {},
  ): Promise<FileReport> {
    try {
      const source = await this.#source(store, file, options);
      const footer = await this.#footer(source, file, query.keyColumn.name, options);
      return await readFile(source, footer, file, query, add, options);
    } catch (error) {
      if (error instanceof ParquetError || error instanceof ColumnTypeError)
        throw new UnreadableFileError(`${file.key}: ${error.message}`, { cause: error });
      throw error;
    }
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
    keyColumn: string,
    { signal }: ReadOptions,
  ): Promise<ParquetFooter> {
    const id = versionId(file);
    const known = this.#footers.get(id);
    if (known) return known;
    const { footerBytes, footerCrc32, packedFooter } = file;
    const unpacked =
      packedFooter === undefined
        ? undefined
        : unpackFooter(Buffer.from(packedFooter, 'base64'), { keyColumn });
    const footer =
      unpacked ??
      (await readFooter(source, {
        keyColumn,
        ...(signal && { signal }),
        ...(footerBytes !== undefined && { footerBytes }),
        ...(footerCrc32 !== undefined && { footerCrc32 }),
      }));
    this.#footers.set(id, footer, footer.retainedBytes);
    return footer;
  }
}

const versionId = ({ key, etag }: LakeFile): string => `${etag} ${key}`;

const objectSource = (store: Store, { key, etag, bytes }: LakeFile): ByteSource => ({
  bytes,
  async read(range, { signal } = {}) {
    const object = await store.get(key, { range, ifMatch: etag, ...(signal && { signal }) });
    return object.bytes;
  },
});

async function readFile(
  source: ByteSource,
  footer: ParquetFooter,
  { key, lowerCaseKeys = false }: LakeFile,
  query: RowQuery,
  add: (row: FoundRow) => void,
  options: KeyReadOptions,
): Promise<FileReport> {
  const { keyColumn, columns } = query;
  // Beside what was asked for: what rows are ordered and told apart by.
  const ordering = [keyColumn, eventIdColumn, ingestedAtColumn];
  const unmappedAt = columns.findIndex(({ name }) => name === unmappedColumn.name);
  const unnamed = unmappedAt < 0 ? [] : unnamedColumns(footer.columns, query.tableColumns);
  const wanted = [...ordering, ...columns];
  const readers = wanted.map((column, index) => {
    const shape = columnNamed(footer, column.name)?.shape;
    // Rows are found and told apart by these; of the others, what can't be read stays in "unmapped".
    const isIndispensable = index < ordering.length || column.name === unmappedColumn.name;
    return cellReader(column, isIndispensable || canRead(column, shape) ? shape : undefined);
  });
  const report = (rowGroups: number, prunedRowGroups: number, rowsMatched: number): FileReport => ({
    key,
    rowGroups,
    prunedRowGroups,
    rowsMatched,
  });
  if (!columnNamed(footer, keyColumn.name)) return report(0, 0, 0);
  const plan = planKeyRead(footer, {
    keyColumn: keyColumn.name,
    keys: rawKeys(query.keys, keyColumn.type, footer, keyColumn.name),
    anyCase: hasSpellings(keyColumn) && !lowerCaseKeys,
    columns: [...wanted, ...unnamed].map(({ name }) => name),
  });
  const tokens = new RowTokens();
  let rowsMatched = 0;
  const toFoundRow = (row: KeyRow): FoundRow => {
    const cells = readers.map((read, index): Cell => read(row[index] ?? null));
    const [keyCell = null, eventId = null, ingestedAt = null, ...asked] = cells;
    if (unnamed.length > 0)
      asked[unmappedAt] = withUnnamedValues(
        asked[unmappedAt] as string | null,
        unnamed,
        row.slice(readers.length),
      );
    return {
      keyText: keyText(keyCell as KeyValue | number, keyColumn.type),
      rowToken: tokens.of(eventId === null ? null : String(eventId), asked),
      ingestedAtMicros: typeof ingestedAt === 'bigint' ? ingestedAt : 0n,
      cells: asked,
    };
  };
  for await (const rows of readKeyRows(source, footer, plan, options)) {
    rowsMatched += rows.length;
    for (const row of rows) add(toFoundRow(row));
  }
  return report(plan.groups.length + plan.prunedGroups, plan.prunedGroups, rowsMatched);
}
