import { interleavedRounds, median, ratios, spreadOf } from './interleaved-rounds';

test('interleavedRounds lets the contenders take turns and leaves the warm-up out', async () => {
  const turns: string[] = [];
  const contenders = ['a', 'b'].map((name) => ({ name, run: () => turns.push(name) }));
  const times = await interleavedRounds(contenders, { rounds: 3, warmUpRounds: 1 });
  expect(turns.join('')).toBe('abababab');
  expect(times.get('a')).toHaveLength(3);
  expect(times.get('b')).toHaveLength(3);
});

test.each([
  [[3, 1, 2], 2],
  [[4, 1, 3, 2], 2.5],
  [[7], 7],
  [[], NaN],
])('median(%j) is %s', (values, middle) => {
  expect(median(values)).toBe(middle);
});

test('ratios compares round by round: above 1 is faster than the rival', () => {
  const times = new Map([
    ['ours', [1, 4]],
    ['rival', [2, 2]],
  ]);
  expect(ratios(times, 'ours', 'rival')).toEqual([2, 0.5]);
  expect(spreadOf([2, 0.5])).toEqual([0.5, 2]);
});
