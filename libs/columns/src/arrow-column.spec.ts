import { createHash } from 'node:crypto';
import type { ColumnType } from '@sluice/event-schema';
import { seededRandom } from '@sluice/values/seeded-random';
import { makeData, tableFromIPC, tableToIPC, Utf8, Vector, type Data } from 'apache-arrow';
import fc from 'fast-check';
import { arrowColumn, columnsSchema, tableOf, type ArrowColumn } from '.';
import { sampleTypes, sampleValues } from './testing/column-samples';

const kinds = Object.entries(sampleTypes);
const orderedKinds = kinds.filter(([, { kind }]) => kind !== 'array');

function columnOf(type: ColumnType, values: readonly unknown[]): ArrowColumn {
  const column = arrowColumn(type);
  const faults = values.map((value) => column.push(value)).filter((fault) => fault !== undefined);
  expect(faults).toEqual([]);
  return column;
}

const ipcOf = (data: Data, type: ColumnType): Uint8Array =>
  tableToIPC(tableOf(columnsSchema([{ name: 'c', type }]), [data], data.length), 'stream');

/** Returns the column as it is read from a file. */
const readBack = (data: Data, type: ColumnType): Data =>
  tableFromIPC(ipcOf(data, type)).batches[0]!.data.children[0]!;

const hash = (bytes: Uint8Array): string =>
  createHash('sha256').update(bytes).digest('hex').slice(0, 16);

/** Returns the values as Arrow's own reader returns them, in a form that can be compared. */
const valuesOf = (data: Data): readonly unknown[] => [...new Vector([data])].map(plain);

const plain = (value: unknown): unknown => {
  if (value instanceof Vector) return [...value].map(plain);
  return value instanceof Uint32Array ? [...value].join() : value;
};

/** Makes a column from samples: 13, then 5 nulls, then most of 487, then 503 without nulls. */
function appended(type: ColumnType): ArrowColumn {
  const values = sampleValues(type, 1_003);
  const someValue = values.find((value) => value !== null);
  const chunk = (chunkValues: readonly unknown[]): Data =>
    readBack(columnOf(type, chunkValues).finish(), type);
  const column = arrowColumn(type);
  column.append(chunk(values.slice(0, 13)), 13);
  column.append(undefined, 5);
  column.append(chunk(values.slice(13, 500)), 484, 3);
  column.append(chunk(values.slice(500).map((value) => value ?? someValue)), 503);
  return column;
}

/** Returns 2,001 positions of a column in random order, many of them repeatedly. */
function someOrder({ length }: ArrowColumn): Uint32Array {
  const random = seededRandom(7);
  return Uint32Array.from({ length: 2_001 }, () => random.integer(0, length - 1));
}

describe('bytes of earlier releases', () => {
  // SHA-256 of Arrow's IPC stream of pushed values, and of rows taken from appended ones.
  it.each([
    ['bigint', '51c8b150e97681f3', '9d555c475b862b5d'],
    ['double', 'ae9fd0d628d90e48', '1f04d660fb55ffe9'],
    ['boolean', '7b6e55e962400c34', '694249768d74200e'],
    ['string', '4c7035d621850495', '506498d15d2f776f'],
    ['json', 'daabc881ab67837c', 'acbb815f4e8d9a97'],
    ['date', '334c48f0813ac12f', '6f7a79810d437bef'],
    ['millis', 'c4c6b5dca0b3f551', 'f53bb23ae52742fc'],
    ['micros', '63a09508c6a8bb7c', 'dda3746452c230f2'],
    ['decimal', '655542cc31aea122', '4544629e9aeb1bd5'],
    ['strings', '5dea3cb33d6f7d90', '579ab2b299276f29'],
    ['booleans', '527f48d03ceab56c', 'c1b1b80be49de263'],
    ['decimals', 'cbf0f0f9a764665f', 'cef0b394623871b6'],
  ])('of %s', (name, pushed, taken) => {
    const type = sampleTypes[name]!;
    expect(hash(ipcOf(columnOf(type, sampleValues(type, 1_003)).finish(), type))).toBe(pushed);
    const column = appended(type);
    expect(hash(ipcOf(column.take(someOrder(column)), type))).toBe(taken);
  });

  // SHA-256 of the signs of comparisons of neighbours in that order, and of the ranks.
  it.each([
    ['bigint', '77be32394d7d45e0', 'ee50b2f756851356'],
    ['double', '64b9078882d25c54', '2a6740acf55cc0fa'],
    ['boolean', '87e21425c97bd098', 'f0443f95376a9984'],
    ['string', 'fad29a399384efb6', 'cdeec5616a53ad27'],
    ['json', '00a6f5c24f23928a', 'ab68949e553b3adf'],
    ['date', '41d999b1bfcba01d', '525a9c8ee47fca89'],
    ['millis', '792848170af2fe55', '2800942dc62c147a'],
    ['micros', '792848170af2fe55', '16a4c5bf474dff57'],
    ['decimal', 'f5b980ccefd2efe6', '1009b012e2fdcfd3'],
  ])('order of %s', (name, signs, ranks) => {
    const column = appended(sampleTypes[name]!);
    const order = someOrder(column);
    const found: number[] = [];
    for (let index = 0; index + 1 < order.length; index += 2) {
      const [a = 0, b = 0] = order.subarray(index, index + 2);
      if (!column.isNull(a) && !column.isNull(b)) found.push(Math.sign(column.compare(a, b)));
    }
    expect(hash(new Uint8Array(Int8Array.from(found).buffer))).toBe(signs);
    expect(hash(new Uint8Array(column.ranks().buffer))).toBe(ranks);
  });
});

describe.each(kinds)('a column of %s', (_, type) => {
  const values = sampleValues(type, 300);
  const known = valuesOf(columnOf(type, values).finish());

  it('gives the same rows from any pieces of Arrow columns and pushed values, in any order', () => {
    const data = readBack(columnOf(type, values).finish(), type);
    const piece = fc.oneof(
      fc.record({ from: fc.nat(300), rows: fc.nat(40) }),
      fc.record({ nulls: fc.nat(20) }),
      fc.record({ pushed: fc.nat(299) }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), fc.array(fc.nat()), (pieces, picks) => {
        const column = arrowColumn(type);
        const model: unknown[] = [];
        for (const each of pieces)
          if ('nulls' in each) {
            column.append(undefined, each.nulls);
            model.push(...Array.from({ length: each.nulls }, () => null));
          } else if ('pushed' in each) {
            expect(column.push(values[each.pushed])).toBeUndefined();
            model.push(known[each.pushed]);
          } else {
            const rows = Math.min(each.rows, 300 - each.from);
            column.append(data, rows, each.from);
            model.push(...known.slice(each.from, each.from + rows));
          }
        expect(column.length).toBe(model.length);
        expect(valuesOf(column.finish())).toEqual(model);
        expect(model.map((_, row) => column.isNull(row))).toEqual(
          model.map((value) => value === null),
        );
        const order = model.length === 0 ? [] : picks.map((pick) => pick % model.length);
        const taken = column.take(Uint32Array.from(order));
        expect(valuesOf(taken)).toEqual(order.map((row) => model[row]));
        expect(taken.nullCount).toBe(order.filter((row) => model[row] === null).length);
        const half = model.length >> 1;
        column.truncate(half);
        column.append(undefined, 1);
        expect(column.push(values[1])).toBeUndefined();
        expect(valuesOf(column.finish())).toEqual([...model.slice(0, half), null, known[1]]);
      }),
      { numRuns: 30 },
    );
  });

  it('takes the rows of a slice', () => {
    const slice = readBack(columnOf(type, values).finish(), type).slice(11, 100);
    const column = arrowColumn(type);
    column.append(slice, 50, 3);
    expect(valuesOf(column.finish())).toEqual(known.slice(14, 64));
  });

  it('says which of its values are null in Arrow’s own bitmap, at every length', () => {
    for (let length = 0; length <= 33; length++) {
      const { nullCount, nullBitmap } = columnOf(type, values.slice(0, length)).finish();
      const nulls = values.slice(0, length).map((value) => value === null);
      expect(nullCount).toBe(nulls.filter(Boolean).length);
      if (nullCount > 0) {
        expect(nullBitmap).toHaveLength(Math.ceil(length / 8));
        expect(nulls.map((_, row) => !((nullBitmap[row >> 3]! >> (row & 7)) & 1))).toEqual(nulls);
      }
    }
  });
});

it.each(orderedKinds)('ranks agree with the order of %s', (_, type) => {
  const column = columnOf(
    type,
    sampleValues(type, 200).filter((value) => value !== null),
  );
  const ranks = column.ranks();
  expect(ranks).toHaveLength(column.length);
  const wrong: unknown[] = [];
  for (let a = 0; a < column.length; a++)
    for (let b = 0; b < column.length; b++) {
      const order = Math.sign(column.compare(a, b));
      const isReversed = Math.sign(column.compare(b, a)) + order === 0;
      if (!isReversed || (ranks[a]! < ranks[b]! && order !== -1)) wrong.push([a, b]);
    }
  expect(wrong).toEqual([]);
});

it('holds no more than twice the memory of its rows', () => {
  const column = columnOf(
    { kind: 'bigint' },
    Array.from({ length: 5_000 }, (_, row) => row),
  );
  expect(column.byteLength).toBeLessThan(2 * 5_000 * 9);
  const text = columnOf({ kind: 'string' }, ['x'.repeat(10_000), 'y']);
  expect(text.byteLength).toBeLessThan(40_000);
});

it('refuses more text than Arrow’s offsets can count', () => {
  const column = arrowColumn({ kind: 'string' });
  const large = makeData({
    type: new Utf8(),
    length: 1,
    nullCount: 0,
    valueOffsets: Int32Array.of(0, 2 ** 30),
    data: new Uint8Array(8),
  });
  column.append(large, 1);
  expect(() => column.append(large, 1)).toThrow(
    "a column can't hold 2147483648 bytes of text or items of lists; Arrow counts them up to 2147483647",
  );
  expect(() => column.take(Uint32Array.of(0, 0))).toThrow(RangeError);
});
