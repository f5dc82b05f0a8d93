import { readCommandLine, runCommand } from '@sluice/terminal/command-line';
import { Command } from 'commander';
import type { LakeTerminal } from './lake-terminal';

type Run = (terminal: LakeTerminal) => Promise<number>;

/**
 * Summary and module of each command. Modules are loaded when needed, because the SDK, DuckDB and Parquet take long
 * to load.
 */
export const commands: Readonly<
  Record<string, readonly [summary: string, load: () => Promise<Run>]>
> = {
  status: [
    'says how the lake is: rows, rates, failures, days',
    async () => (await import('./status/run-status')).runStatus,
  ],
  sql: [
    'asks the lake in SQL, or opens a shell',
    async () => (await import('./sql/run-lake-sql')).runLakeSql,
  ],
  ingest: [
    'takes a file of events into a local stack or a deployed stage',
    async () => (await import('./ingest/run-ingest')).runIngest,
  ],
  simulate: [
    'keeps made-up events coming, or those of a file',
    async () => (await import('./simulate/run-simulate')).runSimulate,
  ],
  backfill: [
    'takes files of the past, each event into the day of its own time',
    async () => (await import('./backfill/run-backfill')).runBackfill,
  ],
  'put-reference': [
    'makes a file the rows of a reference table',
    async () => (await import('./put-reference/run-put-reference')).runPutReference,
  ],
  replay: [
    'sends failed records back into their stream',
    async () => (await import('./replay/run-replay')).runReplay,
  ],
  compact: [
    'compacts now what the schedule would compact later',
    async () => (await import('./compact/run-compact')).runCompact,
  ],
  reindex: [
    'makes the indexes of days that were compacted before there were any',
    async () => (await import('./reindex/run-reindex')).runReindex,
  ],
  erase: [
    'takes the rows and failed records of one person out of the lake',
    async () => (await import('./people/run-erase')).runErase,
  ],
  subject: [
    'writes everything that is held of one person',
    async () => (await import('./people/run-subject')).runSubject,
  ],
  certificate: [
    'says whether the certificate of an erasure is what was signed',
    async () => (await import('./people/run-certificate')).runCertificate,
  ],
  expire: [
    'takes days that are past their retention out of the lake',
    async () => (await import('./expire/run-expire')).runExpire,
  ],
  'expire-snapshots': [
    'takes old snapshots of the Iceberg tables away',
    async () => (await import('./expire/run-expire-snapshots')).runExpireSnapshots,
  ],
  verify: [
    'reads every file, and names those that are damaged',
    async () => (await import('./verify/run-verify')).runVerify,
  ],
  'event-types': [
    'lists, renames and deletes the event types of a data directory',
    async () => (await import('./event-types/run-event-types')).runEventTypes,
  ],
};

/** Runs one of the operators' commands, which the first argument names. @returns the exit code */
export async function runLake(terminal: LakeTerminal): Promise<number> {
  const [name = '--help', ...args] = terminal.args;
  const run = Object.hasOwn(commands, name) ? commands[name]?.[1] : undefined;
  if (run) return (await run())({ ...terminal, args });
  return runCommand(terminal, [], () =>
    Promise.resolve(readCommandLine(overview(), { ...terminal, args: [name] }, () => 0)),
  );
}

function overview(): Command {
  const root = new Command('npm run lake -- <command>')
    .usage('[options]')
    .description("The operators' commands. Each has a --help of its own.");
  for (const [name, [summary]] of Object.entries(commands)) root.command(name).summary(summary);
  return root.addHelpText(
    'after',
    `
Examples:
  npm run lake -- compact --help
  npm run sql -- "select count(*) from product_event"
  npm run ingest -- orders.ndjson --event order --key orderId`,
  );
}
