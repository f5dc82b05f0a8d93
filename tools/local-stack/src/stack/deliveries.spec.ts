import { trimOf, type StreamProgress } from './deliveries';

const progress = (
  positions: Readonly<Record<string, string>>,
  failed: readonly string[] = [],
): StreamProgress => ({
  checkpoints: { positions: new Map(Object.entries(positions)) },
  failedPositions: { ofShard: () => failed },
});

test.each<[string, readonly StreamProgress[], ReturnType<typeof trimOf>]>([
  ['one delivery stream', [progress({ a: '20' }, ['7'])], { upTo: '20', keep: ['7'] }],
  [
    'two of which one is behind',
    [progress({ a: '20' }, ['7', '15']), progress({ a: '9' }, ['7'])],
    { upTo: '9', keep: ['7', '15'] },
  ],
  ['two of which one has delivered nothing', [progress({ a: '20' }), progress({})], undefined],
  ['none', [], undefined],
])('a stream loses what all have delivered: %s', (_, streams, expected) => {
  expect(trimOf('a', streams)).toEqual(expected);
});
