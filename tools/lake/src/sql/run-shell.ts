import { sqlName } from '@sluice/event-schema';
import { dataDirectory } from '@sluice/lake-layout/data-directory';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createInterface, type Interface } from 'node:readline';
import { completeLine } from './complete-line';
import { LakeError, type Lake } from './lake';
import { showPaged } from './show-paged';
import { tableLayouts, tableWriter, type TableLayout } from './write-result';

type Input = NodeJS.ReadableStream & { setRawMode?(mode: boolean): unknown };
type Output = NodeJS.WritableStream & {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
};

export interface ShellOptions {
  readonly lake: Lake;
  readonly dataDir: string;
  readonly input: Input;
  readonly output: Output;
  /** Command that shows output longer than the terminal; empty for none. @default '' */
  readonly pager?: string;
}

const maxHistory = 1000;

const help = `A query ends with ; and may have several lines. Tab completes what you type.
Ctrl-C stops a query, or clears what is typed.
A table shows each event once, up to the last compaction; its name with _raw
has what was delivered, with what is not compacted yet, and _latest the latest
row of each key.
  .tables        what there is
  .schema NAME   columns of a table
  .mode MODE     auto (a table where it fits, else a value a line), table,
                 vertical
  .help          this
  .quit          or Ctrl-D
`;

/** Reads and runs queries line by line until the input ends. */
export async function runShell({
  lake,
  dataDir,
  input,
  output,
  pager = '',
}: ShellOptions): Promise<void> {
  const historyFile = dataDirectory(dataDir).sqlHistory;
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
  let isAnswering = false;
  const view: View = { layout: 'auto', lake, input, output, pager };
  shell.on('SIGINT', () => {
    interrupt.abort();
    sql = '';
    // A stopped query reports that itself, and the prompt follows.
    if (isAnswering) return;
    // Moves to the end of the line and deletes everything before it.
    shell.write(null, { ctrl: true, name: 'e' });
    shell.write(null, { ctrl: true, name: 'u' });
    output.write('^C\n');
    prompt(shell, output, sql);
  });
  output.write('Queries end with ; and .help says what there is to ask.\n');
  prompt(shell, output, sql);
  for await (const line of shell) {
    const command = sql === '' ? line.trim() : '';
    if (command === '.quit') break;
    interrupt = new AbortController();
    isAnswering = true;
    if (command.startsWith('.')) await runCommand(command, view, interrupt.signal);
    else if (command !== '' || sql !== '') {
      sql += `${line}\n`;
      if (/;\s*$/.test(line)) {
        const complete = sql;
        sql = '';
        await answer(view, complete, interrupt.signal);
      }
    }
    isAnswering = false;
    prompt(shell, output, sql);
  }
  shell.close();
}

function prompt(shell: Interface, output: Output, sql: string): void {
  if (output.isTTY !== true) return;
  shell.setPrompt(sql === '' ? 'sql> ' : '...> ');
  shell.prompt();
}

/** Settings for showing answers. */
interface View extends Required<Pick<ShellOptions, 'lake' | 'input' | 'output' | 'pager'>> {
  layout: TableLayout;
}

async function runCommand(command: string, view: View, signal: AbortSignal): Promise<void> {
  const { lake, output } = view;
  const [name, argument = ''] = command.split(/\s+/);
  if (name === '.help') output.write(help);
  else if (name === '.tables')
    for (const table of await lake.tables())
      output.write(`${table.name.padEnd(32)} ${table.kind}\n`);
  else if (name === '.schema' && argument !== '')
    await answer(
      view,
      `SELECT column_name, column_type FROM (DESCRIBE ${sqlName(argument)})`,
      signal,
    );
  else if (name === '.mode') {
    const layout = tableLayouts.find((each) => each === argument);
    if (layout) view.layout = layout;
    else output.write(`.mode is one of ${tableLayouts.join(', ')}; it is ${view.layout} now.\n`);
  } else output.write(`There is no ${command}; .help says what there is.\n`);
}

async function answer(view: View, sql: string, signal: AbortSignal): Promise<void> {
  const { lake, input, output, layout, pager } = view;
  try {
    const write = tableWriter({
      layout,
      ...(output.isTTY === true && output.columns !== undefined && { columns: output.columns }),
    });
    let text = '';
    await lake.query(sql, signal, (result) =>
      write(result, (piece) => {
        text += piece;
        return Promise.resolve();
      }),
    );
    showPaged(text, { input, output, pager });
    const missing = await lake.missingSnapshots(sql);
    if (missing !== undefined) output.write(`${missing}\n`);
  } catch (error) {
    if (!(error instanceof LakeError)) throw error;
    output.write(`error: ${error.message}\n`);
  }
}

/** Reads the history, the latest line first. */
const readHistory = (file: string): string[] =>
  existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
