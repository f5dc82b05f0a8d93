import { eventColumns, type EventType } from '@sluice/event-schema';
import type { Table } from 'apache-arrow';
import { withExactTimes } from './exact-times';
import { readParquetTable } from './read-parquet';

/** The rows of a raw file, by whatever writer. @throws Error where it is broken */
export async function readRawFile(bytes: Uint8Array, eventType: EventType): Promise<Table> {
  const times = eventColumns(eventType).filter(({ type }) => type.kind === 'timestamp');
  return withExactTimes(readParquetTable(bytes), bytes, times);
}
