import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { completeLine } from './complete-line';
import { LakeError, type Lake } from './lake';
import { writeTable } from './write-result';

type Output = NodeJS.WritableStream & { readonly isTTY?: boolean };

export interface ShellOptions {
  readonly lake: Lake;
  readonly dataDir: string;
  readonly input: NodeJS.ReadableStream;
  readonly output: Output;
}

const maxHistory = 1000;

const help = `A query ends with ; and may have several lines. Tab completes names and keywords. Ctrl-C stops a query.
  .tables        what there is
  .schema NAME   columns of a table
  .help          this
  .quit          or Ctrl-D
`;

/** Takes queries line by line until the input ends. */
export async function runShell({ lake, dataDir, input, output }: ShellOptions): Promise<void> {
  const historyFile = join(dataDir, 'sql-history');
  const tables = (await lake.tables()).map(({ name }) => name);
  const vocabulary = { tables, columns: lake.columns() };
  const shell = createInterface({
    input,
    output,
    terminal: output.isTTY === true,
    completer: (line: string) => completeLine(line, vocabulary) as [string[], string],
    history: readHistory(historyFile),
    historySize: maxHistory,
    removeHistoryDuplicates: true,
    prompt: 'sql> ',
  });
  shell.on('history', (history) => {
    writeFileSync(historyFile, history.join('\n'), { mode: 0o600 });
  });
  let interrupt = new AbortController();
  let sql = '';
  shell.on('SIGINT', () => {
    interrupt.abort();
    sql = '';
    prompt(shell, output, sql);
  });
  output.write('Queries end with ; and .help says more.\n');
  prompt(shell, output, sql);
  for await (const line of shell) {
    const command = sql === '' ? line.trim() : '';
    if (command === '.quit') break;
    interrupt = new AbortController();
    if (command.startsWith('.')) await runCommand(command, lake, output, interrupt.signal);
    else if (command !== '' || sql !== '') {
      sql += `${line}\n`;
      if (/;\s*$/.test(line)) {
        const complete = sql;
        sql = '';
        await answer(lake, complete, output, interrupt.signal);
      }
    }
    prompt(shell, output, sql);
  }
  shell.close();
}

function prompt(shell: Interface, output: Output, sql: string): void {
  if (output.isTTY !== true) return;
  shell.setPrompt(sql === '' ? 'sql> ' : '...> ');
  shell.prompt();
}

async function runCommand(
  command: string,
  lake: Lake,
  output: Output,
  signal: AbortSignal,
): Promise<void> {
  const [name, argument = ''] = command.split(/\s+/);
  if (name === '.help') output.write(help);
  else if (name === '.tables')
    for (const table of await lake.tables())
      output.write(`${table.name.padEnd(32)} ${table.kind}\n`);
  else if (name === '.schema' && argument !== '')
    await answer(
      lake,
      `SELECT column_name, column_type FROM (DESCRIBE "${argument.replaceAll('"', '""')}")`,
      output,
      signal,
    );
  else output.write(`There is no ${command}; .help says what there is.\n`);
}

async function answer(lake: Lake, sql: string, output: Output, signal: AbortSignal): Promise<void> {
  try {
    await lake.query(sql, signal, (result) =>
      writeTable(result, (text) => {
        output.write(text);
        return Promise.resolve();
      }),
    );
  } catch (error) {
    if (!(error instanceof LakeError)) throw error;
    output.write(`error: ${error.message}\n`);
  }
}

/** The latest first. */
const readHistory = (file: string): string[] =>
  existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
