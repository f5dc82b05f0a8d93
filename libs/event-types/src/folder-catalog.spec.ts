import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { contract } from './events';
import { players } from './references';
import { shippedCatalog } from './shipped-catalog';
import { readFolderCatalog, readWholeCatalog } from './folder-catalog';

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
    expect(readFolderCatalog(folder)).toMatchObject({
      catalog: shippedCatalog(),
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
    'match_event_players.event.json': simple('match_event_players'),
    'null.event.json': 'null',
    'odd.reference.json': { name: 'odd', schema: { type: 'array' } },
    'players.event.json': simple('players'),
    'z.reference.json': { name: 'z', schema: simple('z').schema },
  });
  const { catalog, faults } = readFolderCatalog(folder);
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
    'match_event_players.event.json': expect.stringMatching(/join/) as string,
    'null.event.json': expect.stringMatching(/object/) as string,
    'odd.reference.json': expect.stringMatching(/a row is an object/) as string,
    'players.event.json': expect.stringMatching(/reference table "players"/) as string,
  });
  expect(() => readWholeCatalog(folder)).toThrow(`${join(folder, 'broken.event.json')}: it is`);
});

test('a definition of the code takes the place of an equal or compatible one of a file', () => {
  const withoutIdentity = Object.fromEntries(
    Object.entries(contract).filter(([member]) => member !== 'identity'),
  );
  const { catalog, replaced, faults } = readFolderCatalog(
    folderOf({
      'contract.event.json': { ...withoutIdentity, description: 'inferred' },
      'players.reference.json': players,
    }),
  );
  expect(catalog).toEqual(shippedCatalog());
  expect(faults).toEqual([]);
  expect(replaced.map(({ by }) => by)).toEqual([
    'libs/event-types/src/events/contract.ts',
    'libs/event-types/src/references/players.ts',
  ]);
});

test('a definition of a file that the code’s can not read for is a fault that names both', () => {
  const { faults, catalog } = readFolderCatalog(
    folderOf({
      'contract.event.json': simple('contract'),
      'players.reference.json': { ...players, schema: simple('x').schema, key: 'id' },
    }),
  );
  expect(catalog).toEqual(shippedCatalog());
  expect(faults).toMatchObject([
    {
      file: expect.stringMatching(/contract\.event\.json$/) as string,
      reason: expect.stringMatching(
        /also defined in libs\/event-types\/src\/events\/contract\.ts, .*key changed from "id" .*next major version/,
      ) as string,
    },
    { reason: expect.stringMatching(/references\/players\.ts, .*"id" removed/) as string },
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
  );
  expect(faults).toEqual([]);
});
