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
    'shows the state of the lake: rows, rates, failures, days',
    async () => (await import('./status/run-status')).runStatus,
  ],
  sql: [
    'queries the lake in SQL, or opens a shell',
    async () => (await import('./sql/run-lake-sql')).runLakeSql,
  ],
  ingest: [
    'ingests a file of events into a local stack or a deployed stage',
    async () => (await import('./ingest/run-ingest')).runIngest,
  ],
  simulate: [
    'sends made-up events, or those of a file, until it is stopped',
    async () => (await import('./simulate/run-simulate')).runSimulate,
  ],
  backfill: [
    'ingests files of past events, each event into the day of its own time',
    async () => (await import('./backfill/run-backfill')).runBackfill,
  ],
  'put-reference': [
    'loads a file into a reference table',
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
    'builds the indexes of days that were compacted before there were any',
    async () => (await import('./reindex/run-reindex')).runReindex,
  ],
  erase: [
    'erases the rows and failed records of one person',
    async () => (await import('./people/run-erase')).runErase,
  ],
  subject: [
    'writes everything that the lake holds about one person',
    async () => (await import('./people/run-subject')).runSubject,
  ],
  certificate: [
    'checks the signature of the certificate of an erasure',
    async () => (await import('./people/run-certificate')).runCertificate,
  ],
  expire: [
    'removes days that are past their retention',
    async () => (await import('./expire/run-expire')).runExpire,
  ],
  'expire-snapshots': [
    'removes old snapshots of the Iceberg tables',
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
    .description("The operators' commands. Each has its own --help.");
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
