import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checks } from './checks';
import type { CheckResult } from './check';
import type { Report } from './report';
import { verify } from './verify';

const folder = mkdtempSync(join(tmpdir(), 'sluice-verify-spec-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let runs = 0;
const silent = { write: () => true };

async function run(
  ...args: string[]
): Promise<{ readonly code: number; readonly results: readonly CheckResult[] }> {
  const file = join(folder, `report-${++runs}.json`);
  const code = await verify({
    args: [...args, '--json-file', file],
    stdout: silent,
    stderr: silent,
  });
  const { checks: results } = JSON.parse(readFileSync(file, 'utf8')) as Report;
  return { code, results };
}

const failures = (results: readonly CheckResult[]) =>
  results.filter(({ status }) => status === 'failed').map(({ id, observed }) => ({ id, observed }));

test('every assumption holds on a local stack', async () => {
  const junit = join(folder, 'junit.xml');
  const { code, results } = await run('--junit-file', junit);
  expect(failures(results)).toEqual([]);
  expect(code).toBe(0);
  expect(results.map(({ id, status }) => `${id} ${status}`)).toEqual(
    checks.map(({ id }) => `${id} passed`),
  );
  expect(readFileSync(junit, 'utf8')).toContain(
    `tests="${checks.length}" failures="0" errors="0" skipped="0"`,
  );
}, 180_000);
