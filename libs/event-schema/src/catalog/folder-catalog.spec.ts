import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { customers, sale, shop } from '../testing/shop';
import { readFolderCatalog, readWholeCatalog, type CodeDefinitions } from './folder-catalog';

const code: CodeDefinitions = { catalog: shop, sourceOf: ({ name }) => `code/${name}.ts` };

const folders: string[] = [];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true })));

function folderOf(files: Readonly<Record<string, unknown>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-definitions-'));
  folders.push(folder);
  for (const [name, content] of Object.entries(files))
    writeFileSync(
      join(folder, name),
      typeof content === 'string' ? content : JSON.stringify(content),
    );
  return folder;
}

const simple = (name: string) => ({
  name,
  version: '1.0.0',
  key: 'id',
  schema: { type: 'object', required: ['id'], properties: { id: { type: 'string' } } },
});

test('no folder, and one that is not there, add nothing', () => {
  for (const folder of [undefined, '/nowhere'])
    expect(readFolderCatalog(folder, code)).toMatchObject({
      catalog: shop,
      replaced: [],
      faults: [],
    });
});

test('each file that can not be served is named with its reason, and the others are served', () => {
  const folder = folderOf({
    'a.event.json': simple('a'),
    'broken.event.json': '{"name":',
    'empty.event.json': '',
    'foo.event.json': simple('foo'),
    'foo_raw.event.json': simple('foo_raw'),
    'list.event.json': '[]',
    'sale_customers.event.json': simple('sale_customers'),
    'null.event.json': 'null',
    'odd.reference.json': { name: 'odd', schema: { type: 'array' } },
    'customers.event.json': simple('customers'),
    'z.reference.json': { name: 'z', schema: simple('z').schema },
  });
  const { catalog, faults } = readFolderCatalog(folder, code);
  expect(catalog.eventTypes.map(({ name }) => name).slice(-2)).toEqual(['a', 'foo']);
  expect(catalog.references.at(-1)?.name).toBe('z');
  const reasons = Object.fromEntries(
    faults.map(({ file, reason }) => [file.slice(folder.length + 1), reason]),
  );
  expect(reasons).toEqual({
    'broken.event.json': expect.stringMatching(/^it is not JSON/) as string,
    'empty.event.json': expect.stringMatching(/^it is not JSON/) as string,
    'foo_raw.event.json': expect.stringMatching(/"foo_raw" is also that of .*"foo"/) as string,
    'list.event.json': expect.stringMatching(/object/) as string,
    'sale_customers.event.json': expect.stringMatching(/join/) as string,
    'null.event.json': expect.stringMatching(/object/) as string,
    'odd.reference.json': expect.stringMatching(/a row is an object/) as string,
    'customers.event.json': expect.stringMatching(/reference table "customers"/) as string,
  });
  expect(() => readWholeCatalog(folder, code)).toThrow(
    `${join(folder, 'broken.event.json')}: it is`,
  );
});

test('a definition of the code takes the place of an equal or compatible one of a file', () => {
  const withoutIdentity = Object.fromEntries(
    Object.entries(sale).filter(([member]) => member !== 'identity'),
  );
  const { catalog, replaced, faults } = readFolderCatalog(
    folderOf({
      'sale.event.json': { ...withoutIdentity, description: 'inferred' },
      'customers.reference.json': customers,
    }),
    code,
  );
  expect(catalog).toEqual(shop);
  expect(faults).toEqual([]);
  expect(replaced.map(({ by }) => by)).toEqual(['code/customers.ts', 'code/sale.ts']);
});

test('a definition of a file that the code’s can not read for is a fault that names both', () => {
  const { faults, catalog } = readFolderCatalog(
    folderOf({
      'sale.event.json': {
        ...{ ...simple('sale'), key: 'number' },
        schema: {
          type: 'object',
          required: ['number'],
          properties: { number: { type: 'string' } },
        },
      },
      'customers.reference.json': { ...customers, schema: simple('x').schema, key: 'id' },
    }),
    code,
  );
  expect(catalog).toEqual(shop);
  expect(faults).toMatchObject([
    {
      reason: expect.stringMatching(
        /^the reference table "customers" is also defined in code\/customers\.ts, .*"id" changed from string/,
      ) as string,
    },
    {
      file: expect.stringMatching(/sale\.event\.json$/) as string,
      reason: expect.stringMatching(
        /also defined in code\/sale\.ts, .*key changed from "number" .*next major version/,
      ) as string,
    },
  ]);
});

test('a wide event type is served', () => {
  const properties = Object.fromEntries(
    Array.from({ length: 1_200 }, (_, index) => [
      `c${index}_${'x'.repeat(200)}`,
      { type: 'number' },
    ]),
  );
  const wide = { ...simple('wide'), schema: { ...simple('wide').schema } };
  const { faults } = readFolderCatalog(
    folderOf({
      'wide.event.json': {
        ...wide,
        schema: { ...wide.schema, properties: { id: { type: 'string' }, ...properties } },
      },
    }),
    code,
  );
  expect(faults).toEqual([]);
});
