import fc from 'fast-check';
import { doubleHolds } from '@sluice/values';
import { byteSource } from './byte-sink';
import { sourceOf } from './json-scanner';
import { doubleClearlyHolds } from './double-clearly-holds';

const isSure = (literal: string): boolean => {
  const { bytes } = sourceOf(`[${literal},0]`);
  return doubleClearlyHolds(byteSource(bytes), 1, 1 + literal.length);
};

const digits = (minLength: number, maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...Array.from('0123456789')), minLength, maxLength });

test('a number that is surely held is held', () =>
  fc.assert(
    fc.property(
      fc.boolean(),
      digits(1, 17),
      digits(1, 17),
      fc.option(fc.integer({ min: -330, max: 330 }), { freq: 2 }),
      (negative, whole, fraction, exponent) => {
        const number = `${BigInt(whole)}.${fraction}`;
        const literal = `${negative ? '-' : ''}${number}${exponent === null ? '' : `e${exponent}`}`;
        if (isSure(literal)) expect([literal, doubleHolds(literal)]).toEqual([literal, true]);
      },
    ),
    { numRuns: 2_000 },
  ));

test('so is one that lies next to what a double prints', () =>
  fc.assert(
    fc.property(
      fc.double({ min: 1e-3, max: 1e15, noNaN: true }),
      fc.integer({ min: 16, max: 17 }),
      fc.integer({ min: -2, max: 2 }),
      (value, precision, step) => {
        const printed = value.toPrecision(precision);
        if (printed.includes('e')) return;
        const scale = printed.split('.')[1]?.length ?? 0;
        const moved = String(BigInt(printed.replace('.', '')) + BigInt(step)).padStart(
          scale + 1,
          '0',
        );
        const literal = scale === 0 ? moved : `${moved.slice(0, -scale)}.${moved.slice(-scale)}`;
        if (isSure(literal)) expect([literal, doubleHolds(literal)]).toEqual([literal, true]);
      },
    ),
    { numRuns: 2_000 },
  ));

test('what programs print of doubles is surely held', () => {
  const printed = Array.from({ length: 2_000 }, (_, index) => String(Math.sin(index) * 1_000));
  expect(printed.filter((literal) => !isSure(literal))).toEqual([]);
});

test.each([
  ['0', true],
  ['-0.0', true],
  ['84.14709848078965', true],
  ['-0.30000000000000004', true],
  ['1.5e-7', true],
  ['1e290', false],
  ['994433309298684.8', false], // half way between two prints
  ['0.12345678901234567', false],
  ['9007199254740993', false],
  ['36028797018963968', false],
  ['123456789012345678.5', false],
])('%s: %s', (literal, sure) => expect(isSure(literal)).toBe(sure));
