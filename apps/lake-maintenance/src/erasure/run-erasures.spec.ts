import { createRowTableBuilder } from '@sluice/columns';
import { defineEvent, defineReference, referenceColumns } from '@sluice/event-schema';
import { MemoryObjectStore, type ObjectStore } from '@sluice/lake-layout';
import { FaultyStore } from '@sluice/lake-layout/testing/faulty-store';
import { referenceLayout, writeParquet } from '@sluice/parquet-writing';
import { readHashKeys } from '@sluice/privacy';
import {
  hiddenUntilMs,
  isSignedCertificate,
  readErasure,
  readLedger,
  requestErasure,
} from '@sluice/privacy/erasures';
import {
  bucket,
  compact,
  copyOf,
  filesOf,
  listAll,
  noonMs,
  order,
  orderRow,
  putRaw,
  visibleEvents,
} from '../compaction/testing';
import { runErasures } from './run-erasures';

const hourMs = 3_600_000;
const person = defineEvent({ ...order, subject: 'id' });
const ledgerKeys = readHashKeys(JSON.stringify({ current: '1', '1': 'l'.repeat(40) }));

async function lake(suppress = false): Promise<MemoryObjectStore> {
  const store = new MemoryObjectStore({ now: () => noonMs });
  await putRaw(
    store,
    'a',
    Array.from({ length: 6 }, (_, id) => orderRow(id)),
  );
  await compact(store, { chooseLayout: filesOf(3) });
  await store.put('query-results/old.csv', Buffer.from('order-4'));
  await requestErasure(store, ledgerKeys, {
    ...{ id: 'e1', subject: 'order-4', tables: ['order'], suppress, requestedAtMs: noonMs },
  });
  return store;
}

const run = (
  store: ObjectStore,
  nowMs = noonMs + hourMs,
  options: Partial<Parameters<typeof runErasures>[0]> = {},
) =>
  runErasures({
    ...{ store, bucket, eventTypes: [person], ledgerKeys, chooseLayout: filesOf(3) },
    ...{ streamRetentionMs: 24 * hourMs, deadlineMs: Infinity, now: () => nowMs, ...options },
  });

test('an erasure ends with a signed certificate of what was done, without the name of the person', async () => {
  const store = await lake();
  expect(await run(store)).toMatchObject([{ id: 'e1', state: 'done', rows: 1, lateMs: 0 }]);
  const { erasure } = (await readErasure(store, 'e1')) ?? {};
  expect(erasure).toMatchObject({
    state: 'done',
    certificate: {
      passes: [
        {
          tables: [{ table: 'order', searchedDays: 1, days: [{ rows: 1 }] }],
          deletedQueryResults: 1,
          replacedFilesGoAtMs: noonMs + 2 * hourMs,
        },
      ],
      streamsForgetAtMs: noonMs + 24 * hourMs,
    },
  });
  const { certificate, signature } = erasure ?? {};
  if (!certificate || !signature) throw new Error('there is no certificate');
  expect(isSignedCertificate(ledgerKeys, certificate, signature)).toBe(true);
  expect(isSignedCertificate(ledgerKeys, { ...certificate, suppress: true }, signature)).toBe(
    false,
  );
  expect(JSON.stringify(erasure)).not.toContain('order-4');
  expect((await readLedger(store, 'order'))?.entries).toMatchObject([
    { untilMs: hiddenUntilMs(noonMs), suppress: false, erasure: 'e1' },
  ]);
  expect(await visibleEvents(store)).not.toContain('e4');
  // Nothing is left to be done until the streams have forgotten.
  expect(await run(store)).toEqual([]);
});

test('what was still on its way goes with a last pass, and then the name is forgotten', async () => {
  const store = await lake();
  await run(store);
  await putRaw(store, 'late', [orderRow(4, 41)]);
  const lastMs = noonMs + 50 * hourMs;
  expect(await run(store, lastMs)).toMatchObject([{ state: 'done', rows: 1 }]);
  expect(await visibleEvents(store)).not.toContain('e41');
  const { erasure } = (await readErasure(store, 'e1')) ?? {};
  expect(erasure?.certificate?.passes).toHaveLength(2);
  expect(erasure).not.toHaveProperty('sealedSubject');
  expect((await readLedger(store, 'order'))?.entries).toEqual([]);
  expect((await listAll(store, 'privacy/erasures/')).length).toBe(0);
  expect(await run(store, lastMs + hourMs)).toEqual([]);
});

test('rows that arrive after the request stay, unless they are suppressed', async () => {
  for (const suppress of [false, true]) {
    const store = await lake(suppress);
    await putRaw(store, 'later', [{ ...orderRow(4, 42), ingested_at: '2026-11-25 12:00:00.000' }]);
    await run(store);
    expect((await visibleEvents(store)).includes('e42')).toBe(!suppress);
  }
});

test('erasures that are due are carried out together; a table that fails ends those that name it alone', async () => {
  const store = await lake();
  const other = defineEvent({ ...person, name: 'other' });
  const ask = (id: string, subject: string, tables: readonly string[]) =>
    requestErasure(store, ledgerKeys, {
      ...{ id, subject, tables, suppress: false, requestedAtMs: noonMs },
    });
  await ask('e2', 'order-1', ['order']);
  await ask('e3', 'order-2', ['order', 'other']);
  await ask('e4', 'order-3', ['gone']);
  await store.put(`other/errors/processing-failed/dt=2026-11-24/e`, Buffer.from('{}\n'));
  let manifestWrites = 0;
  const failing: ObjectStore = {
    get: (...get) => store.get(...get),
    delete: (keys) => store.delete(keys),
    list: (prefix) => {
      if (prefix.startsWith('other/errors/')) throw new Error('other can not be listed');
      return store.list(prefix);
    },
    put: (...put) => {
      if (put[0].includes('/manifests/')) manifestWrites++;
      return store.put(...put);
    },
  };
  const options = {
    ...{ bucket, ledgerKeys, chooseLayout: filesOf(3), eventTypes: [person, other] },
    ...{ streamRetentionMs: hourMs, deadlineMs: Infinity, now: () => noonMs + hourMs },
  };
  // As by the request for one of them: the run takes all with it.
  const outcomes = await runErasures({ ...options, store: failing, id: 'e2' });
  expect(outcomes.map(({ id, state, rows }) => [id, state, rows]).sort()).toEqual([
    ['e1', 'done', 1],
    ['e2', 'done', 1],
    ['e3', 'failed', 0],
    ['e4', 'failed', 0],
  ]);
  // One takes out the rows of all, one announces the sealed day again.
  expect(manifestWrites).toBe(2);
  expect((await visibleEvents(store)).join()).toBe('e0,e3,e5');
  expect(await runErasures({ ...options, store, id: 'e2' })).toEqual([]);
  const later = await runErasures({ ...options, store });
  expect(later.find(({ id }) => id === 'e3')).toMatchObject({ state: 'done' });
  expect(later.find(({ id }) => id === 'e4')).toMatchObject({
    state: 'failed',
    message: expect.stringContaining('no definition has the table gone'),
  });
});

test('a table without a definition fails the erasure with a sentence, and the next run tries again', async () => {
  const store = await lake();
  const options = { store, bucket, ledgerKeys, streamRetentionMs: hourMs, deadlineMs: Infinity };
  const outcome = await runErasures({ ...options, eventTypes: [], now: () => noonMs });
  expect(outcome).toMatchObject([{ state: 'failed', message: expect.stringContaining('order') }]);
  expect(await run(store)).toMatchObject([{ state: 'done' }]);
});

test('whatever request it dies at, the next run ends it', async () => {
  const made = await lake();
  const before = (await visibleEvents(made)).filter((event) => event !== 'e4');
  for (let call = 1; call < 90; call += 14) {
    const store = await copyOf(made, { now: () => noonMs });
    await run(new FaultyStore(store, call, call % 2 === 0)).catch(() => []);
    await run(store, noonMs + 2 * hourMs);
    expect(await visibleEvents(store)).toEqual(before);
    const { erasure } = (await readErasure(store, 'e1')) ?? {};
    expect(erasure).toMatchObject({ state: 'done', certificate: { passes: expect.any(Array) } });
  }
});

test('where the bucket keeps versions, those of what was replaced go two days after each pass, and the sealed name at last', async () => {
  const store = await lake();
  const deleted: string[] = [];
  let fails = false;
  const options = {
    versions: {
      delete: (prefix: string) => {
        if (fails) return Promise.reject(new Error('AccessDenied'));
        deleted.push(prefix);
        return Promise.resolve(1);
      },
    },
    joinsOf: { order: ['orders_by_day'] },
  };
  const day = 'dt=2026-11-20';
  const prefixes = [
    ...['query-results/', 'order/errors/', 'incoming-done/order/', 'order/iceberg/'],
    ...['results/orders_by_day/', `order/raw/${day}/`, `order/compacted/${day}/`],
    ...[`order/indexes/${day}/`, `order/filters/${day}/`, `order/manifests/${day}.json`],
  ];
  await run(store, noonMs + hourMs, options);
  expect(await run(store, noonMs + 48 * hourMs, options)).toEqual([]);
  // By now the last pass is due as well; the versions of the first one go before.
  fails = true;
  const atMs = noonMs + 52 * hourMs;
  expect(await run(store, atMs, options)).toMatchObject([
    { id: 'e1', state: 'done', lateMs: hourMs, message: 'AccessDenied' },
  ]);
  fails = false;
  expect(await run(store, atMs, options)).toMatchObject([{ id: 'e1', state: 'done', lateMs: 0 }]);
  expect(deleted.splice(0)).toEqual(prefixes);
  const first = (await readErasure(store, 'e1'))?.erasure;
  expect(first?.certificate?.passes).toMatchObject([
    { versionsGoAtMs: noonMs + 51 * hourMs, versions: { deletedAtMs: atMs, deleted: 10 } },
  ]);
  // The last pass: the name is forgotten, and the record stays open until its versions are gone.
  await run(store, atMs, options);
  const last = (await readErasure(store, 'e1'))?.erasure;
  expect(last?.certificate?.passes).toHaveLength(2);
  expect(last).not.toHaveProperty('sealedSubject');
  expect(await run(store, atMs + 49 * hourMs, options)).toEqual([]);
  expect(await run(store, atMs + 50 * hourMs, options)).toMatchObject([{ state: 'done' }]);
  expect(deleted).toEqual([...prefixes, 'privacy/erasures/e1.json']);
  expect(await listAll(store, 'privacy/erasures/')).toEqual([]);
  const { certificate, signature } = (await readErasure(store, 'e1'))?.erasure ?? {};
  if (!certificate || !signature) throw new Error('there is no certificate');
  expect(isSignedCertificate(ledgerKeys, certificate, signature)).toBe(true);
  expect(await run(store, atMs + 100 * hourMs, options)).toEqual([]);
});

test('reference tables are searched as they were asked for, and told in the certificate', async () => {
  const customers = defineReference({
    name: 'customers',
    subject: 'id',
    schema: { type: 'object', properties: { id: { type: 'string' } } },
  });
  const store = await lake();
  const builder = createRowTableBuilder(referenceColumns(customers));
  for (const id of ['order-4', 'order-5']) builder.append({ id });
  const { bytes } = writeParquet(builder.finish(), referenceLayout);
  await store.put('reference/customers/customers.parquet', bytes);
  await requestErasure(store, ledgerKeys, {
    ...{ id: 'e2', subject: 'order-5', tables: ['order'], references: ['customers'] },
    ...{ suppress: false, requestedAtMs: noonMs },
  });
  const deleted: string[] = [];
  const versions = {
    delete: (prefix: string) => Promise.resolve(deleted.push(prefix)),
  };
  expect(await run(store, noonMs, { versions })).toMatchObject([
    { id: 'e1', state: 'done' },
    {
      ...{ id: 'e2', state: 'failed' },
      message: expect.stringContaining('reference table customers') as unknown,
    },
  ]);
  const references = [customers];
  const outcomes = await run(store, noonMs + 1, { references, versions });
  // Its row of the table went with the first run.
  expect(outcomes.find(({ id }) => id === 'e2')).toMatchObject({ state: 'done', rows: 1 });
  const { erasure } = (await readErasure(store, 'e2')) ?? {};
  expect(erasure?.certificate).toMatchObject({
    references: ['customers'],
    passes: [{ references: [{ reference: 'customers', rows: 1, versions: 0 }] }],
  });
  await run(store, noonMs + 52 * hourMs, { references, versions });
  expect(deleted).toEqual(
    expect.arrayContaining(['reference/customers/', 'reference-versions/customers/']),
  );
});
