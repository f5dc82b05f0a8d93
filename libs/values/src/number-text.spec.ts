import fc from 'fast-check';
import { decimalParts, doubleHolds, isSameNumber } from './number-text';

describe('a double holds a number literal', () => {
  test.each([
    '0',
    '-0',
    '-0.0',
    '0.1',
    '0.10000000000000001', // what C prints of 0.1 with 17 digits
    '0.30000000000000004',
    '0.1000000000000000055511151231257827', // digits of the double itself
    '0.100000000000000000',
    '1.10',
    '98765432109876.5',
    '9007199254740992',
    '-9007199254740992',
    '9007199254740994',
    '18014398509481984',
    '100000000000000000000',
    '36028797018963970', // what JavaScript prints of 2^55
    '36028797018963970.0',
    `1${'0'.repeat(23)}`,
    '1e23',
    '6.02214076e23',
    '1.7976931348623157e308',
    '2.2250738585072014e-308',
    '5e-324',
    `0.5${'0'.repeat(200)}`,
  ])('%s', (literal) => expect(doubleHolds(literal)).toBe(true));
});

describe('a double does not hold a number literal', () => {
  test.each([
    ['17 digits of another number', '0.12345678901234567'],
    ['17 digits of another number', '1234567890123456.7'],
    ['17 digits, small', '0.00000012345678901234567'],
    ['16 digits and a half', '9007199254740992.5'],
    ['16 digits and a half', '-9007199254740993.5'],
    ['an odd integer beyond 2^53', '9007199254740993'],
    ['an odd integer beyond 2^53, with a fraction of zero', '9007199254740993.0'],
    ['a power of two that is shown as another number', '36028797018963968'],
    ['an integer beyond 64 bits', '12345678901234567890'],
    ['more than the largest', '1e309'],
    ['less than the smallest', '1e-400'],
    ['digits that a subnormal lacks', '1.2345e-322'],
    ['more digits than are looked at', `0.5${'0'.repeat(200)}1`],
  ])('of %s: %s', (_, literal) => expect(doubleHolds(literal)).toBe(false));
});

const digits = (minLength: number, maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...Array.from('0123456789')), minLength, maxLength });

test('whatever a program prints of a double is held by it', () =>
  fc.assert(
    fc.property(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.integer({ min: 17, max: 21 }),
      (value, precision) => {
        expect(doubleHolds(String(value))).toBe(true);
        expect(doubleHolds(value.toString().toUpperCase())).toBe(true);
        expect(doubleHolds(value.toExponential(precision - 1))).toBe(true);
      },
    ),
  ));

test('what is held comes back with the literal’s own digits', () =>
  fc.assert(
    fc.property(
      digits(1, 12),
      digits(1, 12),
      fc.option(fc.integer({ min: -30, max: 30 })),
      (whole, fraction, exponent) => {
        const literal = `${BigInt(whole)}.${fraction}${exponent === null ? '' : `e${exponent}`}`;
        if (!doubleHolds(literal)) return;
        const { length } = decimalParts(literal).digits;
        const printed = Number(literal).toPrecision(Math.max(1, length));
        expect(isSameNumber(printed, literal)).toBe(true);
      },
    ),
  ));

test('integers that are held are shown with all their digits', () =>
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }), (value) => {
      const literal = String(value);
      expect(doubleHolds(literal)).toBe(isSameNumber(String(Number(literal)), literal));
    }),
  ));

test.each([
  ['1.10', '1.1', true],
  ['1E3', '1000', true],
  ['-0', '0.0', true],
  ['-1', '1', false],
  ['0.1', '0.10000000000000001', false],
])('%s and %s are the same number: %s', (left, right, same) =>
  expect(isSameNumber(left, right)).toBe(same),
);
