import fc from 'fast-check';
import { sortedPositions } from './sorted-positions';

describe('sorting by rank', () => {
  const rank = fc.oneof(
    fc.integer({ min: -3, max: 3 }),
    fc.double({ noNaN: true, noDefaultInfinity: true, min: -9.3e18, max: 9.3e18 }),
    fc.constant(-Infinity),
  );

  it('gives the order that a sort by comparison gives', () => {
    fc.assert(
      fc.property(fc.array(rank, { maxLength: 200 }), (ranks) => {
        const compare = (a: number, b: number) => {
          const left = ranks[a]!;
          const right = ranks[b]!;
          return left < right ? -1 : left > right ? 1 : a - b;
        };
        expect([...sortedPositions(Float64Array.from(ranks), compare)]).toEqual(
          ranks.map((_, index) => index).sort(compare),
        );
      }),
    );
  });

  it.each([[[0, -5e-324]], [[5e-324, 0, 1e-323]], [[-1.7e308, 1.7e308, 0]]])(
    'orders %j, whose range no scale fits',
    (ranks) => {
      const compare = (a: number, b: number) => Math.sign(ranks[a]! - ranks[b]!) || a - b;
      expect([...sortedPositions(Float64Array.from(ranks), compare)]).toEqual(
        ranks.map((_, index) => index).sort(compare),
      );
    },
  );

  it('asks about few pairs where ranks differ', () => {
    let asked = 0;
    const ranks = Float64Array.from({ length: 10_000 }, (_, index) => (index * 7919) % 10_007);
    sortedPositions(ranks, (a, b) => {
      asked++;
      return ranks[a]! - ranks[b]!;
    });
    expect(asked).toBe(0);
  });
});
