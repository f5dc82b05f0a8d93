import { createHash } from 'node:crypto';
import type { ColumnType } from '@sluice/event-schema';
import { parquetMetadata } from 'hyparquet';
import { createRowTableBuilder } from '@sluice/columns';
import {
  chooseLookupLayout,
  rawLayout,
  writeParquet,
  type LookupLayoutOptions,
  type ParquetLayout,
} from '.';

const text: ColumnType = { kind: 'string' };

/** Returns letters that no codec compresses much, always the same ones for a row. */
const lettersOf = (row: number, outputLength: number): string =>
  createHash('shake256', { outputLength }).update(String(row)).digest('hex');

function tableOf(rows: number, textLength: number, columns = 3) {
  const names = Array.from({ length: columns }, (_, index) => `c${index}`);
  const builder = createRowTableBuilder([
    { name: 'id', type: text },
    ...names.map((name) => ({ name, type: text })),
  ]);
  for (let row = 0; row < rows; row++) {
    const letters = lettersOf(row, textLength);
    const values = names.map(
      (name, index) => [name, index === 0 ? letters : `same ${row % 3}`] as const,
    );
    builder.append({ id: `id-${String(row).padStart(9, '0')}`, ...Object.fromEntries(values) });
  }
  return builder.finish();
}

const metadataOf = (bytes: Uint8Array) =>
  parquetMetadata(
    bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer,
  );

const layoutOf = (textLength: number, options: Partial<LookupLayoutOptions> = {}) =>
  chooseLookupLayout(tableOf(2_048, textLength), { keyColumn: 'id', ...options });

describe('the layout for look-ups', () => {
  it.each([20, 100])('has row groups of the size asked for, with text of %d', (textLength) => {
    const layout = layoutOf(textLength, { rowGroupBytes: 30_000 });
    const { bytes, footerBytes } = writeParquet(tableOf(8_192, textLength), layout);
    const groups = metadataOf(bytes).row_groups.length;
    const groupBytes = (bytes.length - footerBytes) / groups;
    expect(groupBytes).toBeGreaterThan(15_000);
    expect(groupBytes).toBeLessThan(40_000);
  });

  it('has row groups of at least 128 rows, however long they are', () => {
    expect(layoutOf(400, { rowGroupBytes: 30_000 }).rowGroupRows).toBe(128);
  });

  it('has statistics of the key alone, and a dictionary only where values repeat', () => {
    const { bytes } = writeParquet(tableOf(2_048, 20), layoutOf(20));
    const [group] = metadataOf(bytes).row_groups;
    const columns = group!.columns.map(({ meta_data: column }) => ({
      name: column!.path_in_schema.join('.'),
      statistics: column!.statistics?.min_value !== undefined,
      dictionary: column!.dictionary_page_offset !== undefined,
    }));
    expect(columns).toEqual([
      { name: 'id', statistics: true, dictionary: false },
      { name: 'c0', statistics: false, dictionary: false },
      { name: 'c1', statistics: false, dictionary: true },
      { name: 'c2', statistics: false, dictionary: true },
    ]);
  });

  it('keeps the footer of a file small', () => {
    const layout = layoutOf(100, { maxColumnChunks: 400, rowGroupBytes: 10_000 });
    expect(layout.fileRows).toBe(layout.rowGroupRows * 100);
    const { footerBytes } = writeParquet(tableOf(layout.fileRows, 100), layout);
    expect(footerBytes / (100 * 4)).toBeLessThan(100);
  });

  it('gives a table of many columns files of at least 64 row groups', () => {
    const layout = chooseLookupLayout(tableOf(256, 20, 150), { keyColumn: 'id' });
    expect(layout.fileRows).toBe(layout.rowGroupRows * 64);
  });

  it('suits an empty table too', () => {
    const layout = chooseLookupLayout(tableOf(0, 1), { keyColumn: 'id' });
    expect(layout.rowGroupRows).toBeGreaterThan(0);
  });
});

describe('the layout of raw files', () => {
  it.each<[string, ParquetLayout]>([
    ['raw', rawLayout],
    ['look-up', layoutOf(20)],
  ])('%s: names the footer as long as it is', (_, layout) => {
    const { bytes, footerBytes } = writeParquet(tableOf(100, 20), layout);
    const { metadata_length: length } = metadataOf(bytes);
    expect(footerBytes).toBe(length + 8);
  });
});
