import type { Column } from '@sluice/event-schema';
import type { CompactedFile, ObjectInfo, ObjectStore } from '@sluice/lake-layout';
import {
  bytesSource,
  columnNamed,
  ParquetError,
  readFooter,
  unpackFooter,
  type ByteSource,
  type ParquetFooter,
} from '@sluice/parquet-reading';
import type { SubjectColumn } from '@sluice/privacy/erasures';
import type { Row } from '@sluice/row-formats';
import { ColumnTypeError, tableRows, type TableRowsOptions } from '@sluice/row-formats/parquet';
import { isUuid } from '@sluice/values';
import { rawKeys } from './raw-keys';

/** A stored file, raw or compacted. */
export type PersonFile = Pick<ObjectInfo, 'key' | 'etag' | 'bytes'> &
  Partial<Pick<CompactedFile, 'packedFooter'>>;

/** Size in bytes up to which a file is fetched whole, in one round trip instead of three. */
const wholeFileBytes = 1 << 20;

/**
 * Returns a stored value as the text by which people are compared. A UUID is compared in lower case, because files of
 * earlier releases may hold it in another.
 */
export function comparedText({ schema }: Pick<Column, 'schema'>, value: unknown): string {
  const text = String(value);
  return schema.format === 'uuid' && isUuid(text) ? text.toLowerCase() : text;
}

/** Error for a damaged file of the lake, with its key. Trying again does not help. */
export class UnreadableFileError extends Error {
  override readonly name = 'UnreadableFileError';
}

export interface RowsOfPersonOptions {
  readonly store: Pick<ObjectStore, 'get'>;
  readonly file: PersonFile;
  /** Columns that may name the person, each with the texts to search for. */
  readonly naming: readonly SubjectColumn[];
  /** Columns of the table, and so of the rows. */
  readonly columns: readonly Column[];
}

/**
 * Yields the rows of a file that name a person, each once. Reads the columns that name people first, and the others
 * only where there is such a row.
 *
 * @throws UnreadableFileError where the file is damaged
 */
export async function* rowsOfPerson(options: RowsOfPersonOptions): AsyncGenerator<Row> {
  try {
    yield* rowsIn(options);
  } catch (error) {
    if (!(error instanceof ParquetError || error instanceof ColumnTypeError)) throw error;
    throw new UnreadableFileError(`${options.file.key}: ${error.message}`, { cause: error });
  }
}

async function* rowsIn({ store, file, naming, columns }: RowsOfPersonOptions): AsyncGenerator<Row> {
  const source = await sourceOf(store, file);
  const searches = naming.flatMap((one) => searchesOf(one, columns));
  for (const [at, search] of searches.entries()) {
    const footer = await footerOf(source, file, search.column.name);
    if (!columnNamed(footer, search.column.name)) continue;
    for await (const row of tableRows(source, footer, columns, search.only(footer)))
      // A row that an earlier search finds as well was yielded by that one.
      if (search.finds(row) && !searches.slice(0, at).some(({ finds }) => finds(row))) yield row;
  }
}

/** A column, and some texts in it that can be looked for in one way. */
interface Search {
  readonly column: Column;
  readonly finds: (row: Row) => boolean;
  /** Returns what to read of a file with a footer. */
  readonly only: (footer: ParquetFooter) => TableRowsOptions;
}

function searchesOf(
  { column, texts }: SubjectColumn,
  columns: readonly Column[],
): readonly Search[] {
  const place = columns.findIndex(({ name }) => name === column.name);
  const searchFor = (wanted: ReadonlySet<string>, anyCase: boolean): readonly Search[] => [
    {
      column,
      finds: ({ cells }) => {
        const cell = cells[place] ?? null;
        return cell !== null && wanted.has(comparedText(column, cell));
      },
      only: (footer) => {
        const keys = rawKeys(footer, column, [...wanted]);
        return keys ? { only: { keyColumn: column.name, keys, anyCase } } : {};
      },
    },
  ];
  if (column.schema.format !== 'uuid') return searchFor(texts, false);
  // UUIDs may be stored in either case, but their hashes have only one form.
  const isOne = [...texts].filter(isUuid).map((text) => text.toLowerCase());
  const others = [...texts].filter((text) => !isUuid(text));
  return [
    ...(isOne.length > 0 ? searchFor(new Set(isOne), true) : []),
    ...(others.length > 0 ? searchFor(new Set(others), false) : []),
  ];
}

async function sourceOf(
  store: Pick<ObjectStore, 'get'>,
  { key, etag, bytes }: PersonFile,
): Promise<ByteSource> {
  if (bytes <= wholeFileBytes) return bytesSource((await store.get(key, { ifMatch: etag })).bytes);
  return {
    bytes,
    read: async (range) => (await store.get(key, { range, ifMatch: etag })).bytes,
  };
}

const footerOf = async (
  source: ByteSource,
  { packedFooter }: PersonFile,
  column: string,
): Promise<ParquetFooter> =>
  (packedFooter === undefined
    ? undefined
    : unpackFooter(Buffer.from(packedFooter, 'base64'), { keyColumn: column })) ??
  readFooter(source, { keyColumn: column });
