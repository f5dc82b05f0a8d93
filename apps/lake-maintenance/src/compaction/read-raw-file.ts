import { eventColumns, type EventType } from '@sluice/event-schema';
import { tableFromIPC, type Field, type Table } from 'apache-arrow';
import { withExactTimes } from './exact-times';
import type { DecodedFile } from './parquet-codec';

/**
 * Reads the rows of a raw file by any writer.
 *
 * @param decoded result of decoding `bytes` with a codec
 * @throws Error where the file is broken, or two of its columns have one name, so that rows would keep one of them
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
  return withExactTimes(table, bytes, times);
}

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
