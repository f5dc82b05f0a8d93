import { createRowTableBuilder } from '@sluice/columns';
import { writeParquet } from '@sluice/parquet-writing';
import { parquetMetadata } from 'hyparquet';
import { inMicroseconds } from '.';

const columns = [
  { name: 'id', type: { kind: 'string' } },
  { name: 'at', type: { kind: 'timestamp', digits: 3 } },
  { name: 'exact', type: { kind: 'timestamp', digits: 6 } },
  { name: 'moments', type: { kind: 'array', items: { kind: 'timestamp', digits: 3 } } },
] as const;

const rows = () => {
  const builder = createRowTableBuilder(columns);
  const first = '0001-01-01 00:00:00.001';
  const last = '9999-12-31 23:59:59.999';
  for (const row of [
    { id: 'a', at: first, exact: first, moments: [first, null, last] },
    { id: 'b', at: null, exact: null, moments: null },
    { id: 'c', at: last, exact: last, moments: [] },
  ])
    builder.append(row);
  return builder.finish();
};

describe('times in microseconds', () => {
  it('are the same times, in lists too, to the ends of the calendar', () => {
    const table = inMicroseconds(rows());
    const micros = [-62_135_596_800_000_000n + 1_000n, 253_402_300_799_999_000n] as const;
    const at = table.getChild('at')?.data[0];
    expect([at?.values[0], at?.getValid(1), at?.values[2]]).toEqual([micros[0], false, micros[1]]);
    const items = table.getChild('moments')?.data[0]?.children[0];
    expect([items?.values[0], items?.getValid(1), items?.values[2]]).toEqual([
      micros[0],
      false,
      micros[1],
    ]);
    expect([...(table.getChild('id') ?? [])]).toEqual(['a', 'b', 'c']);
  });

  it('are what a file says that is written of them', () => {
    const layout = { codec: 'zstd', rowGroupRows: 100, statistics: [] } as const;
    const { bytes } = writeParquet(inMicroseconds(rows()), layout);
    const units = parquetMetadata(bytes.slice().buffer).schema.flatMap(({ logical_type: type }) =>
      type?.type === 'TIMESTAMP' ? [type.unit] : [],
    );
    expect(units).toEqual(['MICROS', 'MICROS', 'MICROS']);
  });

  it('leave a table alone that has no others', () => {
    const table = inMicroseconds(rows());
    expect(inMicroseconds(table)).toBe(table);
  });
});
