import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { productEvent } from '@sluice/event-types';
import { sampleEvents } from '@sluice/event-types/samples';
import { seededRandom } from '@sluice/values/seeded-random';
import { Command } from 'commander';
import { count, type ShowReport } from '../bench-command';
import type { BenchReport } from '../bench-report';
import { backfillOnce, type BackfillRun } from './backfill-once';

interface BackfillBenchOptions {
  readonly events: number;
  readonly days: number;
  readonly files: number;
  readonly kills: number;
}

/** Targets for 1,000,000 events. */
const promised = { seconds: 180, megabytes: 1_024 };
const dayMs = 86_400_000;

export const backfillCommand = (show: ShowReport): Command =>
  new Command('backfill')
    .description(
      'files of past events into the days of their own time: speed, memory, and a run that is killed',
    )
    .option('--events <count>', 'events of all files', count, 1_000_000)
    .option('--days <count>', 'days that they are spread over', count, 90)
    .option('--files <count>', 'files, each of some neighbouring days', count, 10)
    .option('--kills <count>', 'times that a second run is killed and started again', count, 5)
    .action(async (options: BackfillBenchOptions) => show(await runBackfillBench(options)));

/** Returns the command of one run, to be started in a separate process; it prints its figures as JSON. */
export const backfillOnceCommand = (): Command =>
  new Command('backfill-once')
    .argument('<files>')
    .argument('<lake>')
    .action(async (files: string, lake: string) => {
      console.log(JSON.stringify(await backfillOnce(files, lake)));
    });

async function runBackfillBench(options: BackfillBenchOptions): Promise<BenchReport> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-backfill-'));
  try {
    const files = join(folder, 'files');
    writeFiles(files, options);
    const whole = await run(files, join(folder, 'lake'));
    if (!whole) throw new Error('the run failed');
    const killed = await runKilled(files, join(folder, 'killed-lake'), whole.ms, options.kills);
    for (const { rows } of [whole, killed])
      if (rows !== options.events) throw new Error(`${rows} rows of ${options.events} events`);
    const share = options.events / 1_000_000;
    return {
      name: 'backfill',
      about: `${options.events} events over ${options.days} days in ${options.files} files; a second run, killed ${options.kills} times, gave the same ${killed.rows} rows`,
      figures: [
        {
          name: 'time',
          value: whole.ms / 1000,
          unit: 's',
          target: { atMost: promised.seconds * share },
        },
        { name: 'processor time', value: whole.cpuMs / 1000, unit: 's' },
        { name: 'events', value: (options.events / whole.ms) * 1000, unit: '/s' },
        {
          name: 'peak memory of the process',
          value: whole.peakMegabytes,
          unit: 'MB',
          target: { atMost: promised.megabytes },
        },
      ],
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function writeFiles(folder: string, { events, days, files }: BackfillBenchOptions): void {
  mkdirSync(folder);
  const random = seededRandom(1);
  const startMs = (Math.floor(Date.now() / dayMs) - days - 1) * dayMs;
  const timeMember = productEvent.time ?? '';
  const samples = sampleEvents('product_event', { count: events });
  for (let file = 0; file < files; file++) {
    const lines: string[] = [];
    const first = Math.floor((file * events) / files);
    const end = Math.floor(((file + 1) * events) / files);
    for (let index = first; index < end; index++) {
      const { value } = samples.next();
      const dayOfFile = ((file + random.fraction()) / files) * days;
      const time = new Date(startMs + Math.floor(dayOfFile * dayMs)).toISOString();
      lines.push(JSON.stringify({ ...(value as object), [timeMember]: time }));
    }
    writeFileSync(
      join(folder, `${String(file).padStart(3, '0')}.ndjson.gz`),
      gzipSync(`${lines.join('\n')}\n`, { level: 1 }),
    );
  }
}

/** Runs once in a separate process. @returns undefined where the process was killed */
async function run(
  files: string,
  lake: string,
  killAfterMs?: number,
): Promise<BackfillRun | undefined> {
  const child = spawn(process.execPath, [process.argv[1] ?? '', 'backfill-once', files, lake], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const output = text(child.stdout);
  const ended = once(child, 'close') as Promise<[number | null]>;
  if (killAfterMs !== undefined) {
    await Promise.race([ended, sleep(killAfterMs)]);
    child.kill('SIGKILL');
  }
  const [code] = await ended;
  if (code === null) return undefined;
  if (code !== 0) throw new Error(`the run ended with ${code}`);
  return JSON.parse(await output) as BackfillRun;
}

/** Runs until the work is done, killing the process at random moments before that. */
async function runKilled(
  files: string,
  lake: string,
  wholeMs: number,
  kills: number,
): Promise<BackfillRun> {
  const random = seededRandom(2);
  for (let kill = 0; kill < kills; kill++)
    await run(files, lake, 1_000 + random.fraction() * (wholeMs / kills) * 2);
  const finished = await run(files, lake);
  if (!finished) throw new Error('the last run was killed by somebody else');
  return finished;
}
