import fc from 'fast-check';
import { byteRange } from './byte-range';

describe('byteRange', () => {
  test.each([
    ['bytes=0-4', 10, { first: 0, last: 4 }],
    ['bytes=3-3', 10, { first: 3, last: 3 }],
    ['bytes=8-99', 10, { first: 8, last: 9 }],
    ['bytes=4-', 10, { first: 4, last: 9 }],
    ['bytes=-3', 10, { first: 7, last: 9 }],
    ['bytes=-99', 10, { first: 0, last: 9 }],
    ['bytes=10-', 10, 'unsatisfiable'],
    ['bytes=10-12', 10, 'unsatisfiable'],
    ['bytes=-0', 10, 'unsatisfiable'],
    ['bytes=-1', 0, 'unsatisfiable'],
    ['bytes=0-', 0, 'unsatisfiable'],
    ['bytes=5-4', 10, undefined],
    ['bytes=0-1,4-5', 10, undefined],
    ['bytes=-', 10, undefined],
    ['bytes=a-b', 10, undefined],
    ['lines=0-1', 10, undefined],
    [undefined, 10, undefined],
  ] as const)('%s of %d bytes is %j', (header, total, range) => {
    expect(byteRange(header, total)).toEqual(range);
  });

  test('never leaves the object', () => {
    fc.assert(
      fc.property(fc.nat(20), fc.option(fc.nat(30)), fc.option(fc.nat(30)), (total, from, to) => {
        const range = byteRange(`bytes=${from ?? ''}-${to ?? ''}`, total);
        if (range === undefined || range === 'unsatisfiable') return;
        expect(range.first).toBeGreaterThanOrEqual(0);
        expect(range.last).toBeGreaterThanOrEqual(range.first);
        expect(range.last).toBeLessThan(total);
      }),
    );
  });
});
