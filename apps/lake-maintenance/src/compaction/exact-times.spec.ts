import { TimestampMicrosecond } from 'apache-arrow';
import { withExactTimes } from './exact-times';
import { readParquetTable } from './read-parquet';

// A Parquet file with one INT96 column, as Hive and Firehose write times, put together by hand: no writer at
// hand makes them any more. Field numbers are those of parquet.thrift.

const varint = (value: number): number[] =>
  value < 128 ? [value] : [(value & 127) | 128, ...varint(value >>> 7)];
const zigzag = (value: number): number[] => varint((value << 1) ^ (value >> 31));

type Field = readonly [id: number, type: number, bytes: readonly number[]];
const i32 = (id: number, value: number): Field => [id, 5, zigzag(value)];
const i64 = (id: number, value: number): Field => [id, 6, zigzag(value)];
const text = (value: string): number[] => [...varint(value.length), ...Buffer.from(value)];
const binary = (id: number, value: string): Field => [id, 8, text(value)];
const list = (id: number, type: number, items: readonly (readonly number[])[]): Field => [
  id,
  9,
  [(items.length << 4) | type, ...items.flat()],
];
const struct = (fields: readonly Field[]): number[] => {
  let last = 0;
  const bytes = fields.flatMap(([id, type, value]) => {
    const header = ((id - last) << 4) | type;
    last = id;
    return [header, ...value];
  });
  return [...bytes, 0];
};
const member = (id: number, fields: readonly Field[]): Field => [id, 12, struct(fields)];

const nanosPerDay = 86_400_000_000_000n;
/** Julian day of 1970-01-01. */
const epochDay = 2_440_588n;

function int96File(nanos: readonly bigint[]): Uint8Array {
  const values = nanos.flatMap((value) => {
    const bytes = Buffer.alloc(12);
    const rest = ((value % nanosPerDay) + nanosPerDay) % nanosPerDay;
    bytes.writeBigInt64LE(rest, 0);
    bytes.writeInt32LE(Number((value - rest) / nanosPerDay + epochDay), 8);
    return [...bytes];
  });
  const page = [
    ...struct([
      i32(1, 0),
      i32(2, values.length),
      i32(3, values.length),
      member(5, [i32(1, nanos.length), i32(2, 0), i32(3, 3), i32(4, 3)]),
    ]),
    ...values,
  ];
  const magic = [...Buffer.from('PAR1')];
  const chunk = struct([
    i64(2, 4),
    member(3, [
      i32(1, 3),
      list(2, 5, [zigzag(0)]),
      list(3, 8, [text('at')]),
      i32(4, 0),
      i64(5, nanos.length),
      i64(6, page.length),
      i64(7, page.length),
      i64(9, 4),
    ]),
  ]);
  const footer = struct([
    i32(1, 1),
    list(2, 12, [
      struct([binary(4, 'root'), i32(5, 1)]),
      struct([i32(1, 3), i32(3, 0), binary(4, 'at')]),
    ]),
    i64(3, nanos.length),
    list(4, 12, [struct([list(1, 12, [chunk]), i64(2, page.length), i64(3, nanos.length)])]),
  ]);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(footer.length);
  return Uint8Array.from([...magic, ...page, ...footer, ...length, ...magic]);
}

const nanosOf = (text: string): bigint => BigInt(Date.parse(text)) * 1_000_000n;

describe('times that Firehose wrote', () => {
  it('stay exact beyond the range of 64-bit nanoseconds', async () => {
    const times = ['9999-12-31T23:59:59.999Z', '0001-01-01T00:00:00Z', '2026-11-20T10:00:00.123Z'];
    const bytes = int96File([...times.map(nanosOf), -1n]);
    const table = await withExactTimes(readParquetTable(bytes), bytes, [{ name: 'at' }]);
    const { type, values } = table.getChild('at')!.data[0]!;
    expect(type).toEqual(new TimestampMicrosecond());
    expect(values).toEqual(
      BigInt64Array.from([...times.map((time) => BigInt(Date.parse(time)) * 1000n), -1n]),
    );
  });

  it('are left as Arrow has them where nobody asks for more', async () => {
    const bytes = int96File([nanosOf('2026-11-20T10:00:00Z')]);
    const table = readParquetTable(bytes);
    expect(await withExactTimes(table, bytes, [{ name: 'other' }])).toBe(table);
  });
});
