import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CastError, castColumn } from '@sluice/columns';
import { type ColumnType, defineEvent } from '@sluice/event-schema';
import { MemoryObjectStore, readManifest } from '@sluice/lake-layout';
import {
  makeData,
  RecordBatch,
  Schema,
  Struct,
  Table,
  tableToIPC,
  vectorFromArray,
  Bool,
  DateMillisecond,
  Decimal,
  Dictionary,
  Field,
  Float32,
  Float64,
  Int32,
  Int64,
  List,
  TimestampNanosecond,
  TimestampSecond,
  Uint8,
  Utf8,
  type Data,
  type DataType,
  type Vector,
} from 'apache-arrow';
import { compactDay } from './compact-day';
import { readParquetTable } from './read-parquet';
import { readRawFile } from './read-raw-file';
import { RowSet } from './row-set';
import { date, noonMs, order, rawFile } from './testing';

const sharedParquet = join(__dirname, '../../../../../shared/data/parquet');
const firehoseFile = join(sharedParquet, 'aws_kinesis.parquet');

const cast = (vector: Vector, type: ColumnType): readonly unknown[] => {
  const data = castColumn(vector.data[0] as Data, { name: 'c', type });
  return Array.from({ length: vector.length }, (_, row) => {
    if (!data.getValid(row)) return null;
    return type.kind === 'timestamp'
      ? (data.values as BigInt64Array)[row]
      : (JSON.parse(
          JSON.stringify(
            new Table({ c: vectorOf(data) }).get(row)?.toJSON()['c'],
            (_name, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value),
          ),
        ) as unknown);
  });
};

const times = (values: readonly (bigint | null)[], type: DataType): Vector =>
  vectorOf(
    makeData({
      type,
      length: values.length,
      nullCount: values.filter((value) => value === null).length,
      nullBitmap: Uint8Array.of(
        values.reduce((bits, value, index) => bits | (Number(value !== null) << index), 0),
      ),
      data: BigInt64Array.from(values, (value) => value ?? 0n),
    } as never),
  );

const vectorOf = (data: ReturnType<typeof castColumn>): Vector => {
  const schema = new Schema([new Field('c', data.type, true)]);
  const struct = makeData({
    type: new Struct(schema.fields),
    length: data.length,
    nullCount: 0,
    children: [data],
  });
  return new Table(schema, new RecordBatch(schema, struct)).getChild('c')!;
};

describe('columns of another type than the schema has now', () => {
  it.each<[string, Vector, ColumnType, readonly unknown[]]>([
    [
      'int to bigint',
      vectorFromArray([1, null, -2], new Int32()),
      { kind: 'bigint' },
      ['1n', null, '-2n'],
    ],
    ['tinyint to bigint', vectorFromArray([255], new Uint8()), { kind: 'bigint' }, ['255n']],
    [
      'float to double',
      vectorFromArray([1.5, null], new Float32()),
      { kind: 'double' },
      [1.5, null],
    ],
    ['int to double', vectorFromArray([7], new Int32()), { kind: 'double' }, [7]],
    [
      'bigint to double, where a double holds it',
      vectorFromArray([2n ** 53n, null, -7n], new Int64()),
      { kind: 'double' },
      [2 ** 53, null, -7],
    ],
    [
      'bigint to decimal',
      vectorFromArray([2n ** 63n - 1n], new Int64()),
      { kind: 'decimal', precision: 19, scale: 0 },
      ['"9223372036854775807"'],
    ],
    [
      'nanoseconds to milliseconds, rounded down',
      times([-1n, null, 1_999_999n], new TimestampNanosecond()),
      { kind: 'timestamp', digits: 3 },
      [-1n, null, 1n],
    ],
    [
      'seconds to microseconds',
      times([1n, null], new TimestampSecond()),
      { kind: 'timestamp', digits: 6 },
      [1_000_000n, null],
    ],
    [
      'a dictionary to text',
      vectorFromArray(['a', null, 'a'], new Dictionary(new Utf8(), new Int32())),
      { kind: 'string' },
      ['a', null, 'a'],
    ],
    ['int to text', vectorFromArray([5], new Int32()), { kind: 'string' }, ['5']],
    ['boolean to text', vectorFromArray([true], new Bool()), { kind: 'string' }, ['true']],
    [
      'a list of int to a list of bigint',
      vectorFromArray([[1, null], null, []], new List(new Field('element', new Int32(), true))),
      { kind: 'array', items: { kind: 'bigint' } },
      [['1n', null], null, []],
    ],
  ])('%s', (_, vector, type, expected) => {
    expect(cast(vector, type)).toEqual(expected);
  });

  it.each<[string, Vector, ColumnType]>([
    ['text to bigint', vectorFromArray(['1'], new Utf8()), { kind: 'bigint' }],
    ['double to bigint', vectorFromArray([1.5], new Float32()), { kind: 'bigint' }],
    [
      'a list to text',
      vectorFromArray([[1]], new List(new Field('i', new Int32()))),
      { kind: 'string' },
    ],
    [
      'a decimal of more digits',
      vectorFromArray([Uint32Array.of(123456, 0, 0, 0)], new Decimal(4, 38)),
      { kind: 'decimal', precision: 38, scale: 2 },
    ],
    [
      'a bigint that a double does not hold',
      vectorFromArray([1n, 2n ** 53n + 1n], new Int64()),
      { kind: 'double' },
    ],
    [
      'a list with a bigint that a double does not hold',
      vectorFromArray([[1n, 2n ** 53n + 1n]], new List(new Field('element', new Int64(), true))),
      { kind: 'array', items: { kind: 'double' } },
    ],
    [
      'a decimal that a double does not hold',
      vectorFromArray([Uint32Array.of(0xffffffff, 0xffffffff, 0, 0)], new Decimal(4, 38)),
      { kind: 'double' },
    ],
    [
      'a date to a number',
      vectorFromArray([new Date(0)], new DateMillisecond()),
      { kind: 'double' },
    ],
  ])('refuses %s', (_, vector, type) => {
    expect(() => cast(vector, type)).toThrow(CastError);
  });
});

test.each([
  [[new Field('id', new Utf8()), new Field('v', new Int64()), new Field('v', new Int64())]],
  [[new Field('s', new Struct([new Field('v', new Utf8()), new Field('v', new Utf8())]))]],
])(
  'a file with two columns of one name is refused, as rows would keep one of them',
  async (fields) => {
    const ipc = tableToIPC(new Table(new Schema(fields)), 'stream');
    await expect(readRawFile({ ipc }, new Uint8Array(), order)).rejects.toThrow(
      'the file has several columns named "v"',
    );
  },
);

test('a file of which the decoder gives fewer rows than its row groups have is refused', async () => {
  const bytes = rawFile([{ id: 'a', event_id: '1' }]);
  const none = tableToIPC(readParquetTable(rawFile([])), 'stream');
  await expect(readRawFile({ ipc: none }, bytes, order)).rejects.toThrow(
    "the file's row groups have 1 rows, of which 0 were decoded",
  );
});

describe('rows of an older version of the schema', () => {
  it('have nulls where a column was added, and lose a column that was dropped', () => {
    const older = defineEvent({
      ...order,
      schema: {
        type: 'object',
        required: ['id', 'event'],
        properties: { id: { type: 'string' }, event: { type: 'string' }, gone: { type: 'string' } },
      },
    });
    const rows = new RowSet(order);
    rows.append(readParquetTable(rawFile([{ id: 'b', event_id: '1', gone: 'x' }], older)));
    rows.append(readParquetTable(rawFile([{ id: 'a', event_id: '2', amount: 5, tags: ['t'] }])));
    const table = rows.take(rows.sortedOrder());
    expect(table.schema.fields.map(({ name }) => name)).not.toContain('gone');
    expect(table.get(0)?.toJSON()).toMatchObject({ id: 'a', amount: 5n });
    expect(table.get(1)?.toJSON()).toMatchObject({ id: 'b', amount: null, tags: null });
  });
});

// The file lies beside the repository, for its licence; a clone without it skips this. The same types are
// tested above on files of our own.
(existsSync(firehoseFile) ? describe : describe.skip)('a file that Firehose wrote', () => {
  it('is absorbed with its times (INT96), widened integers and nulls', async () => {
    const visit = defineEvent({
      name: 'visit',
      version: '1.0.0',
      key: 'page_view_id',
      schema: {
        type: 'object',
        required: ['page_view_id'],
        properties: {
          page_view_id: { type: 'string' },
          event_timestamp: { type: 'string', format: 'date-time' },
          arrival_timestamp: { type: 'string', format: 'date-time', digits: 6 },
          arrival_delay_ms: { type: 'integer' },
          edge_latitude: { type: 'number' },
          edge_city: { type: 'string' },
          utm_source: { type: 'string' },
          added_later: { type: 'boolean' },
        },
      },
    });
    const store = new MemoryObjectStore();
    await store.put(`visit/raw/dt=${date}/hour=10/f.parquet`, readFileSync(firehoseFile));
    const result = await compactDay({
      store,
      eventType: visit,
      date,
      now: () => noonMs,
    });
    expect(result).toMatchObject({ rows: 4, refused: [] });
    const { manifest } = (await readManifest(store, 'visit', date))!;
    const table = readParquetTable((await store.get(manifest.files[0]!.key)).bytes);
    const source = readParquetTable(readFileSync(firehoseFile));
    const rows = (from: Table, name: string, unit: bigint): readonly unknown[] =>
      Array.from({ length: 4 }, (_, row) => {
        const value: unknown = from.getChild(name)?.data[0]?.values[row];
        return typeof value === 'bigint' ? value / unit : value;
      }).sort();
    expect(rows(table, 'event_timestamp', 1_000n)).toEqual(
      rows(source, 'event_timestamp', 1_000_000n),
    );
    expect(rows(table, 'arrival_timestamp', 1n)).toEqual(rows(source, 'arrival_timestamp', 1_000n));
    expect(table.getChild('arrival_delay_ms')?.type).toEqual(new Int64());
    expect(table.getChild('edge_latitude')?.type).toEqual(new Float64());
    expect(table.getChild('added_later')?.nullCount).toBe(4);
  });
});
