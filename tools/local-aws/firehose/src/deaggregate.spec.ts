import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { deaggregate } from './deaggregate';
import type { ShardRecord } from './source-record';

const varint = (value: number): Buffer => {
  const bytes: number[] = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) + 128);
  return Buffer.from([...bytes, value]);
};
const lengthDelimited = (number: number, bytes: Buffer): Buffer =>
  Buffer.concat([varint(number * 8 + 2), varint(bytes.length), bytes]);
const number = (field: number, value: number): Buffer =>
  Buffer.concat([varint(field * 8), varint(value)]);

interface UserRecord {
  readonly key: number;
  readonly data: Buffer;
}

/** Writes an aggregate as the producer library does. */
function aggregated(keys: readonly string[], records: readonly UserRecord[]): Buffer {
  const body = Buffer.concat([
    ...keys.map((key) => lengthDelimited(1, Buffer.from(key))),
    ...records.map(({ key, data }) =>
      lengthDelimited(3, Buffer.concat([number(1, key), number(2, 0), lengthDelimited(3, data)])),
    ),
  ]);
  const md5 = createHash('md5').update(body).digest();
  return Buffer.concat([Buffer.from([0xf3, 0x89, 0x9a, 0xc2]), body, md5]);
}

const recordOf = (data: Buffer): ShardRecord => ({
  sequenceNumber: '7',
  partitionKey: 'a',
  arrivalMs: 1,
  data: data.toString('base64'),
});

describe('deaggregate', () => {
  test('gives each record of a producer library with its key and place, in order', () => {
    const bytes = fc.uint8Array({ maxLength: 400 }).map((data) => Buffer.from(data));
    fc.assert(
      fc.property(
        fc.array(fc.string({ minLength: 1, maxLength: 300 }), { minLength: 1, maxLength: 4 }),
        fc.array(fc.tuple(fc.nat(), bytes), { minLength: 1, maxLength: 9 }),
        (keys, given) => {
          const records = given.map(([key, data]) => ({ key: key % keys.length, data }));
          expect(deaggregate(recordOf(aggregated(keys, records)))).toEqual(
            records.map(({ key, data }, subSequenceNumber) => ({
              ...recordOf(data),
              partitionKey: Buffer.from(keys[key]!).toString(),
              subSequenceNumber,
            })),
          );
        },
      ),
    );
  });

  test('gives any other record back as it is', () => {
    const whole = aggregated(['k'], [{ key: 0, data: Buffer.from('{}') }]);
    const flipped = Buffer.from(whole);
    flipped[8]! ^= 1;
    for (const data of [
      Buffer.from('{"id":1}'),
      Buffer.alloc(0),
      whole.subarray(0, 4),
      whole.subarray(0, 19),
      whole.subarray(0, -1),
      flipped,
      aggregated(['k'], []),
    ])
      expect(deaggregate(recordOf(data))).toEqual([recordOf(data)]);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (body) => {
        const md5 = createHash('md5').update(body).digest();
        const data = Buffer.concat([Buffer.from([0xf3, 0x89, 0x9a, 0xc2]), body, md5]);
        expect(deaggregate(recordOf(data)).length).toBeGreaterThan(0);
      }),
    );
  });
});
