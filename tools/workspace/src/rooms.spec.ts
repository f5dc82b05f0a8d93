import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
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

/** Apps with a function: all but the gateway, which is a document, and the console, which is a page. */
const functionApps = rooms.filter(
  ({ name, layer }) => layer === 'app' && !['ingest-gateway', 'console'].includes(name),
);

test('every function app has its entry, envelope and telemetry in files of the same names', () => {
  expect(functionApps.length).toBeGreaterThan(4);
  // A function that is bundled in pieces has its entry in main/index.ts (nx-plugin.cjs says why).
  const stages = [['main.ts', 'main/index.ts'], ['handler.ts'], ['telemetry.ts']];
  const lacking = functionApps.filter(({ folder }) =>
    stages.some((names) => !names.some((name) => existsSync(join(root, folder, 'src', name)))),
  );
  expect(lacking).toEqual([]);
});

/** Returns the files of a room that each of its files imports, be it for a type. */
function importsWithin(folder: string): ReadonlyMap<string, readonly string[]> {
  const files = (readdirSync(join(root, folder, 'src'), { recursive: true }) as string[])
    .map((file) => normalize(`${folder}/src/${file}`))
    .filter((file) => /\.tsx?$/.test(file));
  const known = new Set(files);
  const statement = /^(?:import|export)\s+[^;'"]*?\s*from '(\.[^']*)';/gm;
  return new Map(
    files.map((file) => [
      file,
      [...read(file).matchAll(statement)].flatMap(([, path = '']) => {
        const target = normalize(join(dirname(file), path));
        const found = [`${target}.ts`, `${target}.tsx`, `${target}/index.ts`].find((each) =>
          known.has(each),
        );
        return found === undefined ? [] : [found];
      }),
    ]),
  );
}

/** Returns the files of the first circle of imports; undefined where there is none. */
function circleIn(imports: ReadonlyMap<string, readonly string[]>): readonly string[] | undefined {
  const done = new Set<string>();
  const circleFrom = (file: string, way: readonly string[]): readonly string[] | undefined => {
    if (way.includes(file)) return [...way.slice(way.indexOf(file)), file];
    if (done.has(file)) return undefined;
    for (const next of imports.get(file) ?? []) {
      const circle = circleFrom(next, [...way, file]);
      if (circle) return circle;
    }
    done.add(file);
    return undefined;
  };
  for (const file of imports.keys()) {
    const circle = circleFrom(file, []);
    if (circle) return circle;
  }
  return undefined;
}

test('files of a room import each other in no circle', () => {
  const imports = rooms
    .filter(({ folder }) => existsSync(join(root, folder, 'src')))
    .map(({ folder }) => importsWithin(folder));
  expect(imports.reduce((sum, files) => sum + files.size, 0)).toBeGreaterThan(1_000);
  expect(imports.map(circleIn).filter((circle) => circle !== undefined)).toEqual([]);
});

test('a circle of imports is found, and a diamond is none', () => {
  const [a, b, c, d] = ['a.ts', 'b.ts', 'c.ts', 'd.ts'];
  const diamond: [string, readonly string[]][] = [
    [a, [b, c]],
    [b, [d]],
    [c, [d]],
  ];
  expect(circleIn(new Map(diamond))).toBeUndefined();
  expect(circleIn(new Map([...diamond, [d, [b]]]))).toEqual([b, d, b]);
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
