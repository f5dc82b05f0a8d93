import { createRowTableBuilder } from '@sluice/columns';
import { defineReference, referenceColumns } from '@sluice/event-schema';
import { MemoryObjectStore, type ObjectStore } from '@sluice/lake-layout';
import { referenceLayout, writeParquet } from '@sluice/parquet-writing';
import { currentHash, readHashKeys } from '@sluice/privacy';
import { readParquetTable } from '../compaction/read-parquet';
import { listAll } from '../compaction/testing';
import { eraseReferences, type EraseReferencesOptions } from './erase-references';

const ada = 'ada@example.org';
const customers = defineReference({
  name: 'customers',
  key: 'id',
  subject: ['email', 'guardian'],
  schema: {
    type: 'object',
    required: ['id'],
    properties: {
      id: { type: 'integer' },
      email: { type: 'string' },
      guardian: { type: 'string' },
      isActive: { type: 'boolean' },
      since: { type: 'string', format: 'date' },
      credit: { type: 'string', format: 'decimal', precision: 10, scale: 2 },
      tags: { type: 'array', items: { type: 'string' } },
    },
  },
});
const shops = defineReference({ name: 'shops', schema: customers.schema });

interface Customer {
  readonly id: number;
  readonly [column: string]: unknown;
}

/** Returns customers of whom the third and every seventh are Ada or in her care. */
const manyCustomers = (count: number): readonly Customer[] =>
  Array.from({ length: count }, (_, id) => ({
    id,
    email: id === 2 ? ada : `user-${id}@example.org`,
    guardian: id % 7 === 6 ? ada : null,
    isactive: id % 3 === 0 ? null : id % 2 === 0,
    since: id % 5 === 0 ? null : '2026-01-31',
    credit: id % 4 === 0 ? null : `${id}.25`,
    tags: id % 6 === 0 ? null : [`t${id}`, 'x'],
  }));

function parquetOf(rows: readonly Customer[], rowGroupRows = 10): Uint8Array {
  const builder = createRowTableBuilder(referenceColumns(customers));
  for (const row of rows) {
    const fault = builder.append(row);
    if (fault) throw new Error(`${fault.column}: ${fault.detail}`);
  }
  return writeParquet(builder.finish(), { ...referenceLayout, rowGroupRows }).bytes;
}

const tableKey = 'reference/customers/customers.parquet';
const isHers = ({ id, guardian }: Customer): boolean => id === 2 || guardian === ada;

async function lake(): Promise<MemoryObjectStore> {
  const store = new MemoryObjectStore();
  const rows = manyCustomers(60);
  await store.put(tableKey, parquetOf(rows));
  await store.put('reference-versions/customers/1.parquet', parquetOf(rows.slice(0, 5)));
  await store.put(
    'reference-versions/customers/2.parquet',
    parquetOf(rows.filter((row) => !isHers(row))),
  );
  await store.put('reference/shops/shops.parquet', parquetOf(rows));
  return store;
}

const erase = async (
  store: ObjectStore,
  options: Partial<EraseReferencesOptions> & { readonly subject?: string } = {},
) => {
  const { subject = ada, ...more } = options;
  const [report] = await eraseReferences({
    ...{ store, references: [customers], subjects: [{ subject }], ...more },
  });
  return report;
};

/** Returns the rows of a file, as JSON shows them. */
const rowsOf = (bytes: Uint8Array): readonly unknown[] =>
  readParquetTable(bytes)
    .toArray()
    .map((row: { toJSON(): object }): unknown =>
      JSON.parse(
        JSON.stringify(row.toJSON(), (_, value: unknown) =>
          typeof value === 'bigint' ? String(value) : value,
        ),
      ),
    );

const bytesAt = async (store: ObjectStore, key: string): Promise<Uint8Array> =>
  (await store.get(key)).bytes;

test('rows of a person go, all others stay as they are, and so do tables and versions that do not hold the person', async () => {
  const store = await lake();
  const before = rowsOf(await bytesAt(store, tableKey));
  expect(await erase(store)).toEqual([
    { reference: 'customers', dryRun: false, rows: 9, files: [tableKey], versions: 1 },
  ]);
  const after = rowsOf(await bytesAt(store, tableKey));
  const gone = new Set(manyCustomers(60).flatMap((row) => (isHers(row) ? [row.id] : [])));
  expect(gone.size).toBe(9);
  expect(after).toEqual(before.filter((_, id) => !gone.has(id)));
  expect((await listAll(store, 'reference')).map(({ key }) => key)).toEqual([
    'reference-versions/customers/2.parquet',
    tableKey,
    'reference/shops/shops.parquet',
  ]);
  expect(rowsOf(await bytesAt(store, 'reference/shops/shops.parquet'))).toEqual(before);
  expect(await erase(store)).toMatchObject([{ rows: 0, files: [], versions: 0 }]);
});

test('a table of nobody else has its columns and no rows', async () => {
  const store = new MemoryObjectStore();
  await store.put(tableKey, parquetOf([{ id: 1, email: ada }]));
  await erase(store);
  expect(rowsOf(await bytesAt(store, tableKey))).toEqual([]);
  expect(await erase(store)).toMatchObject([{ rows: 0 }]);
});

test('several people are told apart, and a dry run changes nothing', async () => {
  const store = await lake();
  const before = await bytesAt(store, tableKey);
  const subjects = [{ subject: ada }, { subject: 'user-3@example.org' }, { subject: 'nobody' }];
  expect(
    await eraseReferences({ store, references: [customers, shops], subjects, dryRun: true }),
  ).toMatchObject([
    [
      { rows: 9, versions: 1 },
      { reference: 'shops', rows: 0 },
    ],
    [{ rows: 1, versions: 2 }, { rows: 0 }],
    [{ rows: 0, files: [], versions: 0 }, { rows: 0 }],
  ]);
  expect(await bytesAt(store, tableKey)).toEqual(before);
  expect(await listAll(store, 'reference-versions/')).toHaveLength(2);
});

test('a person is found by hashes, where a table joins by these', async () => {
  const hashKeys = readHashKeys(JSON.stringify({ current: '1', '1': 'h'.repeat(40) }));
  const store = new MemoryObjectStore();
  const email = currentHash(hashKeys).of(ada);
  await store.put(tableKey, parquetOf([{ id: 1, email }, { id: 2 }]));
  expect(await erase(store)).toMatchObject([{ rows: 0 }]);
  expect(await erase(store, { hashKeys })).toMatchObject([{ rows: 1 }]);
});

test('a table that is put anew meanwhile is not put back', async () => {
  const store = await lake();
  let puts = 0;
  const busy: ObjectStore = {
    get: (...get) => store.get(...get),
    list: (prefix) => store.list(prefix),
    delete: (keys) => store.delete(keys),
    put: async (key, bytes, options) => {
      if (puts++ === 0) await store.put(key, parquetOf([{ id: 100, email: ada }, { id: 101 }]));
      return store.put(key, bytes, options);
    },
  };
  expect(await erase(busy)).toMatchObject([{ rows: 1 }]);
  expect(rowsOf(await bytesAt(store, tableKey))).toMatchObject([{ id: '101' }]);
  expect(puts).toBe(2);
});

test('a damaged file is named', async () => {
  const store = await lake();
  await store.put('reference-versions/customers/0.parquet', Buffer.from('PAR1'));
  await expect(erase(store)).rejects.toThrow('reference-versions/customers/0.parquet');
});
