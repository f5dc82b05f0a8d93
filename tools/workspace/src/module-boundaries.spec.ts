import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

const root = join(__dirname, '../../..');

const transformer = 'apps/firehose-transformer/src/main.ts';
const lookup = 'apps/lookup-api/src/openapi.ts';
const schema = 'libs/event-schema/src/index.ts';
const flattening = 'libs/record-flattening/src/index.ts';
const stack = 'apps/infra/src/stacks/ingest-gateway-stack.ts';
const service = 'tools/local-aws/api-gateway/src/index.ts';

const kinesis = 'tools/local-aws/kinesis/src/start-kinesis.ts';
const athena = 'tools/local-aws/athena/src/athena-api.ts';

const cases = [
  ['an app imports another app', transformer, '@sluice/lookup-api', 'forbidden'],
  ['an app imports a document of another app', transformer, '@sluice/ingest-gateway', 'forbidden'],
  ['an app imports a tool', lookup, '@sluice/local-kinesis', 'forbidden'],
  ['logic imports an adapter', flattening, '@sluice/aws-clients', 'forbidden'],
  ['the model imports logic', schema, '@sluice/record-flattening', 'forbidden'],
  ['the model imports content', schema, '@sluice/event-types', 'forbidden'],
  ['logic imports content', flattening, '@sluice/event-types', 'forbidden'],
  ['an app imports content', transformer, '@sluice/event-types', 'forbidden'],
  ['a service of the local cloud imports content', service, '@sluice/event-types', 'forbidden'],
  ['a service imports the runner', service, '@sluice/local-stack', 'forbidden'],
  ['infra imports a function', stack, '@sluice/lookup-api', 'forbidden'],
  ['a service imports the runner', kinesis, '@sluice/local-stack', 'forbidden'],
  ['a service imports another service', kinesis, '@sluice/local-firehose', 'forbidden'],
  ['a service imports the templates', athena, '@sluice/local-cloudformation', 'forbidden'],
  ['a service imports an operators’ tool', athena, '@sluice/lake', 'forbidden'],
  ['a service imports what services share', athena, '@sluice/local-http', 'allowed'],
  ['an app imports a library', transformer, '@sluice/record-flattening', 'allowed'],
  ['an app imports an adapter', lookup, '@sluice/aws-clients', 'allowed'],
  ['infra imports content', stack, '@sluice/event-types', 'allowed'],
  ['a tool imports content', 'tools/lake/src/main.ts', '@sluice/event-types', 'allowed'],
  ['infra imports the gateway’s document', stack, '@sluice/ingest-gateway', 'allowed'],
  ['infra imports the look-up’s document', stack, '@sluice/lookup-api/openapi', 'allowed'],
] as const;

const caseFile = (index: number): string => `boundary-case-${index}.ts`;

let faults: readonly { readonly code?: string; readonly filename: string }[];
beforeAll(() => {
  // A copy, because the rule goes by where a file is; Nx's graph of the projects is that of this workspace.
  const copy = mkdtempSync(join(tmpdir(), 'sluice-boundaries-'));
  for (const part of ['apps', 'libs', 'tools', 'nx.json', 'package.json', 'tsconfig.base.json'])
    cpSync(join(root, part), join(copy, part), { recursive: true });
  cpSync(join(root, 'oxlint.config.mjs'), join(copy, 'oxlint.config.mjs'));
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  const files = cases.map(([, file, specifier], index) => {
    const path = join(dirname(file), caseFile(index));
    writeFileSync(join(copy, path), `import '${specifier}';\n`);
    return path;
  });
  const { stdout } = spawnSync(
    process.execPath,
    [
      join(root, 'node_modules/oxlint/bin/oxlint'),
      ...['--config', 'oxlint.config.mjs', '--format', 'json', ...files],
    ],
    {
      cwd: copy,
      encoding: 'utf8',
      env: { NX_WORKSPACE_DATA_DIRECTORY: join(root, '.nx/workspace-data'), ...process.env },
    },
  );
  ({ diagnostics: faults } = JSON.parse(stdout) as { diagnostics: typeof faults });
  rmSync(copy, { recursive: true });
}, 60_000);

it.each(cases.map((row, index) => [...row, index] as const))(
  'where %s (%s imports %s), lint says: %s',
  (_what, _file, _specifier, verdict, index) => {
    const ofCase = faults.filter(({ filename }) => basename(filename) === caseFile(index));
    expect(ofCase.map(({ code }) => code)).toEqual(
      verdict === 'forbidden' ? ['@nx(enforce-module-boundaries)'] : [],
    );
  },
);
