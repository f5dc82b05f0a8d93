import { DuckDBInstance } from '@duckdb/node-api';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { convertRecords, type GlueColumn } from './format-conversion';

const folder = mkdtempSync(join(tmpdir(), 'sluice-conversion-'));
afterAll(() => rmSync(folder, { recursive: true }));

const columns: readonly GlueColumn[] = [
  { Name: 'id', Type: 'bigint' },
  { Name: 'name', Type: 'string' },
  { Name: 'score', Type: 'double' },
  { Name: 'seen', Type: 'timestamp' },
  { Name: 'born', Type: 'date' },
  { Name: 'price', Type: 'decimal(10,2)' },
  { Name: 'tags', Type: 'array<string>' },
  { Name: 'ok', Type: 'boolean' },
];

const records = (...texts: string[]): Uint8Array[] => texts.map((text) => Buffer.from(text));

async function query(parquet: Uint8Array, sql: string): Promise<unknown[]> {
  const file = join(folder, 'one.parquet');
  writeFileSync(file, parquet);
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const reader = await connection.runAndReadAll(sql.replace('?', `'${file}'`));
  connection.closeSync();
  instance.closeSync();
  return reader.getRowObjectsJson();
}

describe('convertRecords', () => {
  test('writes every digit of decimals that come as texts', async () => {
    const { parquet, faults } = convertRecords(
      records('{"d":"1234567890.123456789012345678","ds":["98765432109876.543",null,"-1e-18"]}'),
      [
        { Name: 'd', Type: 'decimal(38,18)' },
        { Name: 'ds', Type: 'array<decimal(38,18)>' },
      ],
    );
    expect(faults).toEqual([]);
    expect(
      await query(parquet, 'select d::varchar d, ds::varchar[] ds from read_parquet(?)'),
    ).toEqual([
      {
        d: '1234567890.123456789012345678',
        ds: ['98765432109876.543000000000000000', null, '-0.000000000000000001'],
      },
    ]);
  });

  test('writes what another engine reads as the same values', async () => {
    const { parquet, rows, faults } = convertRecords(
      records(
        '{"id":9223372036854775807,"name":"é😀","score":1.255989999999997,"seen":"2026-01-02 03:04:05.678","born":"1989-06-17","price":12.34,"tags":["a","b"],"ok":true}',
        '{"id":-9007199254740993}\n{"ID":2,"ignored":1}',
      ),
      columns,
    );
    expect({ rows, faults }).toEqual({ rows: 3, faults: [] });
    const types =
      'id::varchar id, name, score, seen::varchar seen, born::varchar born, price::varchar price, tags::varchar tags, ok';
    expect(await query(parquet, `select ${types} from read_parquet(?)`)).toEqual([
      {
        id: '9223372036854775807',
        name: 'é😀',
        score: 1.255989999999997,
        seen: '2026-01-02 03:04:05.678',
        born: '1989-06-17',
        price: '12.34',
        tags: '[a, b]',
        ok: true,
      },
      expect.objectContaining({ id: '-9007199254740993', name: null }),
      expect.objectContaining({ id: '2' }),
    ]);
  });

  test.each([
    ['', /empty/],
    ['  \n', /empty/],
    ['[{"id":1}]', /not a JSON object/],
    ['{"id":1}{"id":', /not JSON/],
    ['{"id":"x"}', /column id/],
    ['{"id":1}{"id":9223372036854775808}', /column id/],
  ])('takes %s as a fault and its neighbours as rows', (bad, message) => {
    const { rows, faults } = convertRecords(records('{"id":1}', bad, '{"id":3}'), columns);
    expect(rows).toBe(2);
    expect(faults).toEqual([
      {
        index: 1,
        errorCode: 'DataFormatConversion.MalformedData',
        errorMessage: expect.stringMatching(message),
      },
    ]);
  });
});
