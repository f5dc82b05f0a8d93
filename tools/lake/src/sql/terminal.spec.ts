import { textWidth } from '@sluice/terminal';
import { PassThrough } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { lakeUnderTest, writtenBy } from './lake-under-test';
import { writeAnswer } from './run-lake-sql';
import { runShell } from './run-shell';
import { showPaged } from './show-paged';
import { tableWriter, type TableOptions } from './write-result';

const { lake, dataDir } = lakeUnderTest();
const signal = new AbortController().signal;

async function shown(sql: string, options: TableOptions): Promise<string> {
  let text = '';
  await lake.query(sql, signal, (result) =>
    tableWriter(options)(result, (piece) => {
      text += piece;
      return Promise.resolve();
    }),
  );
  return text;
}

const terminal = (size: { readonly columns: number; readonly rows: number }) =>
  Object.assign(new PassThrough(), { isTTY: true, ...size });

const wide = "SELECT 'x' AS short, repeat('y', 100) AS long_one, 3 AS n";

test('a row that is wider than the terminal has a value a line, and no line is wider', async () => {
  const text = await shown(wide, { columns: 60 });
  expect(text).toBe(
    [
      `─── 1 ${'─'.repeat(34)}`,
      '   short │ x',
      `long_one │ ${'y'.repeat(49)}`,
      `         │ ${'y'.repeat(49)}`,
      '         │ yy',
      '       n │ 3',
      '1 row',
      '',
    ].join('\n'),
  );
});

test('wide characters count as the two columns that they take', async () => {
  const text = await shown('SELECT repeat(\'田\', 40) AS "住所", 3 AS number', { columns: 60 });
  expect(text.split('\n').slice(1, 4)).toEqual([
    `  住所 │ ${'田'.repeat(25)}`,
    `       │ ${'田'.repeat(15)}`,
    'number │ 3',
  ]);
});

test.each<[string, TableOptions, RegExp]>([
  ['a table where it fits', { columns: 200 }, /^┌/],
  ['a table where nobody sees a terminal', {}, /^┌/],
  ['a table where it is asked for', { layout: 'table', columns: 20 }, /^┌/],
  ['values a line where it is asked for', { layout: 'vertical', columns: 200 }, /^─── 1 /],
])('a result is %s', async (_what, options, begins) => {
  expect(await shown(wide, options)).toMatch(begins);
});

test('Ctrl-C clears what is typed, on all lines of the query', async () => {
  const input = new PassThrough();
  const output = terminal({ columns: 80, rows: 24 });
  const ended = runShell({ lake, dataDir, input, output });
  /** Waits until the shell has written something, as a person who types does. */
  const seen: string[] = [];
  output.on('data', (piece: Buffer) => seen.push(String(piece)));
  const until = async (text: string): Promise<void> => {
    while (!seen.join('').includes(text)) await sleep(5);
  };
  input.write('select nonsense\n');
  await until('...>');
  input.write('from nowhere');
  await until('from nowhere');
  input.write('\u0003');
  await until('^C');
  await sleep(50);
  input.write('select 40 + 2 as answer;\n.quit\n');
  await ended;
  const text = seen.join('');
  expect(text).toContain('^C\n');
  expect(text).toMatch(/│ answer │[^]*│ 42 +│/);
  expect(text).not.toContain('error');
});

test('the mode of a shell can be chosen', async () => {
  const input = new PassThrough();
  const output = new PassThrough();
  input.end('.mode vertical\nselect 7 as n;\n.mode sideways\n.help\n.quit\n');
  await runShell({ lake, dataDir, input, output });
  const text = writtenBy(output);
  expect(text).toContain('n │ 7\n');
  expect(text).toContain('.mode is one of auto, table, vertical; it is vertical now.\n');
  expect(text).toContain('or Ctrl-D');
  expect(text.split('\n').filter((line) => textWidth(line) > 80)).toEqual([]);
});

describe('a pager', () => {
  const input = new PassThrough();
  const lines = 'a line\n'.repeat(30);

  test.each<[string, string, number, string]>([
    ['is left out where a page is enough', 'false', 40, lines],
    ['is left out where it is not installed', 'no-such-pager -x', 10, lines],
    ['is left out where none is wanted', '', 10, lines],
    ['gets what is longer than the terminal', 'true', 10, ''],
  ])('%s', (_what, pager, rows, written) => {
    const output = terminal({ columns: 80, rows });
    showPaged(lines, { input, output, pager });
    expect(String(output.read() ?? '')).toBe(written);
  });

  test.each([
    ['table', 'true', 0],
    ['vertical', 'true', 0],
    // Lines of CSV are for programs, on a terminal too.
    ['csv', 'true', 100],
    ['table', '', 100],
  ] as const)('gets a long %s of one query where it is %j', async (format, pager, least) => {
    const stdout = terminal({ columns: 80, rows: 10 });
    const sql = 'SELECT unnest(range(100)) AS n';
    await writeAnswer(
      { sql, format, output: undefined },
      { lake, stdin: input, stdout, env: { PAGER: pager }, signal },
    );
    const written = String(stdout.read() ?? '');
    if (least === 0) expect(written).toBe('');
    else expect(written.split('\n').length).toBeGreaterThan(least);
  });
});
