// A small workspace of its own, checked as this one is.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { runChecks, type CheckOutcome } from './run-checks';

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
    unreadable: project({}, { 'src/unreadable.ts': 'export const one = ;\n' }),
    empty: project({}, {}),
  }).flatMap(([name, ofProject]) =>
    Object.entries(ofProject).map(([path, text]) => [`libs/${name}/${path}`, text]),
  ),
);

const config = `export default {
  plugins: ['typescript'],
  options: { typeAware: true, typeCheck: true },
  categories: { correctness: 'off' },
  rules: { 'typescript/no-floating-promises': 'error' },
};
`;

beforeAll(() => {
  symlinkSync(join(__dirname, '../../../../node_modules'), join(workspaceRoot, 'node_modules'));
  for (const [path, text] of Object.entries({ ...files, 'oxlint.config.mjs': config })) {
    mkdirSync(dirname(join(workspaceRoot, path)), { recursive: true });
    writeFileSync(join(workspaceRoot, path), text);
  }
});

const names = [...new Set(Object.keys(files).map((path) => path.split('/')[1] ?? ''))];

const outcomes = (): Promise<ReadonlyMap<string, CheckOutcome>> =>
  runChecks({
    workspaceRoot,
    tasks: names.flatMap((name) =>
      (['types', 'lint'] as const).map((check) => ({
        id: `${name}:${check}`,
        check,
        project: `libs/${name}`,
      })),
    ),
  });

describe('checks of many projects', () => {
  let found: ReadonlyMap<string, CheckOutcome>;
  beforeAll(async () => {
    found = await outcomes();
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
    ['a project without a file', 'empty:types'],
  ])('find nothing in %s', (_what, task) => {
    expect(found.get(task)).toEqual({ success: true, terminalOutput: '' });
  });

  test.each([
    [
      'a type that does not fit',
      'mistyped:types',
      /^libs\/mistyped\/src\/mistyped\.ts:1:14 .*TS2322/,
    ],
    ['a name that only another project declares', 'borrowing:types', /'ambient'.*TS2304/],
    ['an option that TypeScript does not know', 'misconfigured:types', /tsconfig.*\n.*'strikt'/],
    ['what lint can only know by types', 'floating:lint', /no-floating-promises/],
    ['a file that is no TypeScript', 'unreadable:types', /unreadable\.ts:1:20/],
    ['a file that lint can not read', 'unreadable:lint', /unreadable\.ts:1:20/],
  ])('find %s', (_what, task, text) => {
    expect(found.get(task)).toEqual({
      success: false,
      terminalOutput: expect.stringMatching(text),
    });
  });
});

test('a run without a report is no check passed', async () => {
  writeFileSync(join(workspaceRoot, 'oxlint.config.mjs'), 'export default { plugins: 1 };\n');
  await expect(outcomes()).rejects.toThrow(/^oxlint gave no report, but this:\n.*config/s);
});
