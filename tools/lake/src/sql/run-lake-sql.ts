import { runCommand } from '@sluice/terminal/command-line';
import { workspaceRoot } from '@sluice/infra/synthesise';
import { once } from 'node:events';
import { copyFile, rename, rm } from 'node:fs/promises';
import { createReadStream, createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { LakeTerminal } from '../commands';
import { LakeError, openLake, type Lake } from './lake';
import { parseOptions, type Options } from './options';
import { runShell } from './run-shell';
import { tableWriter, writeCsv, writeJson, writeNeutralisedCsv, type Write } from './write-result';

const writers = {
  table: tableWriter({ layout: 'table' }),
  vertical: tableWriter({ layout: 'vertical' }),
  csv: writeCsv,
  'csv-neutralised': writeNeutralisedCsv,
  json: writeJson,
};

/** Default pager. It ends by itself where a page is enough, and keeps colours and its output. */
const defaultPager = 'less -FRX';

/** Runs SQL on a lake: one query, or a shell. @returns the exit code */
export async function runLakeSql(terminal: LakeTerminal): Promise<number> {
  const { env, stdin, stdout } = terminal;
  const interrupt = new AbortController();
  const onInterrupt = (): void => interrupt.abort();
  process.once('SIGINT', onInterrupt);
  const ask = async (): Promise<number> => {
    const options = parseOptions(terminal);
    const lake = openLake(options.dataDir, join(workspaceRoot(), 'dist', 'cdk.out', 'dev'));
    const { sql } = options;
    if (sql === undefined) {
      process.off('SIGINT', onInterrupt);
      await runShell({
        lake,
        dataDir: options.dataDir,
        input: stdin,
        output: stdout,
        pager: env['PAGER'] ?? defaultPager,
      });
      return 0;
    }
    if (options.format === 'parquet')
      await parquet({ ...options, sql }, lake, stdout, interrupt.signal);
    else await text({ ...options, sql, format: options.format }, lake, stdout, interrupt.signal);
    return 0;
  };
  try {
    return await runCommand(terminal, [LakeError], ask);
  } catch (error) {
    if (isClosedPipe(error)) return 0;
    throw error;
  } finally {
    process.off('SIGINT', onInterrupt);
  }
}

async function text(
  {
    sql,
    format,
    output,
  }: Options & { readonly sql: string; readonly format: keyof typeof writers },
  lake: Lake,
  stdout: NodeJS.WriteStream,
  signal: AbortSignal,
): Promise<void> {
  if (output === undefined) {
    const write =
      format === 'table' && stdout.isTTY
        ? tableWriter({ columns: stdout.columns })
        : writers[format];
    await lake.query(sql, signal, (result) => write(result, streamWriter(stdout)));
    return;
  }
  await whole(output, async (draft) => {
    const file = createWriteStream(draft);
    await lake.query(sql, signal, (result) => writers[format](result, streamWriter(file)));
    file.end();
    await once(file, 'close');
  });
}

async function parquet(
  { sql, output }: Options & { readonly sql: string },
  lake: Lake,
  stdout: NodeJS.WriteStream,
  signal: AbortSignal,
): Promise<void> {
  if (output !== undefined)
    await whole(output, (draft) => lake.parquet(sql, signal, (file) => copyFile(file, draft)));
  else if (stdout.isTTY)
    throw new LakeError('Parquet is nothing for a terminal; name a file with --output');
  else
    await lake.parquet(sql, signal, (file) =>
      pipeline(createReadStream(file), stdout, { end: false }),
    );
}

/** Writes a file that appears whole or not at all. */
async function whole(file: string, write: (draft: string) => Promise<void>): Promise<void> {
  const draft = `${file}.draft`;
  try {
    await write(draft);
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'EACCES' || code === 'EISDIR')
      throw new LakeError(`${file} can't be written: ${(error as Error).message}`);
    throw error;
  }
}

const streamWriter =
  (stream: NodeJS.WritableStream): Write =>
  async (piece) => {
    if (!stream.write(piece)) await once(stream, 'drain');
  };

/** Decides whether an error means that the reader of a pipe, such as `head`, has read enough. */
const isClosedPipe = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'EPIPE';
