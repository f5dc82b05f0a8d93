// A small workspace of its own, checked by the processes that check this one.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { CheckOutcome } from './check-projects';
import { runChecks } from './run-checks';

const workspaceRoot = mkdtempSync(join(tmpdir(), 'sluice-checks-'));
afterAll(() => {
  rmSync(workspaceRoot, { recursive: true });
});

const project = (tsconfig: object, source: Readonly<Record<string, string>>) => ({
  'tsconfig.json': JSON.stringify({
    compilerOptions: { strict: true, noEmit: true, types: [], lib: ['ES2023'], ...tsconfig },
    include: ['src/**/*.ts'],
  }),
  ...source,
});

const files: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries({
    sound: project({}, { 'src/sound.ts': 'export const one: number = 1;\n' }),
    mistyped: project({}, { 'src/mistyped.ts': "export const one: number = 'one';\n" }),
    user: project({}, { 'src/user.ts': "export * from '../../mistyped/src/mistyped';\n" }),
    loose: project({ strict: false }, { 'src/loose.ts': 'export const one: number = null;\n' }),
    declaring: project({}, { 'src/ambient.d.ts': 'declare const ambient: number;\n' }),
    borrowing: project({}, { 'src/borrowing.ts': 'export const one = ambient;\n' }),
    misconfigured: project({ strikt: true }, { 'src/fine.ts': 'export {};\n' }),
    floating: project({}, { 'src/floating.ts': 'Promise.resolve(1);\n' }),
  }).flatMap(([name, ofProject]) =>
    Object.entries(ofProject).map(([path, text]) => [`libs/${name}/${path}`, text]),
  ),
);

const eslintConfig = `
import tseslint from 'typescript-eslint';
export default tseslint.config({
  files: ['**/*.ts'],
  extends: [tseslint.configs.base],
  languageOptions: { parserOptions: { projectService: true } },
  rules: { '@typescript-eslint/no-floating-promises': 'error' },
});
`;

beforeAll(() => {
  symlinkSync(join(__dirname, '../../../../node_modules'), join(workspaceRoot, 'node_modules'));
  const all = { ...files, 'eslint.config.mjs': eslintConfig };
  for (const [path, text] of Object.entries(all)) {
    mkdirSync(dirname(join(workspaceRoot, path)), { recursive: true });
    writeFileSync(join(workspaceRoot, path), text);
  }
});

const names = [...new Set(Object.keys(files).map((path) => path.split('/')[1] ?? ''))];

async function outcomes(workerFile: string): Promise<ReadonlyMap<string, CheckOutcome['result']>> {
  const tasks = names.flatMap((name) =>
    (['types', 'lint'] as const).map((check) => ({
      id: `${name}:${check}`,
      check,
      project: `libs/${name}`,
    })),
  );
  const found = new Map<string, CheckOutcome['result']>();
  for await (const { task, result } of runChecks({ workspaceRoot, workerFile, tasks }))
    found.set(task, result);
  return found;
}

describe('checks of many projects', () => {
  let found: ReadonlyMap<string, CheckOutcome['result']>;
  beforeAll(async () => {
    found = await outcomes(join(__dirname, 'check-worker.cjs'));
  }, 60_000);

  test('have one outcome for each check of each project', () => {
    expect([...found.keys()].sort()).toEqual(
      names.flatMap((name) => [`${name}:lint`, `${name}:types`]).sort(),
    );
  });

  test.each([
    ['a sound project', 'sound:types'],
    ['a project that imports a faulty one, whose fault is named there', 'user:types'],
    ['a project whose own tsconfig is less strict', 'loose:types'],
    ['a project without a fault that lint knows', 'mistyped:lint'],
  ])('find nothing in %s', (_what, task) => {
    expect(found.get(task)).toMatchObject({ success: true, terminalOutput: '' });
  });

  test.each([
    [
      'a type that does not fit',
      'mistyped:types',
      /^libs\/mistyped\/src\/mistyped\.ts\(1,14\): error TS2322/,
    ],
    ['a name that only another project declares', 'borrowing:types', /error TS2304.*'ambient'/],
    ['an option that TypeScript does not know', 'misconfigured:types', /error TS5025.*'strikt'/],
    ['what lint can only know by types', 'floating:lint', /no-floating-promises/],
  ])('find %s', (_what, task, text) => {
    expect(found.get(task)).toMatchObject({
      success: false,
      terminalOutput: expect.stringMatching(text),
    });
  });
});

test('a process that dies is no check passed', async () => {
  const workerFile = join(workspaceRoot, 'dies.cjs');
  writeFileSync(workerFile, "process.on('message', () => process.exit(3));\n");
  await expect(outcomes(workerFile)).rejects.toThrow('A process that checks projects ended with 3');
});
