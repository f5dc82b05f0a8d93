import {
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const { isBuilt, noteBuilt } = jest.requireActual<{
  isBuilt: (root: string, project: string) => boolean;
  noteBuilt: (root: string, project: string, begunMs: number) => void;
}>('./built-programs.cjs');

let root: string;

function write(file: string, text = ''): void {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), text);
}

/** Waits until a change has another time than what was written before. */
const tick = (): void => {
  const until = Date.now() + 40;
  while (Date.now() < until);
};

/** Builds as run-built does. @param during what happens while it is built */
function build(during?: () => void): void {
  tick();
  const begunMs = Date.now();
  during?.();
  write('dist/tools/lake/main.mjs', String(begunMs));
  write('dist/cdk.out/dev/manifest.json', '{}');
  noteBuilt(root, 'lake', begunMs);
  tick();
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sluice-built-'));
  for (const file of ['libs/a/src/a.ts', 'apps/b/b.ts', 'tools/c/c.ts', 'package-lock.json'])
    write(file);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test('a program is built until a source, the packages or what was built changes', () => {
  expect(isBuilt(root, 'lake')).toBe(false);
  build();
  expect(isBuilt(root, 'lake')).toBe(true);
});

test.each<[string, () => void]>([
  ['a file is written', () => write('libs/a/src/a.ts', 'new')],
  ['a file is added', () => write('tools/c/d.ts')],
  ['a file is deleted', () => rmSync(join(root, 'apps/b/b.ts'))],
  ['a file is renamed', () => renameSync(join(root, 'apps/b/b.ts'), join(root, 'apps/b/c.ts'))],
  [
    'an older file is put in the place of one, with its old time',
    () => {
      write('old.ts', 'old');
      utimesSync(join(root, 'old.ts'), new Date(0), new Date(0));
      renameSync(join(root, 'old.ts'), join(root, 'libs/a/src/a.ts'));
    },
  ],
  ['the packages change', () => write('node_modules/.package-lock.json')],
  ['the program is built by somebody else', () => write('dist/tools/lake/main.mjs', 'other')],
  ['the templates are written anew', () => write('dist/cdk.out/dev/manifest.json', '{"a":1}')],
  ['the program is deleted', () => rmSync(join(root, 'dist/tools'), { recursive: true })],
  ['an editor keeps a link to nothing', () => symlinkSync('nothing', join(root, 'libs/.#a.ts'))],
  ['the note was cut short', () => write('dist/built/lake.json', '{"begun')],
])('it is built again where %s', (_, change) => {
  build();
  change();
  expect(isBuilt(root, 'lake')).toBe(false);
});

test('a source that changes while the program is built is built again', () => {
  build(() => write('libs/a/src/a.ts', 'meanwhile'));
  expect(isBuilt(root, 'lake')).toBe(false);
});

test('definitions of another folder are left to Nx', () => {
  build();
  process.env['SLUICE_EVENTS_DIR'] = root;
  try {
    expect(isBuilt(root, 'lake')).toBe(false);
  } finally {
    delete process.env['SLUICE_EVENTS_DIR'];
  }
});
