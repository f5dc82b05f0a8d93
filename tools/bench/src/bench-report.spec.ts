import { meetsTarget, reportText, type BenchFigure } from './bench-report';

const figure = (value: number, target?: BenchFigure['target']): BenchFigure => ({
  name: 'figure',
  value,
  unit: 'ms',
  ...(target && { target }),
});

test.each([
  [figure(1), true],
  [figure(5, { atMost: 5 }), true],
  [figure(5.1, { atMost: 5 }), false],
  [figure(5, { atLeast: 5 }), true],
  [figure(4.9, { atLeast: 5 }), false],
  [figure(NaN, { atLeast: 5 }), false],
])('meetsTarget(%j) is %s', (one, met) => {
  expect(meetsTarget(one)).toBe(met);
});

test('reportText marks what missed its target', () => {
  const text = reportText({
    name: 'bench',
    about: 'a test',
    figures: [{ ...figure(1234.5, { atMost: 5 }), spread: [1, 2000] }, figure(1, { atMost: 5 })],
  });
  expect(text).toContain('bench: a test');
  expect(text).toMatch(/1,235 ms.*1 to 2,000.*≤ 5.*MISSED/);
  expect(text).toMatch(/1 ms.*≤ 5.*met/);
});
