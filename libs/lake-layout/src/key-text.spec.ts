import { codePoint } from '@sluice/event-schema/testing/code-point';
import fc from 'fast-check';
import { compareUtf8, keyOrder } from './key-text';

const sign = (value: number): number => Math.sign(value);

describe('the order of keys', () => {
  it('is that of UTF-8 bytes for text', () => {
    const text = fc.string({ unit: codePoint, maxLength: 4 });
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(sign(compareUtf8(a, b))).toBe(sign(Buffer.compare(Buffer.from(a), Buffer.from(b))));
      }),
    );
  });

  it('puts characters beyond the basic plane after all others', () => {
    expect(['\u{1f986}', '\uffee', 'z', 'é'].sort(compareUtf8)).toEqual([
      'z',
      'é',
      '\uffee',
      '\u{1f986}',
    ]);
  });

  it('is that of the value for integers of 64 bits', () => {
    const integer = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
    const order = keyOrder({ kind: 'bigint' });
    fc.assert(
      fc.property(integer, integer, (a, b) => {
        expect(sign(order(String(a), String(b)))).toBe(a < b ? -1 : a > b ? 1 : 0);
      }),
    );
  });

  it('is that of the value for decimals, however many digits are written', () => {
    const order = keyOrder({ kind: 'decimal', precision: 10, scale: 3 });
    expect(['1.5', '-0.25', '1.499', '-10', '0', '1.50'].sort(order)).toEqual([
      '-10',
      '-0.25',
      '0',
      '1.499',
      '1.5',
      '1.50',
    ]);
  });
});
