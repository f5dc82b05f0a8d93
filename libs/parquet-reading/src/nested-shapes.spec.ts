import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bytesSource } from './byte-source';
import { readFooter } from './footer';
import { planKeyRead, readKeyGroups } from './key-read';
import { readRows } from './read-rows';
import { differingRows } from './testing/differing-rows';
import { duckdb, duckdbFile } from './testing/duckdb-files';
import { duckValue, parquetToDuck } from './testing/duckdb-values';
import {
  plainFile,
  type PlainElement,
  type PlainEntry,
  type PlainGroup,
} from './testing/plain-file';

const folder = mkdtempSync(join(tmpdir(), 'sluice-shapes-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function ours(bytes: Uint8Array): Promise<readonly (readonly unknown[])[]> {
  const source = bytesSource(bytes);
  const footer = await readFooter(source);
  const rows: (readonly unknown[])[] = [];
  for await (const batch of readRows(source, footer))
    for (const row of batch)
      rows.push(row.map((value, index) => parquetToDuck(value, footer.columns[index]!.shape)));
  return rows;
}

async function duckdbs(bytes: Uint8Array): Promise<readonly (readonly unknown[])[]> {
  const path = join(folder, 'file.parquet');
  writeFileSync(path, bytes);
  const result = await (
    await duckdb()
  ).runAndReadAll(`SELECT * FROM read_parquet('${path}', binary_as_string = false)`);
  return result.getRows().map((row) => row.map(duckValue));
}

const list = (
  name: string,
  child: PlainElement,
  rest: Partial<PlainElement> = {},
): PlainElement => ({
  name,
  annotation: 'LIST',
  repetition: 'optional',
  children: [child],
  ...rest,
});

/** Rows 1, 2, 3 and null of a list that is there with items, without, with one, and not there, by its levels. */
const listEntries = (itemLevel: number, emptyLevel: number): readonly PlainEntry[] => [
  [0, itemLevel, 10],
  [1, itemLevel, 11],
  [0, emptyLevel],
  [0, itemLevel, 12],
  ...(emptyLevel > 0 ? [[0, emptyLevel - 1] as const] : []),
];

interface ShapeCase {
  readonly columns: readonly PlainElement[];
  readonly group: PlainGroup;
  /** Values that the format defines, where DuckDB reads others. */
  readonly expected?: readonly (readonly unknown[])[];
}

const item = (name: string, rest: Partial<PlainElement> = {}): PlainElement => ({
  name,
  type: 'int64',
  ...rest,
});

const four = (chunks: readonly (readonly PlainEntry[])[]): PlainGroup => ({ rows: 4, chunks });
const three = (chunks: readonly (readonly PlainEntry[])[]): PlainGroup => ({ rows: 3, chunks });

const lists = [['10', '11'], [], ['12'], null].map((value) => [value]);

const cases: Readonly<Record<string, ShapeCase>> = {
  'three levels': {
    columns: [
      list('l', {
        name: 'list',
        repetition: 'repeated',
        children: [item('element', { repetition: 'optional' })],
      }),
    ],
    group: four([
      [
        [0, 3, 10],
        [1, 2],
        [0, 1],
        [0, 3, 12],
        [0, 0],
      ],
    ]),
  },
  'two levels, a repeated value': {
    columns: [list('l', item('array', { repetition: 'repeated' }))],
    group: four([listEntries(2, 1)]),
    expected: lists,
  },
  'two levels, a list that is always there': {
    columns: [list('l', item('array', { repetition: 'repeated' }), { repetition: 'required' })],
    group: three([listEntries(1, 0)]),
    expected: lists.slice(0, 3),
  },
  'two levels, a repeated struct of two members': {
    columns: [
      list('l', {
        name: 'element',
        repetition: 'repeated',
        children: [item('a'), item('b', { repetition: 'optional' })],
      }),
    ],
    group: four([
      listEntries(2, 1),
      [
        [0, 3, 1],
        [1, 2],
        [0, 1],
        [0, 3, 3],
        [0, 0],
      ],
    ]),
  },
  'two levels, a struct of one member called array': {
    columns: [list('l', { name: 'array', repetition: 'repeated', children: [item('a')] })],
    group: four([listEntries(2, 1)]),
    expected: [[{ a: '10' }, { a: '11' }], [], [{ a: '12' }], null].map((value) => [value]),
  },
  'two levels, a struct of one member called after the list': {
    columns: [list('l', { name: 'l_tuple', repetition: 'repeated', children: [item('a')] })],
    group: four([listEntries(2, 1)]),
    expected: [[{ a: '10' }, { a: '11' }], [], [{ a: '12' }], null].map((value) => [value]),
  },
  'a list in a list, both of two levels': {
    columns: [
      list('l', {
        name: 'array',
        annotation: 'LIST',
        repetition: 'repeated',
        children: [item('array', { repetition: 'repeated' })],
      }),
    ],
    group: three([
      [
        [0, 3, 1],
        [2, 3, 2],
        [1, 2],
        [1, 3, 3],
        [0, 1],
        [0, 0],
      ],
    ]),
    expected: [[[['1', '2'], [], ['3']]], [[]], [null]],
  },
  'a list in a list of two levels, of structs': {
    columns: [
      list('l', {
        name: 'array',
        annotation: 'LIST',
        repetition: 'repeated',
        children: [{ name: 'array', repetition: 'repeated', children: [item('a'), item('b')] }],
      }),
    ],
    group: {
      rows: 1,
      chunks: [
        [
          [0, 3, 1],
          [1, 3, 2],
          [2, 3, 3],
        ],
        [
          [0, 3, 4],
          [1, 3, 5],
          [2, 3, 6],
        ],
      ],
    },
    expected: [
      [
        [
          [{ a: '1', b: '4' }],
          [
            { a: '2', b: '5' },
            { a: '3', b: '6' },
          ],
        ],
      ],
    ],
  },
  'a repeated value outside of a list': {
    columns: [item('l', { repetition: 'repeated' })],
    group: three([listEntries(1, 0)]),
    expected: lists.slice(0, 3),
  },
  'a repeated struct outside of a list': {
    columns: [{ name: 'l', repetition: 'repeated', children: [item('a'), item('b')] }],
    group: three([listEntries(1, 0), listEntries(1, 0)]),
  },
  'a map': {
    columns: [
      {
        name: 'm',
        annotation: 'MAP',
        repetition: 'optional',
        children: [
          {
            name: 'key_value',
            repetition: 'repeated',
            children: [item('key'), item('value', { repetition: 'optional' })],
          },
        ],
      },
    ],
    group: four([
      listEntries(2, 1),
      [
        [0, 3, 1],
        [1, 2],
        [0, 1],
        [0, 3, 3],
        [0, 0],
      ],
    ]),
  },
  'a map of other names, annotated as of old': {
    columns: [
      {
        name: 'm',
        annotation: 'MAP_KEY_VALUE',
        repetition: 'optional',
        children: [
          {
            name: 'map',
            annotation: 'MAP_KEY_VALUE',
            repetition: 'repeated',
            children: [item('num'), item('str')],
          },
        ],
      },
    ],
    group: four([listEntries(2, 1), listEntries(2, 1)]),
    expected: [
      [
        { key: '10', value: '10' },
        { key: '11', value: '11' },
      ],
      [],
      [{ key: '12', value: '12' }],
      null,
    ].map((value) => [value]),
  },
  'a struct that is not there': {
    columns: [
      {
        name: 's',
        repetition: 'optional',
        children: [item('a'), item('b', { repetition: 'optional' })],
      },
    ],
    group: three([
      [
        [0, 1, 1],
        [0, 0],
        [0, 1, 3],
      ],
      [
        [0, 2, 4],
        [0, 0],
        [0, 1],
      ],
    ]),
  },
  'a column a.b beside a member b of a': {
    columns: [item('a.b'), { name: 'a', children: [item('b')] }],
    group: { rows: 1, chunks: [[[0, 0, 1]], [[0, 0, 2]]] },
  },
  'columns of one name': {
    columns: [item('v'), item('v')],
    group: { rows: 1, chunks: [[[0, 0, 1]], [[0, 0, 2]]] },
  },
};

describe.each(Object.entries(cases))('%s', (_, { columns, group, expected }) => {
  it('is read by the rules of the format, as DuckDB does where it follows them', async () => {
    const bytes = plainFile(columns, [group]);
    const found = await ours(bytes);
    if (expected) expect(found).toEqual(expected);
    else expect(differingRows(found, await duckdbs(bytes))).toEqual([]);
  });
});

describe('row groups and files', () => {
  const columns = [item('id'), list('l', item('array', { repetition: 'repeated' }))];
  const group = (first: number): PlainGroup => ({
    rows: 2,
    chunks: [
      [
        [0, 0, first],
        [0, 0, first + 1],
      ],
      [
        [0, 2, first],
        [0, 1],
      ],
    ],
  });
  const empty: PlainGroup = { rows: 0, chunks: [] };

  it.each([
    ['no row group', [], 0],
    ['an empty row group', [empty], 0],
    ['empty row groups between others', [empty, group(1), empty, group(5), empty], 4],
  ])('with %s are read', async (_, groups, rows) => {
    const found = await ours(plainFile(columns, groups));
    expect(found).toHaveLength(rows);
    expect(found.map(([id]) => id)).toEqual(['1', '2', '5', '6'].slice(0, rows));
    const source = bytesSource(plainFile(columns, groups));
    const footer = await readFooter(source, { keyColumn: 'id' });
    const plan = planKeyRead(footer, { keyColumn: 'id', keys: [5n], columns: ['l'] });
    const rowsOfKey: unknown[] = [];
    for await (const group of readKeyGroups(source, footer, plan)) rowsOfKey.push(...group.rows);
    expect(rowsOfKey).toEqual(rows > 0 ? [[[5n]]] : []);
  });

  it('whose footer counts no rows are read by what the row groups count', async () => {
    expect(await ours(plainFile(columns, [group(1)], { claimedRows: 0 }))).toHaveLength(2);
    await expect(ours(plainFile(columns, [group(1)], { claimedRows: 3 }))).rejects.toThrow(
      'claims 3 rows',
    );
  });

  it('with two columns of the key’s name are refused in a look-up', async () => {
    const source = bytesSource(plainFile([item('k'), item('k')], []));
    await expect(readFooter(source, { keyColumn: 'k' })).rejects.toThrow('2 columns named "k"');
  });

  it('whose levels don’t fit are refused', async () => {
    const [, nested] = columns;
    const tooFew: PlainGroup = { rows: 2, chunks: [[[0, 2, 1]]] };
    await expect(ours(plainFile([nested!], [tooFew]))).rejects.toThrow("levels that don't fit");
    const within: PlainGroup = { rows: 1, chunks: [[[1, 2, 1]]] };
    await expect(ours(plainFile([nested!], [within]))).rejects.toThrow("levels that don't fit");
  });
});

it('nested columns of hundreds of leaves have DuckDB’s values, each entry being looked at once', async () => {
  const members = Array.from(
    { length: 62 },
    (_, at) => `'m${at}': {'a': i + ${at}, 'b': 'text ' || i, 'c': [i, ${at}], 'd': [{'e': i}]}`,
  ).join(', ');
  const bytes = await duckdbFile(
    await duckdb(),
    `SELECT i, CASE WHEN i % 7 = 0 THEN NULL ELSE [{${members}}] END AS s FROM range(60) AS t(i)`,
  );
  expect(differingRows(await ours(bytes), await duckdbs(bytes))).toEqual([]);
});
