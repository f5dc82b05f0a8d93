import * as fc from 'fast-check';
import { readFooter, rowGroupCount } from './footer';
import type { RawKey } from './key-bounds';
import { planKeyRead, readKeyGroups, type KeyQuery, type KeyRow } from './key-read';
import { readRows } from './read-rows';
import { CountingSource } from './testing/counting-source';
import { duckdb, duckdbFile } from './testing/duckdb-files';

const text = (value: string): Uint8Array => Buffer.from(value);

async function lookUp(
  source: CountingSource,
  query: Pick<KeyQuery, 'keys'> & Partial<KeyQuery>,
): Promise<{ readonly rows: readonly KeyRow[]; readonly reads: number; readonly bytes: number }> {
  const keyColumn = query.keyColumn ?? 'key';
  const footer = await readFooter(source, { keyColumn });
  const before = { reads: source.reads.length, bytes: source.bytesRead };
  const plan = planKeyRead(footer, { columns: ['key', 'number'], ...query, keyColumn });
  const rows: KeyRow[] = [];
  for await (const group of readKeyGroups(source, footer, plan)) rows.push(...group.rows);
  return {
    rows,
    reads: source.reads.length - before.reads,
    bytes: source.bytesRead - before.bytes,
  };
}

const sortedRows = `
  SELECT printf('key-%05d', i // 2) AS key, i AS number, repeat('payload ', 20) || i AS payload
  FROM range(20000) AS t(i) ORDER BY key, number`;
const shuffledRows = sortedRows.replace('key, number', 'hash(i)');

const fileOf = async (query: string, options: string): Promise<CountingSource> =>
  new CountingSource(await duckdbFile(await duckdb(), query, options));

describe('a file sorted by key', () => {
  let source: CountingSource;
  beforeAll(async () => {
    source = await fileOf(sortedRows, 'COMPRESSION zstd, ROW_GROUP_SIZE 2048');
  });

  it('takes one read for the row group that holds the key', async () => {
    const { rows, reads } = await lookUp(source, { keys: [text('key-04321')] });
    expect(rows).toEqual([
      ['key-04321', 8642n],
      ['key-04321', 8643n],
    ]);
    expect(reads).toBe(1);
  });

  it('takes no read for a key outside every row group, and one for a key that could be there', async () => {
    expect(await lookUp(source, { keys: [text('zzz')] })).toMatchObject({ rows: [], reads: 0 });
    expect(await lookUp(source, { keys: [text('key-04321x')] })).toMatchObject({
      rows: [],
      reads: 1,
    });
  });

  it('joins neighbouring row groups into one read', async () => {
    const keys = [text('key-00900'), text('key-01100')];
    const { rows, reads } = await lookUp(source, { keys });
    expect(rows).toHaveLength(4);
    expect(reads).toBe(1);
  });

  it('reads what is between the key and the wanted columns, and no more', async () => {
    const all = await lookUp(source, {
      keys: [text('key-04321')],
      columns: ['key', 'number', 'payload'],
    });
    const few = await lookUp(source, { keys: [text('key-04321')], columns: ['number'] });
    expect(few.rows).toEqual([[8642n], [8643n]]);
    expect(few.bytes).toBeLessThan(all.bytes);
  });

  it('gives null for a column that the file lacks', async () => {
    const { rows } = await lookUp(source, {
      keys: [text('key-00000')],
      columns: ['number', 'added_later'],
    });
    expect(rows).toEqual([
      [0n, null],
      [1n, null],
    ]);
  });
});

describe.each([
  'COMPRESSION snappy, ROW_GROUP_SIZE 20000',
  'COMPRESSION zstd, PARQUET_VERSION V2, ROW_GROUP_SIZE 20000',
])('a file of another writer, unsorted and in one row group (%s)', (options) => {
  it('reads the key column first and then what holds the rows', async () => {
    const source = await fileOf(shuffledRows, options);
    const columns = ['key', 'number', 'payload'];
    const whole = source.bytes;
    const { rows, reads, bytes } = await lookUp(source, {
      keys: [text('key-04321'), text('key-09999')],
      columns,
      wholeGroupBytes: 64 << 10,
    });
    expect(rows.map(([, number]) => number).toSorted()).toEqual([19998n, 19999n, 8642n, 8643n]);
    expect(reads).toBeGreaterThan(1);
    expect(bytes).toBeLessThan(whole);
    const none = await lookUp(source, {
      keys: [text('key-1')],
      columns,
      wholeGroupBytes: 64 << 10,
    });
    expect(none.rows).toEqual([]);
    expect(none.bytes).toBeLessThan(bytes);
  });
});

it('stops reading when the consumer has enough', async () => {
  const source = await fileOf(
    `SELECT 'same' AS key, i AS number, md5(i::VARCHAR) AS payload FROM range(40000) AS t(i)`,
    'COMPRESSION snappy, ROW_GROUP_SIZE 2048',
  );
  const footer = await readFooter(source, { keyColumn: 'key' });
  const plan = planKeyRead(footer, {
    keyColumn: 'key',
    keys: [text('same')],
    columns: ['number', 'payload'],
  });
  expect(plan.groups).toHaveLength(rowGroupCount(footer));
  const before = source.bytesRead;
  for await (const { rows } of readKeyGroups(source, footer, plan, { maxBytesInFlight: 200_000 })) {
    expect(rows.length).toBeGreaterThan(0);
    break;
  }
  expect(source.bytesRead - before).toBeLessThan(source.bytes / 4);
});

it.each([
  ['BIGINT', -3n],
  ['INTEGER', -3n],
  ['UINTEGER', 3n],
  ['UBIGINT', 3n],
  ['DECIMAL(9, 2)', -300n],
  ['DECIMAL(30, 2)', -300n],
])('finds a key of type %s', async (type, key) => {
  const start = type.startsWith('U') ? 0 : -500;
  const source = await fileOf(
    `SELECT i::${type} AS key, i AS number FROM range(${start}, 5000) AS t(i)`,
    'COMPRESSION snappy, ROW_GROUP_SIZE 2048',
  );
  const { rows } = await lookUp(source, { keys: [key], columns: ['number'] });
  expect(rows).toEqual([[type.startsWith('U') ? 3n : -3n]]);
});

it('finds the same rows as a scan of the whole file', async () => {
  const connection = await duckdb();
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom('', 'a', 'ab', 'é', '€', '😀', '\uffff', 'b', null), {
        minLength: 1,
        maxLength: 60,
      }),
      fc.array(fc.constantFrom('', 'a', 'ab', 'é', '€', '😀', '\uffff', 'c'), {
        minLength: 1,
        maxLength: 4,
      }),
      fc.constantFrom('COMPRESSION snappy', 'COMPRESSION zstd, PARQUET_VERSION V2'),
      async (values, wanted, options) => {
        const list = values
          .map((value, index) => `(${value === null ? 'NULL' : `'${value}'`}, ${index})`)
          .join(', ');
        const source = new CountingSource(
          await duckdbFile(connection, `SELECT * FROM (VALUES ${list}) AS t(key, number)`, options),
        );
        const keys: readonly RawKey[] = wanted.map(text);
        const footer = await readFooter(source);
        const scanned: KeyRow[] = [];
        for await (const rows of readRows(source, footer))
          scanned.push(...rows.filter(([key]) => (wanted as readonly unknown[]).includes(key)));
        expect((await lookUp(source, { keys })).rows).toEqual(scanned);
      },
    ),
    { numRuns: 40 },
  );
});
