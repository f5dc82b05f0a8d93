import * as fc from 'fast-check';
import type { ByteRange } from './byte-source';
import { coalesceRanges } from './byte-ranges';

const range = fc
  .tuple(fc.nat(10_000), fc.integer({ min: 1, max: 500 }))
  .map(([start, length]): ByteRange => ({ start, end: start + length }));

it('covers every range, in order, with no more than the gaps read along', () => {
  fc.assert(
    fc.property(
      fc.array(range, { maxLength: 30 }),
      fc.nat(300),
      fc.integer({ min: 1, max: 3_000 }),
      (ranges, gapBytes, maxBytes) => {
        const joined = coalesceRanges(ranges, { gapBytes, maxBytes });
        for (const { start, end } of ranges)
          expect(joined.some((each) => each.start <= start && end <= each.end)).toBe(true);
        const starts = joined.map(({ start }) => start);
        expect(starts).toEqual(starts.toSorted((a, b) => a - b));
        for (const each of joined) {
          const whole = ranges.some(({ start, end }) => start === each.start && end === each.end);
          expect(whole || each.end - each.start <= maxBytes).toBe(true);
        }
        const bytes = joined.reduce((sum, { start, end }) => sum + end - start, 0);
        const asked = ranges.reduce((sum, { start, end }) => sum + end - start, 0);
        expect(bytes).toBeLessThanOrEqual(asked + gapBytes * ranges.length);
      },
    ),
  );
});

it.each([
  [
    'near each other',
    [
      [0, 10],
      [12, 20],
    ],
    [[0, 20]],
  ],
  [
    'far from each other',
    [
      [0, 10],
      [31, 40],
    ],
    [
      [0, 10],
      [31, 40],
    ],
  ],
  [
    'within another',
    [
      [0, 100],
      [10, 20],
    ],
    [[0, 100]],
  ],
  [
    'in any order',
    [
      [12, 20],
      [0, 10],
    ],
    [[0, 20]],
  ],
] as const)('ranges %s', (_, ranges, expected) => {
  const toRange = ([start, end]: readonly [number, number]): ByteRange => ({ start, end });
  expect(coalesceRanges(ranges.map(toRange), { gapBytes: 20 })).toEqual(expected.map(toRange));
});
