import { tableToIPC, type Table } from 'apache-arrow';
import { encodeParquet, type ParquetBytes } from './encode-parquet';
import type { ParquetLayout } from './parquet-layout';

/**
 * Encodes a table as the bytes of one Parquet file.
 *
 * @example
 * import { createRowTableBuilder } from '@sluice/columns';
 * import { rawLayout, writeParquet } from '@sluice/parquet-writing';
 * const builder = createRowTableBuilder([{ name: 'id', type: { kind: 'string' } }]);
 * builder.append({ id: 'order-17' });
 * const { bytes } = writeParquet(builder.finish(), rawLayout);
 */
export const writeParquet = (table: Table, layout: ParquetLayout): ParquetBytes =>
  encodeParquet(tableToIPC(table, 'stream'), layout);
