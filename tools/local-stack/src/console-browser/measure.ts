// Measures the console with many rows and events: `npx nx run console:measure`; --minutes sets how long events stream
// in.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { workspaceRoot } from '@sluice/infra/synthesise';
import { readCommandLine, runCommand } from '@sluice/terminal/command-line';
import { Command } from 'commander';
import { measureConsole } from './measure-console';
import { stepBack, withConsole } from './with-console';

interface Options {
  readonly minutes: string;
  readonly eventsPerSecond: string;
}

const terminal = {
  args: process.argv.slice(2),
  env: process.env,
  stdout: process.stdout,
  stderr: process.stderr,
};

void runCommand(terminal, [], () => {
  const command = new Command('npx nx run console:measure --')
    .description(
      'Measures how soon the console shows the sample data, its longest tasks with many rows, and its memory while events stream in.',
    )
    .option('--minutes <n>', 'that events stream in', '10')
    .option('--events-per-second <n>', 'that stream in', '2000');
  const { minutes, eventsPerSecond } = readCommandLine(command, terminal, () =>
    command.opts<Options>(),
  );
  return withConsole(
    async ({ browser, address, dataDir, startedMs }) => {
      const figures = await measureConsole({
        browser,
        address,
        startedMs,
        minutes: Number(minutes),
        eventsPerSecond: Number(eventsPerSecond),
        stream: () => startStream(dataDir, eventsPerSecond),
        say: (line) => void process.stdout.write(`${line}\n`),
      });
      process.stdout.write(`${JSON.stringify(figures)}\n`);
      return figures.faults.length === 0 ? 0 : 1;
    },
    { isInBackground: true },
  );
}).then((code) => {
  process.exitCode = code;
});

/**
 * Starts a stream of events that goes on until it is ended: what is looked at after each minute takes time of its own.
 *
 * @returns a function that ends it
 */
function startStream(dataDir: string, eventsPerSecond: string): () => Promise<void> {
  const program = join(workspaceRoot(), 'dist', 'tools', 'lake', 'main.mjs');
  const child = spawn(
    process.execPath,
    [
      program,
      ...['simulate', '--event', 'product_event', '--data-dir', dataDir],
      ...['--events-per-second', eventsPerSecond],
    ],
    { stdio: 'ignore' },
  );
  stepBack(child);
  return async () => {
    child.kill('SIGKILL');
    await sleep(500);
  };
}
