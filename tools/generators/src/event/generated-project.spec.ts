import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const workspace = join(__dirname, '../../../..');
const sharedData = join(workspace, '../shared/data');

/** What the model's project needs to be generated into and checked, with none of its other tests. */
const copied = [
  '.prettierrc.json',
  'docs/data-dictionary.md',
  'eslint.config.mjs',
  'jest.preset.js',
  'libs/event-files',
  'libs/event-schema',
  'libs/event-types',
  'libs/schema-inference',
  'nx.json',
  'package-lock.json',
  'package.json',
  'tools/generators',
  'tools/workspace',
  'tsconfig.base.json',
];

/** Shapes that differ in what the generated files have to say. */
const shapes: Readonly<
  Record<
    string,
    { readonly lines: readonly string[]; readonly key?: string; readonly identity?: string }
  >
> = {
  nested: {
    key: 'order.id',
    identity: 'eventId',
    lines: [
      '{"eventId":"6f9619ff-8b86-d011-b42d-00cf4fc964ff","order":{"id":"a\'b","lines":[{"n":1}]},"at":"2026-01-31T00:00:00.123Z"}',
      '{"eventId":"6f9619ff-8b86-d011-b42d-00cf4fc964fe","order":{"id":"c"},"at":"2026-01-31T00:00:01Z","note":null}',
    ],
  },
  no_key: { lines: ['{"level":"info"}', '{"level":"info"}', '{"level":"warn","tags":["a",null]}'] },
  odd_names: {
    key: 'it\'s "odd" \\ */ `${x}`',
    lines: [
      JSON.stringify({ 'it\'s "odd" \\ */ `${x}`': 'a', 'two words': 1.5, '1st': true, class: [] }),
      JSON.stringify({
        'it\'s "odd" \\ */ `${x}`': 'b',
        'two words': 'mixed',
        '1st': false,
        class: [1, 2],
      }),
    ],
  },
  delete: {
    lines: [
      '{"id":12345678901234567890123,"n":9007199254740993,"amount":"12.50","day":"2026-01-31"}',
      '{"id":12345678901234567890124,"n":1,"amount":"7","day":"2026-02-01","extra":{"1":1,"2":2,"3":3}}',
    ],
  },
  validate: {
    key: 'event_id',
    identity: 'event_id',
    lines: ['{"event_id":"x","a":{"b":{"c":[[1]]}}}'],
  },
};

const sharedFiles = [
  'wyscout/matches.ndjson',
  'wyscout/players.ndjson',
  'wyscout/teams.ndjson',
  'payloads/powertools-ts/apigw-rest-no-auth.json',
  'payloads/lambda-go/apigw-request.json',
];

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'sluice-generated-')));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** As on a machine of its own: nothing of the task that runs this test, and no cache of another checkout. */
const env = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('NX_'))),
  NX_DAEMON: 'false',
  NX_SKIP_NX_CACHE: 'true',
  NX_CACHE_DIRECTORY: join(folder, '.nx/cache'),
  NX_WORKSPACE_DATA_DIRECTORY: join(folder, '.nx/workspace-data'),
  NX_WORKSPACE_ROOT_PATH: folder,
  INIT_CWD: folder,
};

function run(program: string, ...args: readonly string[]): string {
  try {
    return execFileSync(process.execPath, [program, ...args], {
      cwd: folder,
      env,
      encoding: 'utf8',
      stdio: 'pipe',
    });
  } catch (error) {
    const { stdout, stderr } = error as { readonly stdout: string; readonly stderr: string };
    throw new Error(`${program} ${args.join(' ')} failed:\n${stdout}\n${stderr}`, {
      cause: error,
    });
  }
}

function copyWorkspace(): void {
  for (const path of copied)
    cpSync(join(workspace, path), join(folder, path), {
      recursive: true,
      filter: (source) =>
        !source.startsWith(join(workspace, 'libs')) || !source.endsWith('.spec.ts'),
    });
  symlinkSync(join(workspace, 'node_modules'), join(folder, 'node_modules'), 'junction');
}

test('what is generated passes test, lint and type check of its project, and the formatter', () => {
  copyWorkspace();
  mkdirSync(join(folder, 'data'));
  const ours = Object.entries(shapes).map(([name, { lines, ...options }]) => {
    const from = join(folder, 'data', `${name}.ndjson`);
    writeFileSync(from, lines.join('\n'));
    return { name, from, ...options };
  });
  const theirs = sharedFiles
    .map((file, index) => ({ name: `shared_${index}`, from: join(sharedData, file) }))
    .filter(({ from }) => existsSync(from));
  const all = [...ours, ...theirs, { name: 'minimal' }];

  run('tools/generators/src/testing/generate.cjs', JSON.stringify(all));
  const events = join(folder, 'libs/event-types/src/events');
  const specs = readdirSync(events).filter((file) => file.endsWith('.spec.ts'));
  expect(specs).toHaveLength(all.length);

  const output = run(
    'node_modules/nx/dist/bin/nx.js',
    ...['run-many', '-t', 'test', 'lint', 'typecheck', '-p', 'event-types'],
    '--output-style=static',
  );
  expect(output).toMatch(/Successfully ran targets .*for project event-types/);
  run('node_modules/prettier/bin/prettier.cjs', '--check', 'libs/event-types/src/events');
}, 300_000);
