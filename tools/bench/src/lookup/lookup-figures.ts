import type { BenchFigure } from '../bench-report';
import { median, spreadOf } from '../interleaved-rounds';
import type { LayoutName } from './lookup-layouts';
import type { LookupRun, Measured } from './measure-contender';

/** What the project promises of a look-up, beside what was measured. */
export function lookupFigures(
  runs: readonly LookupRun[],
  peakMemoryMb: ReadonlyMap<LayoutName, number>,
): readonly BenchFigure[] {
  const of = (contender: string, layout: LayoutName, latency: LookupRun['latency']) =>
    runs.filter(
      (run) => run.contender === contender && run.layout === layout && run.latency === latency,
    );
  const middle = (found: readonly LookupRun[], value: keyof Measured): number =>
    median(found.map((run) => run[value]));
  const warm = of('sluice warm', 'sealed', 0);
  const cold = of('sluice cold', 'sealed', 0);
  const warm20 = middle(of('sluice warm', 'sealed', 20), 'p50Ms');
  const disk = middle(of('sluice warm', 'sealed', 'disk'), 'p50Ms');
  const large = of('sluice warm', 'large', 0);
  const times = (name: string, value: number, atLeast: number): BenchFigure => ({
    name,
    value,
    unit: '×',
    target: { atLeast },
  });
  const most = (name: string, value: number, unit: string, atMost: number): BenchFigure => ({
    name,
    value,
    unit,
    target: { atMost },
  });
  const p50 = (contender: string, layout: LayoutName, latency: LookupRun['latency']): number =>
    middle(of(contender, layout, latency), 'p50Ms');
  return [
    most('warm, sealed day: requests', middle(warm, 'requests'), '', 1),
    most('warm, sealed day: bytes', middle(warm, 'bytes') / 1024, 'KB', 64),
    most('cold: requests', middle(cold, 'requests'), '', 3),
    most('cold: bytes', middle(cold, 'bytes') / 1024, 'KB', 320),
    times(
      'disk: faster than DuckDB on compacted',
      p50('duckdb compacted', 'sealed', 'disk') / disk,
      1,
    ),
    times('disk: faster than DuckDB on 1,440 raw', p50('duckdb raw', 'raw-1440', 'disk') / disk, 5),
    times('20 ms: faster than the plain design', p50('plain', 'raw-1440', 20) / warm20, 100),
    times('20 ms: faster than it 64-way', p50('plain 64-way', 'raw-1440', 20) / warm20, 20),
    most('20 ms: running day, p50', p50('sluice running day', 'running', 20), 'ms', 60),
    most('peak memory of the function', peakMemoryMb.get('sealed') ?? NaN, 'MB', 160),
    ...(large.length > 0
      ? [
          most(
            'ten times the rows: requests',
            middle(large, 'requests'),
            '',
            middle(warm, 'requests'),
          ),
          most('ten times the rows: peak memory', peakMemoryMb.get('large') ?? NaN, 'MB', 160),
          most('31 days: peak memory', peakMemoryMb.get('month') ?? NaN, 'MB', 160),
          most(
            '31 days: requests',
            middle(of('sluice 31 days', 'month', 20), 'requests'),
            '',
            31 * middle(warm, 'requests'),
          ),
          most(
            'ten times the rows: bytes',
            middle(large, 'bytes') / middle(warm, 'bytes'),
            '×',
            1.3,
          ),
          most(
            'ten times the rows: time at 20 ms',
            p50('sluice warm', 'large', 20) / warm20,
            '×',
            1.3,
          ),
        ]
      : []),
  ];
}

/** @param importMs of so many processes @param bytes of the bundle */
export const bundleFigures = (
  importMs: readonly number[],
  bytes: number,
): readonly BenchFigure[] => [
  {
    name: 'the bundle: import',
    unit: 'ms',
    value: median(importMs),
    spread: spreadOf(importMs),
    target: { atMost: 80 },
  },
  { name: 'the bundle: size', unit: 'kB', value: bytes / 1000, target: { atMost: 700 } },
];
