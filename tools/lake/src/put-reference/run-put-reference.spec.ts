import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ReferenceDefinition } from '@sluice/event-schema';
import { runPutReference } from './run-put-reference';

const folder = mkdtempSync(join(tmpdir(), 'sluice-put-reference-'));
afterAll(() => rmSync(folder, { recursive: true }));

const file = (name: string, content: string): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

interface Run {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(...args: readonly string[]): Promise<Run> {
  const written = { stdout: '', stderr: '' };
  const status = await runPutReference({
    args,
    env: {},
    stdout: { write: (text) => (written.stdout += text) },
    stderr: { write: (text) => (written.stderr += text) },
  });
  return { status, ...written };
}

describe('put-reference', () => {
  test('reports and writes nothing in a dry run', async () => {
    const prices = file('prices.csv', 'sku,price\n007,1.5\n');
    const { status, stdout } = await run('--name', 'prices', '--file', prices, '--dry-run');
    expect(stdout).toMatch(/│ sku +│ string │ 0 +│ text +│/);
    expect(stdout).toContain('prices: 1 row, 2 columns, no key');
    expect(stdout).toContain('nothing was written (--dry-run)');
    expect(status).toBe(0);
  });

  test('puts into a stopped local stack, and holds the next file to the definition that it kept', async () => {
    const dataDir = join(folder, 'lake');
    mkdirSync(join(dataDir, 's3', 'bucket'), { recursive: true });
    const endpoints = { s3: 'http://127.0.0.1:9', bucket: 'bucket', region: 'us-east-1' };
    writeFileSync(join(dataDir, 'endpoints.json'), JSON.stringify(endpoints));
    const first = file('first.csv', 'sku,price\nA1,1.5\n');
    const put = (path: string, ...more: readonly string[]) =>
      run('--name', 'prices', '--file', path, '--data-dir', dataDir, ...more);
    expect(await put(first, '--key', 'sku', '--write-definition')).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(
        /put as version \d{8}T\d{9}Z-[0-9a-f]{16}\ndefinition: .*/,
      ) as string,
    });
    const kept = join(dataDir, 'event-types/prices.reference.json');
    expect(JSON.parse(readFileSync(kept, 'utf8')) as ReferenceDefinition).toMatchObject({
      key: 'sku',
    });
    const table = join(dataDir, 's3/bucket/reference/prices/prices.parquet');
    const before = readFileSync(table);
    const second = await put(file('second.csv', 'sku,price\nA1,1.5\nA1,cheap\n'));
    expect(second.status).toBe(1);
    expect(second.stdout).toBe('');
    const problem = '  line 3, column "price": "cheap": a string where the schema wants a number\n';
    expect(second.stderr).toContain(
      `Nothing was written to the reference table "prices":\n${problem}`,
    );
    expect(second.stderr.replace(/\s+/g, ' ')).toContain(
      `What its columns may hold is in ${kept}: change that, or the file.`,
    );
    expect(readFileSync(table)).toEqual(before);
    expect(existsSync(join(dataDir, 'lock'))).toBe(false);
    expect(await put(first, '--write-definition')).toMatchObject({
      status: 1,
      stderr: `error: the reference table "prices" has a definition already, in ${kept}: leave out --write-definition, or delete that one for another\n`,
    });
  });

  test.each<[readonly string[], RegExp]>([
    [['--name', 'match_event_latest', '--dry-run'], /also that of the event type "match_event"/],
    [['--name', '../x', '--dry-run'], /"\.\.\/x" can't be the name of a reference table/],
    [['--name', 'x', '--bucket', 'a', '--data-dir', 'b'], /^error: name one lake/],
    [['--name', 'x', '--data-dir', join(folder, 'none')], /^error: no local stack has used/],
    [
      ['--name', 'x', '--bucket', 'b', '--dry-run', '--write-definition'],
      /^error: name the folder for the definition/,
    ],
  ])('refuses %j in a sentence', async (args, sentence) => {
    const rows = file('rows.csv', 'a\n1\n');
    const { status, stderr } = await run('--file', rows, ...args);
    expect(stderr).toMatch(sentence);
    expect(stderr).not.toMatch(/ at .*:\d+/);
    expect(status).toBe(1);
  });
});
