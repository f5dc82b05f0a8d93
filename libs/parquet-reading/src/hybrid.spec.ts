import * as fc from 'fast-check';
import { CorruptParquetError } from './errors';
import { levelWidth, readHybrid } from './hybrid';

/** Encodes values in runs and bit-packed groups, as the flags determine: the inverse of the tested function. */
function encode(
  values: readonly number[],
  bitWidth: number,
  packs: readonly boolean[],
): Uint8Array {
  const bytes: number[] = [];
  const varint = (value: number): void => {
    let rest = value;
    for (; rest >= 0x80; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
    bytes.push(rest);
  };
  let at = 0;
  for (let part = 0; at < values.length; part++) {
    if (packs[part % packs.length]) {
      const group = Array.from({ length: 8 }, (_, index) => values[at + index] ?? 0);
      varint(1 * 2 + 1);
      const bits = group.flatMap((value) =>
        Array.from({ length: bitWidth }, (_, bit) => Math.floor(value / 2 ** bit) % 2),
      );
      for (let bit = 0; bit < bits.length; bit += 8)
        bytes.push(
          bits.slice(bit, bit + 8).reduce((byte, one, index) => byte + one * 2 ** index, 0),
        );
      at += 8;
    } else {
      const value = values[at] ?? 0;
      let run = 1;
      while (values[at + run] === value) run++;
      varint(run * 2);
      for (let byte = 0; byte < Math.ceil(bitWidth / 8); byte++)
        bytes.push(Math.floor(value / 256 ** byte) % 256);
      at += run;
    }
  }
  return Uint8Array.from(bytes);
}

const encoded = fc
  .integer({ min: 1, max: 32 })
  .chain((bitWidth) =>
    fc.tuple(
      fc.constant(bitWidth),
      fc.array(fc.nat(2 ** bitWidth - 1), { minLength: 1, maxLength: 100 }),
      fc.array(fc.boolean(), { minLength: 1, maxLength: 5 }),
    ),
  );

it('gives back what was encoded, in every bit width', () => {
  fc.assert(
    fc.property(encoded, ([bitWidth, values, packs]) => {
      const bytes = encode(values, bitWidth, packs);
      const out = new Uint32Array(values.length);
      readHybrid(bytes, 0, bytes.length, bitWidth, out);
      expect([...out]).toEqual(values);
    }),
  );
});

it('refuses bytes that end before the values do, wherever they are cut', () => {
  fc.assert(
    fc.property(encoded, fc.nat(), ([bitWidth, values, packs], cut) => {
      const bytes = encode(values, bitWidth, packs);
      // A last group may be cut behind the values that count, so cut into the first byte of the last value.
      const end = cut % Math.max(1, Math.floor(bytes.length / 2));
      const out = new Uint32Array(values.length + 8 * values.length);
      expect(() => readHybrid(bytes, 0, end, bitWidth, out)).toThrow(CorruptParquetError);
    }),
  );
});

it('never fills more than it was asked for, whatever length a run claims', () => {
  const bytes = Uint8Array.from([0xfe, 0xff, 0xff, 0xff, 0x0f, 7]);
  const out = new Uint32Array(3);
  readHybrid(bytes, 0, bytes.length, 3, out);
  expect([...out]).toEqual([7, 7, 7]);
});

it.each([
  [0, 0],
  [1, 1],
  [2, 2],
  [3, 2],
  [255, 8],
])('levels up to %i take %i bits', (maxLevel, bits) => expect(levelWidth(maxLevel)).toBe(bits));
