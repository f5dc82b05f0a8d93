// What the READMEs of the local services say is held to their code.
import { readFileSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';

const root = join(__dirname, '../../..');
const services = readdirSync(join(root, 'tools/local-aws'));
const readme = (service: string): string =>
  readFileSync(join(root, 'tools/local-aws', service, 'README.md'), 'utf8');

const specs = new Map(
  ['apps', 'libs', 'tools']
    .flatMap((folder) =>
      (readdirSync(join(root, folder), { recursive: true }) as string[]).map((file) =>
        join(root, folder, file),
      ),
    )
    .filter((file) => file.endsWith('.spec.ts') && !file.includes('node_modules'))
    .map((file) => [basename(file, '.ts'), file]),
);

test.each(services)(
  'the tests that the README of %s names are there, with their titles',
  (service) => {
    const named = [...readme(service).matchAll(/`([a-z0-9-]+(?:\.e2e)?\.spec)`(?:: ([^|;,]+))?/g)];
    const faults = named.filter(([, spec = '', title = '']) => {
      const file = specs.get(spec);
      return file === undefined || !readFileSync(file, 'utf8').includes(title.trim());
    });
    expect(faults.map(([text]) => text)).toEqual([]);
  },
);

/** The file of each service that answers operations of an AWS API, and the table of them in it. */
const operationTables = [
  ['s3', 'route.ts', /export const handles = \{([^}]*)\}/],
  ['athena', 'athena-api.ts', /operations: \{([^]*?)\n {2}\},/],
  ['step-functions', 'step-functions-api.ts', /operations: \{([^]*?)\n {2}\},/],
  ['glue', 'glue-api.ts', /operations: \{([^]*?)\n {2}\},/],
  ['secrets-manager', 'secrets-manager-api.ts', /operations: \{([^]*?)\n {2}\},/],
] as const;

test.each(operationTables)(
  'the README of %s names each operation of %s',
  (service, file, table) => {
    const source = readFileSync(join(root, 'tools/local-aws', service, 'src', file), 'utf8');
    const [, operations = ''] = table.exec(source) ?? [];
    const names = [...operations.matchAll(/^ {2}(?: {2})?([A-Z][A-Za-z0-9]+):/gm)].map(
      ([, name = '']) => name,
    );
    expect(names).not.toEqual([]);
    expect(names.filter((name) => !readme(service).includes(name))).toEqual([]);
  },
);
