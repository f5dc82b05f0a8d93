import { chartsOf as chartsOfTable } from './result-chart';
import { ResultRows, type Cells } from './result-rows';

const pause = (): Promise<void> => Promise.resolve();
const chartsOf = (
  columns: Parameters<typeof chartsOfTable>[0],
  rows: readonly Cells[],
  pauseAfter: () => Promise<void>,
) => {
  const table = new ResultRows(columns.length);
  table.append(rows);
  return chartsOfTable(columns, table, pauseAfter);
};
const text = (name: string) => ({ name, type: 'varchar' });
const number = (name: string) => ({ name, type: 'bigint' });

test('numbers by time are drawn in the order of time', async () => {
  const [chart] = await chartsOf(
    [{ name: 'minute', type: 'timestamp' }, number('events')],
    [
      ['2026-01-01 00:02:00.000', '5'],
      ['2026-01-01 00:01:00.000', null],
      [null, '3'],
    ],
    pause,
  );
  expect(chart).toEqual({
    title: 'events by minute',
    x: [1_767_225_660, 1_767_225_720],
    isTime: true,
    isThinned: false,
    kind: 'bars',
    series: [{ name: 'events', values: [null, 5] }],
  });
});

test('numbers by a few names are drawn in the order of the result', async () => {
  const charts = await chartsOf(
    [text('name'), number('a'), number('b')],
    [
      ['x', '2', '3'],
      [null, '1', '4'],
    ],
    pause,
  );
  expect(charts).toMatchObject([
    { title: 'a by name', names: ['x', 'null'], isTime: false, series: [{ values: [2, 1] }] },
    { title: 'b by name', names: ['x', 'null'], isTime: false, series: [{ values: [3, 4] }] },
  ]);
});

test('where one text column does not tell the rows apart, all of them name the bars', async () => {
  const [chart] = await chartsOf(
    [text('city'), text('courier'), number('n')],
    [
      ['Graz', 'Ana', '2'],
      ['Graz', 'Bo', '1'],
    ],
    pause,
  );
  expect(chart).toMatchObject({ title: 'n by city and courier', names: ['Graz, Ana', 'Graz, Bo'] });
});

test('a text column beside the time makes the series, the largest first', async () => {
  const hour = (n: number): string => `2026-01-01 0${n}:00:00.000`;
  const charts = await chartsOf(
    [{ name: 'hour', type: 'timestamp' }, text('carrier'), number('sum'), number('mean')],
    [
      [hour(1), 'b', '5', '1'],
      [hour(0), 'a', '1', '2'],
      [hour(0), 'b', '2', '3'],
      [hour(2), null, '4', '4'],
      ...Array.from({ length: 5 }, (_, n) => [hour(2), `rare ${n}`, '0', '0']),
    ],
    pause,
  );
  expect(charts.map(({ title }) => title)).toEqual([
    'sum by hour and carrier, the largest 6 of 8',
    'mean by hour and carrier, the largest 6 of 8',
  ]);
  expect(charts[0]).toMatchObject({ kind: 'lines', isTime: true });
  expect(charts[0]?.x.map((second) => second % 86_400)).toEqual([0, 3_600, 7_200]);
  expect(charts[0]?.series.slice(0, 3)).toEqual([
    { name: 'b', values: [2, 5, null] },
    { name: 'null', values: [null, null, 4] },
    { name: 'a', values: [1, null, null] },
  ]);
});

test('one time alone is no axis', async () => {
  const at = '2026-01-01 00:01:00.000';
  const charts = await chartsOf(
    [{ name: 'hour', type: 'timestamp' }, text('carrier'), number('sum')],
    [
      [at, 'a', '5'],
      [at, 'b', '1'],
    ],
    pause,
  );
  expect(charts).toMatchObject([{ title: 'sum by carrier', names: ['a', 'b'], kind: 'bars' }]);
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
])('%s is no chart', async (_, columns, rows) => {
  expect(await chartsOf(columns, rows, pause)).toEqual([]);
});

describe('more rows than a screen has pixels', () => {
  const at = (second: number): string =>
    new Date(Date.UTC(2026, 0, 1) + second * 1_000).toISOString().replace('T', ' ').slice(0, 23);
  const columns = [{ name: 'at', type: 'timestamp' }, number('n'), number('m')];
  const rows = Array.from({ length: 20_000 }, (_, index) => {
    // In no order: 7 and 20,000 have no common divisor.
    const second = (index * 7) % 20_000;
    return [
      at(second),
      String(second === 12_345 ? 1_000 : second % 10),
      second < 10_000 ? '1' : null,
    ];
  });

  test('are drawn as the least and the greatest of each short time, so that no peak is lost', async () => {
    let pauses = 0;
    const [chart, other] = await chartsOf(columns, rows, () => {
      pauses++;
      return Promise.resolve();
    });
    expect(chart).toMatchObject({ isThinned: true, kind: 'lines', isTime: true });
    const { x, series } = chart!;
    expect(x.length).toBeLessThanOrEqual(4_000);
    expect(x).toEqual([...x].sort((a, b) => a - b));
    const [n] = series;
    const [m] = other!.series;
    expect([Math.min(...(n!.values as number[])), Math.max(...(n!.values as number[]))]).toEqual([
      0, 1_000,
    ]);
    expect(
      Math.abs(x[n!.values.indexOf(1_000)]! - (Date.UTC(2026, 0, 1) / 1_000 + 12_345)),
    ).toBeLessThan(20);
    expect(m!.values.filter((value) => value === null).length).toBeCloseTo(x.length / 2, -2);
    expect(pauses).toBeGreaterThan(4);
  });

  test('end with the first pause after nobody wants them', async () => {
    const stopped = chartsOf(columns, rows, () => Promise.reject(new Error('stopped')));
    await expect(stopped).rejects.toThrow('stopped');
  });
});
