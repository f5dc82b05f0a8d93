import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { planPrograms } from './plan-programs';

const workspaceRoot = mkdtempSync(join(tmpdir(), 'sluice-programs-'));
afterAll(() => {
  rmSync(workspaceRoot, { recursive: true });
});

function project(root: string, options: object, ...sources: readonly string[]): void {
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(workspaceRoot, root, path)), { recursive: true });
    writeFileSync(join(workspaceRoot, root, path), text);
  };
  const tsconfig = { compilerOptions: { types: [], ...options }, include: ['src/**/*.ts'] };
  write('tsconfig.json', JSON.stringify(tsconfig));
  sources.forEach((text, index) => {
    write(`src/file${index}.ts`, text);
  });
}

beforeAll(() => {
  project('one', {}, 'export {};');
  project('two', {}, 'export {};', 'import "./file0";');
  project('strict', { strict: true }, 'export {};', 'export {};', 'export {};', 'export {};');
  project('strict-too', { strict: true }, 'export {};');
  project('script', {}, 'const name = 1;');
  project('module-of-others', {}, "declare module 'untyped' { export const a: number; }");
  project('global', {}, 'export {}; declare global { const b: number; }');
  project('own-namespace', {}, 'export namespace c { export const d = 1; }');
  project('misconfigured', { strikt: true }, 'export {};');
});

test('projects share a program where it finds what each would find alone, the largest program first', () => {
  expect(
    planPrograms(workspaceRoot, [
      'one',
      'global',
      'strict',
      'script',
      'misconfigured',
      'two',
      'module-of-others',
      'own-namespace',
      'strict-too',
    ]),
  ).toEqual([
    ['strict', 'strict-too'],
    ['one', 'two', 'own-namespace'],
    ['global'],
    ['script'],
    ['misconfigured'],
    ['module-of-others'],
  ]);
});

test('a project without a tsconfig is a program alone, which says so', () => {
  expect(planPrograms(workspaceRoot, ['one', 'none', 'two'])).toEqual([['one', 'two'], ['none']]);
});
