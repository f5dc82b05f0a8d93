import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { copyWorkspace, workspace } from '../testing/workspace-copy';

const sharedData = join(workspace, '../shared/data');

/** Files that are needed to generate into the model's project and to check it, without its other tests. */
const copied = [
  '.oxfmtrc.json',
  'docs/data-dictionary.md',
  'oxlint.config.mjs',
  'jest.preset.js',
  'libs',
  'nx.json',
  'package-lock.json',
  'package.json',
  'tools/generators',
  'tools/workspace',
  'tsconfig.base.json',
];

/** Shapes of events that lead to different generated files. */
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

const copy = copyWorkspace(
  copied,
  (file) => !file.startsWith(join(workspace, 'libs')) || !file.endsWith('.spec.ts'),
);
const { folder } = copy;
afterAll(() => copy.remove());

test('what is generated passes test, lint and type check of its project, and the formatter', () => {
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

  copy.generate('event', all);
  const events = join(folder, 'libs/event-types/src/events');
  const specs = readdirSync(events).filter((file) => file.endsWith('.spec.ts'));
  expect(specs).toHaveLength(all.length);

  const output = copy.nx('run-many', '-t', 'test', 'lint', 'typecheck', '-p', 'event-types');
  expect(output).toMatch(/Successfully ran targets .*for project event-types/);
  copy.checkFormat('libs/event-types/src/events');
}, 300_000);
