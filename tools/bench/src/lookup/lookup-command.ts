import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Table from 'cli-table3';
import { Command } from 'commander';
import { runLookupBench, type LookupReport } from './lookup';
import { lookupChart } from './lookup-chart';
import { measureContender, type LookupRun, type MeasureTask } from './measure-contender';
import { count, type ShowReport } from '../bench-command';

export const lookupCommand = (show: ShowReport): Command =>
  new Command('lookup')
    .description(
      'a row by id or by an index against the plain design, hyparquet, DuckDB and Lance; docs/measurements.md has --rows 400000 --lookups 200',
    )
    .option('--rows <count>', 'rows of the day', count, 100_000)
    .option('--lookups <count>', 'look-ups of the quick contenders', count, 100)
    .option('--tail-lookups <count>', 'look-ups at latencies with a heavy tail', count, 500)
    .option('--folder <folder>', 'where the day lies; kept for the next run')
    .option('--growth', 'also ten times the rows, and 31 days', false)
    .option('--svg <file>', 'write a chart')
    .action(
      async (options: {
        rows: number;
        lookups: number;
        tailLookups: number;
        folder?: string;
        growth: boolean;
        svg?: string;
      }) => {
        const report = await runLookupBench({
          ...options,
          bundle: 'dist/apps/lookup-api/index.mjs',
          folder: options.folder ?? join(tmpdir(), `sluice-bench-lookup-3-${options.rows}`),
          say: (text) => console.error(text),
        });
        if (options.svg) writeFileSync(options.svg, lookupChart(report.runs));
        console.log(runsText(report));
        show(report);
      },
    );

/** Returns the hidden command by which a run measures one contender in a separate process. */
export const lookupContenderCommand = (): Command =>
  new Command('lookup-contender').action(() => {
    process.once('message', (task: MeasureTask) => {
      void measureContender(task).then(
        (measured) => process.send?.(measured, () => process.exit(0)),
        (error: unknown) => {
          console.error(error);
          process.exit(1);
        },
      );
    });
  });

/** Decides whether an engine makes its requests itself, so that they can't be counted. */
const isRemoteFor = ({ contender }: LookupRun): boolean =>
  contender.startsWith('duckdb') || contender.startsWith('lance');

function runsText({ runs }: LookupReport): string {
  const table = new Table({
    head: [
      '',
      'files',
      'latency',
      'p50 ms',
      'p99 ms',
      'requests',
      'waits',
      'KB',
      'CPU ms',
      'peak MB',
    ],
    colAligns: ['left', 'left', ...Array<'right'>(8).fill('right')],
    style: { head: [], border: [] },
  });
  for (const run of runs)
    table.push([
      run.contender,
      run.layout,
      run.latency,
      run.p50Ms.toFixed(2),
      run.p99Ms.toFixed(2),
      isRemoteFor(run) ? '' : run.requests,
      isRemoteFor(run) ? '' : run.waits,
      isRemoteFor(run) ? '' : Math.round(run.bytes / 1024),
      run.cpuMs.toFixed(1),
      Math.round(run.peakMemoryMb),
    ]);
  return table.toString();
}
