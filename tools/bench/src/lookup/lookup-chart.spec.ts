import { chartBars, lookupChart } from './lookup-chart';
import type { LookupRun } from './measure-contender';

const run = (contender: string, layout: LookupRun['layout'], p50Ms: number): LookupRun => ({
  contender,
  layout,
  latency: 20,
  p50Ms,
  p99Ms: p50Ms,
  slowestMs: p50Ms,
  requests: 1,
  waits: 1,
  extraPart: 0,
  bytes: 1,
  ofOneRow: { requests: 1, bytes: 1 },
  cpuMs: 1,
  peakMemoryMb: 1,
  lookups: 1,
  checked: 1,
});

test('a contender that ran several times on one layout is one bar, with the middle of its times', () => {
  const bars = chartBars([
    run('sluice warm', 'sealed', 27),
    run('sluice warm', 'sealed', 29),
    run('sluice warm', 'sealed', 28),
  ]);
  expect(bars).toEqual([{ label: 'sluice warm', p50Ms: 28, requests: 1, isOurs: true }]);
});

test('bars of one contender are told apart by their layout, others are not burdened with it', () => {
  const bars = chartBars([
    run('plain', 'raw-1440', 900),
    run('plain', 'raw-96', 100),
    run('sluice warm', 'sealed', 27),
    run('sluice warm', 'large', 28),
    { ...run('sluice warm', 'sealed', 1), latency: 0 },
  ]);
  expect(bars.map(({ label }) => label)).toEqual([
    'plain',
    'sluice warm, a day of ten times the rows',
    'sluice warm, a sealed day',
  ]);
});

test('no two lines of a chart have the same text', () => {
  const chart = lookupChart([
    run('sluice warm', 'sealed', 27),
    run('sluice warm', 'sealed', 27),
    run('sluice cold', 'sealed', 76),
    run('sluice cold', 'large', 76),
  ]);
  const labels = [...chart.matchAll(/text-anchor="end">([^<]*)</g)].map(([, label]) => label);
  expect(labels).toHaveLength(3);
  expect(new Set(labels).size).toBe(3);
});
