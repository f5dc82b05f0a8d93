import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '../../..');

/** They run the whole of it: the stacks, and through them the bundles of every app. */
const wholeWay = [
  'infra',
  'local-stack',
  'ingest',
  'lake-sql',
  'bench',
  'soak',
  'docs-checks',
  'conformance',
  'verify',
];

/** What a change of one file of each project touches beside the project itself. No more and no less. */
const touched: Readonly<Record<string, readonly string[]>> = {
  'libs/event-schema/src/index.ts': [
    'analytics',
    'aws-clients',
    'firehose-transformer',
    'generators',
    'ingest-client',
    'ingest-gateway',
    'lake-layout',
    'lake-maintenance',
    'lookup-api',
    'parquet-writing',
    'record-flattening',
    'row-formats',
    'schema-checks',
    ...wholeWay,
  ],
  'libs/record-flattening/src/index.ts': [
    'firehose-transformer',
    'lake-maintenance',
    'schema-checks',
    ...wholeWay,
  ],
  'libs/parquet-reading/src/index.ts': [
    'analytics',
    'lake-maintenance',
    'lookup-api',
    'parquet-writing',
    'row-formats',
    'schema-checks',
    ...wholeWay,
  ],
  'libs/parquet-writing/src/index.ts': [
    'analytics',
    'lake-maintenance',
    'lookup-api',
    'row-formats',
    'schema-checks',
    ...wholeWay,
  ],
  'libs/row-formats/src/index.ts': ['analytics', 'lookup-api', 'schema-checks', ...wholeWay],
  'libs/lambda-http/src/index.ts': [
    'analytics',
    'ingest-gateway',
    'lookup-api',
    'schema-checks',
    ...wholeWay,
  ],
  'libs/lake-layout/src/index.ts': [
    'analytics',
    'aws-clients',
    'lake-maintenance',
    'lookup-api',
    'schema-checks',
    ...wholeWay,
  ],
  'libs/aws-clients/src/index.ts': [
    'analytics',
    'lake-maintenance',
    'lookup-api',
    'schema-checks',
    ...wholeWay,
  ],
  'libs/event-files/src/index.ts': ['generators', 'lake-maintenance', ...wholeWay],
  'libs/ingest-client/src/index.ts': [
    'local-stack',
    'ingest',
    'lake-sql',
    'bench',
    'soak',
    'docs-checks',
    'conformance',
    'verify',
  ],
  'libs/terminal/src/index.ts': ['lake-maintenance', ...wholeWay],
  'apps/analytics/src/main.ts': wholeWay,
  'apps/ingest-gateway/src/index.ts': wholeWay,
  'apps/firehose-transformer/src/main.ts': wholeWay,
  'apps/lake-maintenance/src/main.ts': wholeWay,
  'apps/lookup-api/src/main.ts': ['schema-checks', ...wholeWay],
  'apps/infra/src/main.ts': [
    'local-stack',
    'ingest',
    'lake-sql',
    'bench',
    'soak',
    'docs-checks',
    'conformance',
    'verify',
  ],
  'tools/local-stack/src/main.ts': [
    'ingest',
    'lake-sql',
    'bench',
    'soak',
    'docs-checks',
    'conformance',
    'verify',
  ],
  'tools/lake/src/ingest/src/main.ts': ['docs-checks'],
  'tools/lake/src/sql/src/main.ts': ['docs-checks'],
  'tools/bench/src/main.ts': [],
  'tools/cost/src/main.ts': [],
  'tools/generators/project.json': ['docs-checks'],
  'tools/conformance/project.json': [],
  'tools/docs-checks/project.json': [],
  'tools/schema-checks/project.json': [],
  'tools/soak/src/main.ts': [],
  'tools/verify/project.json': ['conformance'],
  'tools/workspace/src/owners.ts': [],
};

/** What every project is checked with. */
const everyonesFiles = [
  'tsconfig.base.json',
  'jest.preset.js',
  'tools/workspace/src/nx-plugin.cjs',
  'eslint.config.mjs',
  'tools/workspace/src/checks/run-checks.ts',
];

let affected: Readonly<Record<string, readonly string[]>>;
beforeAll(() => {
  const output = execFileSync(
    process.execPath,
    [join(__dirname, 'testing/affected.cjs'), ...Object.keys(touched), ...everyonesFiles],
    { cwd: root, encoding: 'utf8', env: { ...process.env, NX_DAEMON: 'false' } },
  );
  affected = JSON.parse(output.trim().split('\n').at(-1) ?? '') as typeof affected;
}, 60_000);

it.each(Object.entries(touched))('a change of %s', (file, others) => {
  const [, project = ''] = /^(?:apps|libs|tools)\/([^/]+)\//.exec(file) ?? [];
  expect(affected[file]).toEqual([project, ...others].sort());
});

const projects = ['apps', 'libs', 'tools'].flatMap((folder) =>
  readdirSync(join(root, folder)).map((project) => `${folder}/${project}`),
);

it.each(everyonesFiles)('a change of %s touches every project', (file) => {
  expect(affected[file]).toEqual(projects.map((project) => project.split('/')[1]).sort());
});

it('has a row for each project', () => {
  const inTable = Object.keys(touched).map((file) => file.split('/').slice(0, 2).join('/'));
  expect(inTable.sort()).toEqual(projects.sort());
});
