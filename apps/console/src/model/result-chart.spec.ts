import { chartOf } from './result-chart';

const text = (name: string) => ({ name, type: 'varchar' });
const number = (name: string) => ({ name, type: 'bigint' });

test('numbers by time are drawn in the order of time', () => {
  const chart = chartOf(
    [{ name: 'minute', type: 'timestamp' }, number('events')],
    [
      ['2026-01-01 00:02:00.000', '5'],
      ['2026-01-01 00:01:00.000', null],
      [null, '3'],
    ],
  );
  expect(chart).toEqual({
    by: 'minute',
    x: [1_767_225_660, 1_767_225_720],
    isTime: true,
    kind: 'bars',
    series: [{ name: 'events', values: [null, 5] }],
  });
});

test('numbers by a few names are drawn in the order of the result', () => {
  const chart = chartOf(
    [text('name'), number('a'), number('b')],
    [
      ['x', '2', '3'],
      [null, '1', '4'],
    ],
  );
  expect(chart).toMatchObject({ by: 'name', names: ['x', 'null'], isTime: false });
  expect(chart?.series.map(({ values }) => values)).toEqual([
    [2, 1],
    [3, 4],
  ]);
});

test.each([
  ['one row', [text('a'), number('b')], [['x', '1']]],
  [
    'no number',
    [text('a'), text('b')],
    [
      ['x', 'y'],
      ['x', 'y'],
    ],
  ],
  ['many names', [text('a'), number('b')], Array.from({ length: 41 }, () => ['x', '1'])],
])('%s is no chart', (_, columns, rows) => {
  expect(chartOf(columns, rows)).toBeUndefined();
});
