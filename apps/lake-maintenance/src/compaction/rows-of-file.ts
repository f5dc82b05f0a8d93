import { keyColumn } from '@sluice/event-schema';
import { keyOrder, type CompactedFile } from '@sluice/lake-layout';
import { RowSet } from './row-set';
import { sortedFiles } from './sorted-files';
import type { StepContext } from './step';

/** Reads all rows of a file. */
export async function rowsOf(
  file: CompactedFile,
  { store, eventType }: Pick<StepContext, 'store' | 'eventType'>,
): Promise<RowSet> {
  const rows = new RowSet(eventType);
  const order = keyOrder(keyColumn(eventType).type);
  for await (const block of sortedFiles([file], { store, eventType, order, blockRows: Infinity }))
    rows.append(block);
  return rows;
}
