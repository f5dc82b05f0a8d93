import { eventColumns, type EventType } from '@sluice/event-schema';
import { tableFromIPC, type Table } from 'apache-arrow';
import { withExactTimes } from './exact-times';
import type { DecodedFile } from './parquet-codec';

/**
 * The rows of a raw file, by whatever writer.
 *
 * @param decoded what a codec made of `bytes`
 * @throws Error where it is broken
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
