import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readCommandLine, runCommand, UsageError } from '@sluice/terminal/command-line';
import { Command } from 'commander';
import type { LakeTerminal } from '../lake-terminal';
import { defaultDataDir } from '../data-dir';
import { readEndpoints } from '../open-lake';
import { startCommand } from '../shown-commands';
import { apiKeyOption, stageApi, urlOption, type StageApi } from '../stage-api';
import { renderStatus, type LakeStatus } from './render-status';

/** Options of the command line. */
interface StatusCommand extends StageApi {
  readonly dataDir: string;
  readonly watch: boolean;
  readonly json: boolean;
}

function parse(terminal: LakeTerminal): StatusCommand {
  const command = new Command('npm run status --')
    .description(
      'Shows the state of the lake: rows, rates, failures, days and the last compaction.',
    )
    .option('--data-dir <dir>', 'data directory of the local stack', defaultDataDir)
    .addOption(urlOption('operations API'))
    .addOption(apiKeyOption())
    .option('--watch', 'refresh every two seconds, until Ctrl-C', false)
    .option('--json', 'write the answer of the API as a line of JSON', false)
    .addHelpText(
      'after',
      `
Examples:
  npm run status
  npm run status -- --watch
  SLUICE_API_KEY=… npm run status -- --url https://…`,
    );
  return readCommandLine(command, terminal, () => {
    const options = command.opts<StatusCommand>();
    return { ...options, ...stageApi(command, options, terminal) };
  });
}

interface Operations {
  readonly url: string;
  /** Data directory of the local stack; undefined for a deployed stage. */
  readonly dataDir?: string;
  readonly apiKey: string;
}

function operationsApi({ dataDir, url, apiKey = '' }: StatusCommand): Operations {
  if (url !== undefined) return { url, apiKey };
  const endpoints = readEndpoints(dataDir);
  if (endpoints.operations === undefined)
    throw new UsageError(
      'the local stack of this data directory has no operations API: restart it',
    );
  return { url: endpoints.operations, apiKey: endpoints.apiKey, dataDir: resolve(dataDir) };
}

const answerMs = 30_000;

async function readStatus({ url, apiKey, dataDir }: Operations): Promise<LakeStatus> {
  let response: Response;
  try {
    response = await fetch(`${url}/v1/lake`, {
      headers: { 'x-api-key': apiKey },
      signal: AbortSignal.timeout(answerMs),
    });
  } catch {
    throw new UsageError(
      `nothing answers at ${url}${dataDir === undefined ? '' : `: start the local stack with ${startCommand(dataDir)}, and leave it running`}`,
    );
  }
  if (!response.ok)
    throw new UsageError(`the operations API at ${url} answered ${response.status}`);
  return (await response.json()) as LakeStatus;
}

const watchMs = 2_000;
const clearScreen = '\u001b[H\u001b[2J\u001b[3J';

/** Shows the state of a lake, once or until Ctrl-C. @returns the exit code */
export const runStatus = (terminal: LakeTerminal): Promise<number> =>
  runCommand(terminal, [], async () => {
    const { stdout } = terminal;
    const command = parse(terminal);
    const operations = operationsApi(command);
    const interrupted = new AbortController();
    const interrupt = (): void => interrupted.abort();
    if (command.watch) process.once('SIGINT', interrupt);
    try {
      do {
        const status = await readStatus(operations);
        const text = command.json
          ? JSON.stringify(status)
          : renderStatus(status, operations.dataDir);
        stdout.write(
          `${command.watch && stdout.isTTY && !command.json ? clearScreen : ''}${text}\n`,
        );
        if (command.watch)
          await sleep(watchMs, undefined, { signal: interrupted.signal }).catch(() => undefined);
      } while (command.watch && !interrupted.signal.aborted);
    } finally {
      process.off('SIGINT', interrupt);
    }
    return 0;
  });
