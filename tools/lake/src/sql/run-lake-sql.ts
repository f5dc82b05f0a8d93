import { runCommand } from '@sluice/terminal/command-line';
import { stageAssembly } from '@sluice/infra/synthesise';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { LakeTerminal } from '../lake-terminal';
import { LakeError, openLake, type Lake } from './lake';
import { parseOptions, type Options } from './options';
import { runShell } from './run-shell';
import { showPaged, type PagedOptions } from './show-paged';
import { tableWriter, writeCsv, writeJson, writeNeutralisedCsv, type Write } from './write-result';
import { writeWhole } from './write-whole';

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
    const lake = openLake(options.dataDir, stageAssembly('dev'));
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
    else
      await writeAnswer(
        { ...options, sql, format: options.format },
        { ...terminal, lake, signal: interrupt.signal },
      );
    const missing = await lake.missingSnapshots(sql);
    if (missing !== undefined) terminal.stderr.write(`${missing}\n`);
    return 0;
  };
  const answer = async (): Promise<number> => {
    try {
      return await ask();
    } catch (error) {
      // A failure to write to the terminal is reported by `handleBrokenOutput`.
      const { code, syscall } = error as NodeJS.ErrnoException;
      if (syscall === 'write') return code === 'EPIPE' ? 0 : 1;
      throw error;
    }
  };
  try {
    return await runCommand(terminal, [LakeError], answer);
  } finally {
    process.off('SIGINT', onInterrupt);
  }
}

/**
 * Writes the answer to a query in a text format: to the file that the options name, or else to standard output. What is
 * longer than the terminal is shown by the pager.
 */
export async function writeAnswer(
  {
    sql,
    format,
    output,
  }: Pick<Options, 'output'> & { readonly sql: string; readonly format: keyof typeof writers },
  {
    lake,
    stdin,
    stdout,
    env,
    signal,
  }: Pick<LakeTerminal, 'env'> & {
    readonly stdin: PagedOptions['input'];
    readonly stdout: PagedOptions['output'] & { readonly columns?: number };
    readonly lake: Lake;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  if (output === undefined && stdout.isTTY && (format === 'table' || format === 'vertical')) {
    const write =
      format === 'table'
        ? tableWriter({ ...(stdout.columns !== undefined && { columns: stdout.columns }) })
        : writers.vertical;
    let shown = '';
    await lake.query(sql, signal, (result) =>
      write(result, (piece) => {
        shown += piece;
        return Promise.resolve();
      }),
    );
    showPaged(shown, { input: stdin, output: stdout, pager: env['PAGER'] ?? defaultPager });
    return;
  }
  if (output === undefined) {
    await lake.query(sql, signal, (result) => writers[format](result, streamWriter(stdout)));
    return;
  }
  await writeWhole(output, async (draft) => {
    const file = await open(draft, 'w');
    try {
      const pieces = filePieces(file);
      await lake.query(sql, signal, (result) => writers[format](result, pieces.write));
      await pieces.end();
    } finally {
      await file.close();
    }
  });
}

async function parquet(
  { sql, output }: Options & { readonly sql: string },
  lake: Lake,
  stdout: NodeJS.WriteStream,
  signal: AbortSignal,
): Promise<void> {
  if (output !== undefined)
    await writeWhole(output, (draft) =>
      lake.parquet(sql, signal, async (file) =>
        pipeline(createReadStream(file), (await open(draft, 'w')).createWriteStream()),
      ),
    );
  else if (stdout.isTTY)
    throw new LakeError("Parquet can't be shown on a terminal; name a file with --output");
  else
    await lake.parquet(sql, signal, (file) =>
      pipeline(createReadStream(file), stdout, { end: false }),
    );
}

const pieceCharacters = 64 * 1024;

/** Gathers text for a file, since each write of a row alone would cost a call. */
function filePieces(file: FileHandle): {
  readonly write: Write;
  readonly end: () => Promise<void>;
} {
  let kept = '';
  const end = async (): Promise<void> => {
    const text = kept;
    kept = '';
    await file.appendFile(text);
  };
  const write: Write = async (piece) => {
    kept += piece;
    if (kept.length >= pieceCharacters) await end();
  };
  return { write, end };
}

const streamWriter =
  (stream: NodeJS.WritableStream): Write =>
  async (piece) => {
    if (!stream.write(piece)) await once(stream, 'drain');
  };
