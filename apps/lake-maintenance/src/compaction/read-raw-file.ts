import { eventColumns, type EventType } from '@sluice/event-schema';
import { bytesSource, readFooter, UnsupportedParquetError } from '@sluice/parquet-reading';
import { tableFromIPC, type Field, type Table } from 'apache-arrow';
import { withExactTimes } from './exact-times';
import type { DecodedFile } from './parquet-codec';

/**
 * Reads the rows of a raw file by any writer.
 *
 * @param decoded result of decoding `bytes` with a codec
 * @throws Error where the file is broken, two of its columns have one name, so that rows would keep one of them, or
 * rows of it were not decoded
 */
export async function readRawFile(
  decoded: DecodedFile,
  bytes: Uint8Array,
  eventType: EventType,
): Promise<Table> {
  if ('fault' in decoded) throw new Error(decoded.fault);
  const times = eventColumns(eventType).filter(({ type }) => type.kind === 'timestamp');
  const table = tableFromIPC(decoded.ipc);
  const twice = nameOfTwo(table.schema.fields);
  if (twice !== undefined) throw new Error(`the file has several columns named "${twice}"`);
  const rows = (await rowsOfGroups(bytes)) ?? table.numRows;
  if (rows !== table.numRows)
    throw new Error(
      `the file's row groups have ${rows} rows, of which ${table.numRows} were decoded: its footer counts wrong`,
    );
  return withExactTimes(table, bytes, times);
}

/** Returns the rows that the row groups of a file count; undefined where only the decoder can read it. */
const rowsOfGroups = (bytes: Uint8Array): Promise<number | undefined> =>
  readFooter(bytesSource(bytes)).then(
    (footer) => footer.rows,
    (error: unknown) => {
      if (error instanceof UnsupportedParquetError) return undefined;
      throw error;
    },
  );

/** Returns the name that two columns, or two members of one struct, have. */
function nameOfTwo(fields: readonly Field[]): string | undefined {
  const names = new Set<string>();
  for (const { name, type } of fields) {
    if (names.has(name)) return name;
    names.add(name);
    const below = nameOfTwo(
      (type as { readonly children?: readonly Field[] | null }).children ?? [],
    );
    if (below !== undefined) return below;
  }
  return undefined;
}
