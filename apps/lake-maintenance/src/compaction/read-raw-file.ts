import { eventColumns, type EventType } from '@sluice/event-schema';
import { tableFromIPC, type Table } from 'apache-arrow';
import { withExactTimes } from './exact-times';
import type { DecodedFile } from './parquet-codec';

/**
 * Reads the rows of a raw file by any writer.
 *
 * @param decoded result of decoding `bytes` with a codec
 * @throws Error where the file is broken
 */
export async function readRawFile(
  decoded: DecodedFile,
  bytes: Uint8Array,
  eventType: EventType,
): Promise<Table> {
  if ('fault' in decoded) throw new Error(decoded.fault);
  const times = eventColumns(eventType).filter(({ type }) => type.kind === 'timestamp');
  return withExactTimes(tableFromIPC(decoded.ipc), bytes, times);
}
