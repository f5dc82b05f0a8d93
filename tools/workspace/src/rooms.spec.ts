import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import layers from './layers.json';

const root = join(__dirname, '../../..');
const read = (file: string): string => readFileSync(join(root, file), 'utf8');

interface Room {
  readonly name: string;
  readonly folder: string;
  readonly layer: string | undefined;
}

const rooms: readonly Room[] = ['apps', 'libs', 'tools', 'tools/local-aws'].flatMap((parent) =>
  readdirSync(join(root, parent))
    .map((name) => `${parent}/${name}`)
    .filter((folder) => existsSync(join(root, folder, 'project.json')))
    .map((folder) => {
      const { name, tags } = JSON.parse(read(`${folder}/project.json`)) as {
        readonly name: string;
        readonly tags: readonly string[];
      };
      const layer = tags.find((tag) => tag.startsWith('type:'))?.slice('type:'.length);
      return { name, folder, layer };
    }),
);

const [, map = ''] = /^## The rooms\n([^]*?)^## /m.exec(read('docs/architecture.md')) ?? [];

const sorted = (some: readonly object[]): readonly string[] =>
  some.map((one) => JSON.stringify(one)).sort();

test('the map of docs/architecture.md has every project with its layer, and no other', () => {
  const onMap = [
    ...map.matchAll(/^\| \[`([^`]+)`\]\(\.\.\/(.+)\/README\.md\) +\| (\w+) +\| .{10,} \|$/gm),
  ].map(([, name, folder, layer]) => ({ name, folder, layer }));
  expect(sorted(onMap)).toEqual(sorted(rooms));
});

test('the map says of each layer what ESLint lets it import', () => {
  const onMap = [...map.matchAll(/^\| (\w+) +\| ([a-z, ]+?) +\|$/gm)].map(
    ([, layer = '', allowed = '']) => [layer, allowed.split(', ')],
  );
  expect(Object.fromEntries(onMap.filter(([layer]) => layer !== 'layer'))).toEqual(layers);
});

test.each(rooms.map(({ folder }) => folder))('%s has a README', (folder) => {
  expect(existsSync(join(root, folder, 'README.md'))).toBe(true);
  expect(read(`${folder}/README.md`).length).toBeGreaterThan(200);
});

/** Two pages. */
const maxDecisionCharacters = 6_000;

test.each(readdirSync(join(root, 'docs/adr')))(
  'the decision %s has at most two pages, and says what would change our mind',
  (file) => {
    const text = read(`docs/adr/${file}`);
    expect(text.length).toBeLessThan(maxDecisionCharacters);
    expect(text).toMatch(/^(?:## |\*\*)What would change our mind/m);
  },
);
