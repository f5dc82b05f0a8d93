import { judgeBeforeReplay, judgeLookUps, judgeRows } from './judge';

const acknowledged = {
  sound: new Set(['1', '2']),
  unsound: new Set(['9']),
  refusals: [],
  resends: 0,
};

describe('before the replay', () => {
  test('an event may be a row or wait in the error output', () => {
    const found = { rows: new Map([['1', 1]]), failed: new Set(['2', '9']) };
    expect(judgeBeforeReplay(acknowledged, found)).toEqual([]);
  });

  test('names what is lost', () => {
    const found = { rows: new Map([['1', 1]]), failed: new Set<string>() };
    expect(judgeBeforeReplay(acknowledged, found)).toEqual([
      '1 acknowledged events are neither a row nor in the error output: 2',
      '1 acknowledged events that the schema refuses are not in the error output: 9',
    ]);
  });
});

test('a look-up is to give one row', () => {
  const found = new Map([
    ['1', 1],
    ['2', 0],
    ['3', 2],
  ]);
  expect(judgeLookUps(found)).toEqual(['2 look-ups give no row, or several: 2, 3']);
});

test.each<[string, readonly [string, number][], readonly string[]]>([
  [
    'one row each',
    [
      ['1', 1],
      ['2', 1],
    ],
    [],
  ],
  ['a lost one', [['1', 1]], ['1 acknowledged events are no row here: 2']],
  [
    'one that is there twice',
    [
      ['1', 2],
      ['2', 1],
    ],
    ['1 events are several rows here: 1'],
  ],
  [
    'a row of an event that the schema refuses',
    [
      ['1', 1],
      ['2', 1],
      ['9', 1],
    ],
    ['1 rows here are of no event that conforms: 9'],
  ],
])('at the end: %s', (_, rows, problems) => {
  expect(judgeRows(acknowledged, new Map(rows), 'here')).toEqual(problems);
});
