import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const root = join(__dirname, '../../..');

/**
 * Dependencies of each project, by its imports (also those of its specs) and its targets. A change of a project
 * affects all projects that depend on it, directly or not. Whoever adds a dependency adds it here, and sees what it
 * costs.
 */
const dependencies: Readonly<Record<string, readonly string[]>> = {
  operations: [
    'aws-clients',
    'columns',
    'event-schema',
    'failed-records',
    'lake-layout',
    'lambda-http',
    'parquet-reading',
    'parquet-writing',
    'privacy',
    'row-formats',
    'schema-inference',
    'stored-people',
    'traces',
    'values',
  ],
  analytics: [
    'aws-clients',
    'event-schema',
    'lake-layout',
    'lambda-http',
    'row-formats',
    'traces',
    'values',
  ],
  'firehose-transformer': [
    'aws-clients',
    'event-schema',
    'lake-layout',
    'privacy',
    'record-flattening',
    'traces',
  ],
  infra: [
    'analytics',
    'console',
    'event-schema',
    'event-types',
    'firehose-transformer',
    'ingest-gateway',
    'lake-layout',
    'lake-maintenance',
    'lambda-http',
    'lookup-api',
    'operations',
    'privacy',
  ],
  console: ['cost-model'],
  'ingest-gateway': ['event-schema', 'lambda-http', 'traces'],
  'lake-maintenance': [
    'aws-clients',
    'columns',
    'event-files',
    'event-schema',
    'failed-records',
    'iceberg-metadata',
    'lake-layout',
    'parquet-reading',
    'parquet-writing',
    'privacy',
    'record-flattening',
    'stored-people',
    'traces',
    'values',
    'worker-calls',
  ],
  'lookup-api': [
    'aws-clients',
    'columns',
    'event-schema',
    'lake-layout',
    'lambda-http',
    'parquet-reading',
    'parquet-writing',
    'privacy',
    'row-formats',
    'traces',
    'values',
  ],
  'aws-clients': ['lake-layout'],
  columns: ['event-schema', 'values'],
  'event-files': ['event-schema', 'parquet-reading', 'values'],
  'failed-records': ['aws-clients', 'event-schema', 'lake-layout', 'privacy', 'record-flattening'],
  'cost-model': [],
  'event-schema': ['values'],
  'event-types': ['event-schema', 'values'],
  'iceberg-metadata': ['columns', 'parquet-writing', 'values'],
  'ingest-client': ['event-schema'],
  'lake-layout': ['event-schema', 'values'],
  'lambda-http': ['traces'],
  'parquet-reading': ['values'],
  'parquet-writing': ['columns', 'event-schema', 'parquet-reading'],
  privacy: ['event-schema', 'lake-layout', 'values'],
  'record-flattening': ['event-schema', 'privacy', 'traces', 'values'],
  'row-formats': ['columns', 'event-schema', 'parquet-reading', 'values'],
  'schema-inference': ['event-schema', 'privacy', 'values'],
  'stored-people': [
    'columns',
    'event-schema',
    'failed-records',
    'lake-layout',
    'parquet-reading',
    'parquet-writing',
    'privacy',
    'record-flattening',
    'row-formats',
    'values',
  ],
  terminal: [],
  traces: [],
  values: [],
  'web-tracker': ['event-schema', 'ingest-client'],
  'worker-calls': [],
  bench: [
    'aws-clients',
    'columns',
    'event-schema',
    'event-types',
    'firehose-transformer',
    'iceberg-metadata',
    'ingest-client',
    'ingest-gateway',
    'lake',
    'lake-layout',
    'lake-maintenance',
    'local-api-gateway',
    'local-http',
    'local-kinesis',
    'local-s3',
    'lookup-api',
    'parquet-writing',
    'privacy',
    'record-flattening',
    'schema-inference',
    'values',
  ],
  checks: ['terminal'],
  conformance: [
    'analytics',
    'aws-clients',
    'event-schema',
    'event-types',
    'infra',
    'ingest-gateway',
    'lake',
    'lake-layout',
    'lake-maintenance',
    'local-api-gateway',
    'local-s3',
    'local-stack',
    'verify',
  ],
  cost: [
    'columns',
    'cost-model',
    'event-schema',
    'lake-layout',
    'lake-maintenance',
    'parquet-writing',
    'terminal',
  ],
  'docs-checks': ['generators', 'lake', 'lake-maintenance', 'local-stack'],
  generators: ['event-files', 'event-schema', 'schema-inference', 'terminal', 'workspace'],
  lake: [
    'aws-clients',
    'columns',
    'event-files',
    'event-schema',
    'event-types',
    'failed-records',
    'iceberg-metadata',
    'infra',
    'ingest-client',
    'lake-layout',
    'lake-maintenance',
    'local-athena',
    'local-cloudformation',
    'local-firehose',
    'local-s3',
    'local-state-files',
    'parquet-reading',
    'parquet-writing',
    'privacy',
    'record-flattening',
    'row-formats',
    'schema-inference',
    'stored-people',
    'terminal',
    'values',
  ],
  load: [
    'checks',
    'cost-model',
    'event-schema',
    'ingest-client',
    'local-stack',
    'terminal',
    'verify',
  ],
  'local-api-gateway': [
    'analytics',
    'event-schema',
    'ingest-client',
    'ingest-gateway',
    'local-http',
    'lookup-api',
    'traces',
    'values',
  ],
  'local-athena': [
    'event-schema',
    'iceberg-metadata',
    'lake-layout',
    'local-http',
    'local-state-files',
  ],
  'local-cloudformation': ['local-state-files'],
  'local-eventbridge': [],
  'local-firehose': [
    'columns',
    'event-files',
    'event-schema',
    'local-state-files',
    'parquet-writing',
    'worker-calls',
  ],
  'local-glue': ['aws-clients', 'local-http', 'local-state-files'],
  'local-http': [],
  'local-kinesis': ['aws-clients', 'local-http'],
  'local-lambda': ['local-http'],
  'local-s3': ['aws-clients', 'event-schema', 'lake-layout', 'local-http', 'local-state-files'],
  'local-secrets-manager': ['local-http', 'local-state-files'],
  'local-state-files': [],
  'local-step-functions': ['local-http', 'local-state-files'],
  'local-stack': [
    'aws-clients',
    'console',
    'event-files',
    'event-schema',
    'event-types',
    'failed-records',
    'infra',
    'ingest-client',
    'lake',
    'lake-layout',
    'lake-maintenance',
    'local-api-gateway',
    'local-athena',
    'local-cloudformation',
    'local-eventbridge',
    'local-firehose',
    'local-glue',
    'local-http',
    'local-kinesis',
    'local-lambda',
    'local-s3',
    'local-secrets-manager',
    'local-state-files',
    'local-step-functions',
    'lookup-api',
    'record-flattening',
    'schema-inference',
    'terminal',
    'traces',
  ],
  packages: ['checks', 'infra', 'ingest-client', 'local-stack', 'parquet-reading', 'web-tracker'],
  preflight: ['checks', 'infra', 'terminal'],
  'schema-checks': [
    'columns',
    'event-schema',
    'event-types',
    'lake-layout',
    'lake-maintenance',
    'lookup-api',
    'parquet-writing',
    'record-flattening',
    'schema-inference',
  ],
  soak: [
    'aws-clients',
    'columns',
    'event-schema',
    'event-types',
    'infra',
    'ingest-client',
    'lake',
    'lake-layout',
    'lake-maintenance',
    'lambda-http',
    'local-kinesis',
    'local-lambda',
    'local-s3',
    'local-stack',
    'lookup-api',
    'operations',
    'parquet-writing',
    'privacy',
    'record-flattening',
    'values',
  ],
  verify: [
    'aws-clients',
    'checks',
    'console',
    'event-schema',
    'event-types',
    'infra',
    'lake',
    'lake-layout',
    'local-stack',
    'privacy',
    'record-flattening',
    'terminal',
  ],
  workspace: [],
};

/** Projects that a change of one event type affects: those that document it, bundle it, or run the whole system. */
const affectedByContent = [
  'bench',
  'conformance',
  'docs-checks',
  'event-types',
  'infra',
  'lake',
  'load',
  'local-stack',
  'packages',
  'preflight',
  'schema-checks',
  'soak',
  'verify',
];

const contentFiles = [
  'libs/event-types/src/events/contract.ts',
  'libs/event-types/src/references/players.ts',
  'libs/event-types/src/joins/match-event-players.ts',
  'libs/event-types/src/queries/top-players.ts',
];

/** Files that affect every project, because each is checked with them. */
const everyonesFiles = [
  'tsconfig.base.json',
  'jest.preset.js',
  'tools/workspace/src/nx-plugin.cjs',
  'eslint.config.mjs',
  'tools/workspace/src/checks/run-checks.ts',
];

interface Workspace {
  readonly projects: Readonly<
    Record<string, { readonly root: string; readonly dependsOn: readonly string[] }>
  >;
  readonly affected: Readonly<Record<string, readonly string[]>>;
}

let workspace: Workspace;
beforeAll(() => {
  const output = execFileSync(
    process.execPath,
    [join(__dirname, 'testing/affected.cjs'), ...contentFiles, ...everyonesFiles],
    { cwd: root, encoding: 'utf8', env: { ...process.env, NX_DAEMON: 'false' } },
  );
  workspace = JSON.parse(output.trim().split('\n').at(-1) ?? '') as Workspace;
}, 60_000);

it('each project depends on what the table says, and on nothing else', () => {
  expect(
    Object.fromEntries(
      Object.entries(workspace.projects).map(([name, { dependsOn }]) => [name, dependsOn]),
    ),
  ).toEqual(dependencies);
});

it.each(contentFiles)('a change of %s affects what documents, bundles or runs it', (file) => {
  expect(workspace.affected[file]).toEqual(affectedByContent);
});

it('no app, library or local service depends on the content, by whatever way', () => {
  const reaches = (name: string, seen = new Set<string>()): ReadonlySet<string> => {
    for (const next of dependencies[name] ?? []) if (!seen.has(next)) reaches(next, seen.add(next));
    return seen;
  };
  for (const [name, { root: folder }] of Object.entries(workspace.projects))
    if (/^(?:apps|libs|tools\/local-aws)\//.test(folder) && name !== 'infra')
      expect([name, reaches(name).has('event-types')]).toEqual([name, false]);
});

it.each(everyonesFiles)('a change of %s affects every project', (file) => {
  expect(workspace.affected[file]).toEqual(Object.keys(dependencies).sort());
});
