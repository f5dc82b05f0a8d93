import { tableFromIPC, tableToIPC, type Table } from 'apache-arrow';
import { DuckDBInstance } from '@duckdb/node-api';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readParquet, Table as WasmTable, writeParquet } from 'parquet-wasm';
import fc from 'fast-check';
import type { ColumnType } from '@sluice/event-schema';
import { createRowTableBuilder } from '.';

const column = (name: string, type: ColumnType) => ({ name, type });

const everyKind = [
  column('id', { kind: 'bigint' }),
  column('score', { kind: 'double' }),
  column('flag', { kind: 'boolean' }),
  column('name', { kind: 'string' }),
  column('born', { kind: 'date' }),
  column('at', { kind: 'timestamp', digits: 3 }),
  column('exactly', { kind: 'timestamp', digits: 6 }),
  column('price', { kind: 'decimal', precision: 20, scale: 4 }),
  column('tags', { kind: 'array', items: { kind: 'string' } }),
  column('sizes', { kind: 'array', items: { kind: 'bigint' } }),
  column('extra', { kind: 'json' }),
];

const fullRow = {
  id: '9223372036854775807',
  score: 1.5,
  flag: true,
  name: 'naïve 🦆',
  born: '1969-12-31',
  at: '2026-11-21 12:00:00.123',
  exactly: '1960-02-29T23:59:59.000001Z',
  price: '-1234567890.1234',
  tags: ['a', null, ''],
  sizes: [1, 2n ** 60n, '-3'],
  extra: '{"a":1.10}',
};

const parquetOf = (table: Table): Uint8Array =>
  writeParquet(WasmTable.fromIPCStream(tableToIPC(table, 'stream')));

/** Returns the rows of a Parquet file as DuckDB prints them. */
async function duckRows(bytes: Uint8Array, select = '*'): Promise<unknown[][]> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-'));
  const file = join(folder, 'rows.parquet');
  writeFileSync(file, bytes);
  try {
    const connection = await (await DuckDBInstance.create()).connect();
    const reader = await connection.runAndReadAll(`select ${select} from '${file}'`);
    return reader.getRowsJson();
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('row table builder', () => {
  it('writes every kind of column so that another engine reads the same values', async () => {
    const builder = createRowTableBuilder(everyKind);
    expect(builder.append(fullRow)).toBeUndefined();
    expect(builder.append({})).toBeUndefined();
    const rows = await duckRows(
      parquetOf(builder.finish()),
      '* replace ("at"::varchar as "at", exactly::varchar as exactly, born::varchar as born, price::varchar as price)',
    );
    expect(rows[0]).toEqual([
      '9223372036854775807',
      1.5,
      true,
      'naïve 🦆',
      '1969-12-31',
      '2026-11-21 12:00:00.123',
      '1960-02-29 23:59:59.000001',
      '-1234567890.1234',
      ['a', null, ''],
      ['1', '1152921504606846976', '-3'],
      '{"a":1.10}',
    ]);
    expect(rows[1]).toEqual(everyKind.map(() => null));
  });

  it.each([
    ['id', 1.5],
    ['id', 2 ** 53],
    ['id', '9223372036854775808'],
    ['id', -(2n ** 63n) - 1n],
    ['id', ''],
    ['id', true],
    ['score', 'many'],
    ['score', ''],
    ['score', 2n ** 53n + 1n],
    ['name', 'cut \ud83d'],
    ['tags', ['\ude00']],
    ['extra', '{"a":"\ud83d"}'],
    ['flag', 1],
    ['born', '2026-02-30'],
    ['born', '2026-2-3'],
    ['at', '2026-13-01 00:00:00'],
    ['at', '2026-01-01 24:00:00'],
    ['at', 'yesterday'],
    ['price', '1.00001'],
    ['price', '12345678901234567'],
    ['price', '.'],
    ['price', 'NaN'],
    ['tags', 'a'],
    ['sizes', [1, 'two']],
  ])('reports %s = %p as a fault and keeps nothing of the row', (name, value) => {
    const builder = createRowTableBuilder(everyKind);
    builder.append(fullRow);
    const fault = builder.append({ ...fullRow, [name]: value });
    expect(fault).toMatchObject({ column: name });
    builder.append({ name: 'after' });
    const table = builder.finish();
    expect(table.numRows).toBe(2);
    expect(table.get(1)?.toJSON()).toMatchObject({ id: null, name: 'after', tags: null });
  });

  it.each([
    ['at', '2026-01-01T01:00:00+01:00', 1767225600000n],
    ['at', '2026-01-01T00:00:00.9999Z', 1767225600999n],
    ['at', '2026-01-01 00:00:00', 1767225600000n],
    ['at', 1767225600, 1767225600000n],
    ['at', 1767225600000, 1767225600000n],
    ['exactly', '9999-12-31 23:59:59.999999', 253402300799999999n],
    ['exactly', '0001-01-01 00:00:00', -62135596800000000n],
  ])('reads %s = %p as a time in UTC', (name, value, units) => {
    const builder = createRowTableBuilder(everyKind.filter((each) => each.name === name));
    expect(builder.append({ [name]: value })).toBeUndefined();
    expect(builder.finish().getChildAt(0)?.data[0]?.values[0]).toBe(units);
  });

  it.each([
    ['1e3', '1000.0000'],
    ['1.5E-3', '0.0015'],
    ['15e-5', undefined],
    ['0.00000', '0.0000'],
    ['-0.0001', '-0.0001'],
    ['1234567890123456.7891', '1234567890123456.7891'],
    ['+7', '7.0000'],
    ['1e300', undefined],
  ])('takes the decimal %s only where every digit fits', async (text, expected) => {
    const builder = createRowTableBuilder([everyKind[7]!]);
    const fault = builder.append({ price: text });
    if (expected === undefined) {
      expect(fault?.detail).toContain('decimal(20,4)');
      return;
    }
    const [[price] = []] = await duckRows(parquetOf(builder.finish()));
    expect(price).toBe(expected);
  });

  it('takes rows column by column, all of them or none', () => {
    const builder = createRowTableBuilder([
      { name: 'n', type: { kind: 'bigint' } },
      { name: 's', type: { kind: 'string' } },
      { name: 'none', type: { kind: 'string' } },
    ]);
    const columns = new Map<string, readonly unknown[]>([
      ['s', ['one', null]],
      ['n', [1, 2]],
    ]);
    expect(builder.appendColumns(2, columns)).toBeUndefined();
    expect(builder.appendColumns(2, new Map([...columns, ['n', [3, 'four']]]))).toMatchObject({
      column: 'n',
    });
    expect(builder.append({ n: 3 })).toBeUndefined();
    expect(
      builder
        .finish()
        .toArray()
        .map((row: object) => ({ ...row })),
    ).toEqual([
      { n: 1n, s: 'one', none: null },
      { n: 2n, s: null, none: null },
      { n: 3n, s: null, none: null },
    ]);
  });

  it('writes integers with all their digits into a text of JSON', async () => {
    const builder = createRowTableBuilder([column('extra', { kind: 'json' })]);
    builder.append({ extra: { n: 2n ** 63n - 1n, list: [2n ** 60n, 'a'] } });
    const rows = await duckRows(parquetOf(builder.finish()));
    expect(rows).toEqual([['{"n":9223372036854775807,"list":[1152921504606846976,"a"]}']]);
  });

  it('gives back every integer, text and list that goes in', () => {
    const columns = [
      column('i', { kind: 'bigint' }),
      column('s', { kind: 'string' }),
      column('l', { kind: 'array', items: { kind: 'double' } }),
    ];
    const row = fc.record({
      i: fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
      s: fc.option(fc.string({ unit: 'grapheme' })),
      l: fc.option(fc.array(fc.option(fc.double({ noNaN: true })))),
    });
    fc.assert(
      fc.property(fc.array(row), (rows) => {
        const builder = createRowTableBuilder(columns);
        for (const each of rows) builder.append(each);
        const bytes = parquetOf(builder.finish());
        const table = tableFromIPC(readParquet(bytes).intoIPCStream());
        const read = table.toArray().map((each: { toJSON(): (typeof rows)[number] }) => {
          const { i, s, l } = each.toJSON();
          return { i, s, l: l === null ? null : [...l] };
        });
        expect(read).toEqual(rows);
      }),
      { numRuns: 50 },
    );
  });
});
