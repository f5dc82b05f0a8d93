import { MemoryObjectStore, rawPrefix } from '@sluice/lake-layout';
import { compactAndPublish, compactDay, TablePublisher } from '@sluice/lake-maintenance';
import { date, order, orderRow, putRaw } from '@sluice/lake-maintenance/testing';
import { DeliveryCount } from './delivered-rows';

test('rows are there for SQL once a snapshot names their files, and not before', async () => {
  const store = new MemoryObjectStore();
  const count = await DeliveryCount.begin(store, 'order');
  await putRaw(store, 'a', [orderRow(1), orderRow(2)]);
  const { signal } = new AbortController();
  expect(await count.wait({ events: 2, patienceMs: 0, signal })).toMatchObject({ rows: 2 });
  // Looks once.
  const isSeen = (): Promise<boolean> => count.waitForSql({ signal: AbortSignal.abort() });
  expect(await isSeen()).toBe(false);
  await compactDay({ store, eventType: order, date });
  expect(await isSeen()).toBe(false);
  const publisher = new TablePublisher({ store, bucket: 'lake', eventType: order });
  await compactAndPublish({ store, publisher });
  expect(await isSeen()).toBe(true);

  await putRaw(store, 'b', [orderRow(3)]);
  expect(await count.wait({ events: 3, patienceMs: 0, signal })).toMatchObject({ rows: 3 });
  await compactDay({ store, eventType: order, date });
  expect(await isSeen()).toBe(false);
  await compactAndPublish({ store, publisher });
  expect(await isSeen()).toBe(true);
});

test('a hidden file among the raw files is no rows, and holds nothing up', async () => {
  const store = new MemoryObjectStore();
  const count = await DeliveryCount.begin(store, 'order');
  await putRaw(store, 'a', [orderRow(1)]);
  await store.put(`${rawPrefix('order', date)}.DS_Store`, Buffer.from('no Parquet'), {});
  const { signal } = new AbortController();
  expect(await count.wait({ events: 1, patienceMs: 0, signal })).toMatchObject({ rows: 1 });
  const publisher = new TablePublisher({ store, bucket: 'lake', eventType: order });
  await compactAndPublish({ store, publisher });
  expect(await count.waitForSql({ signal: AbortSignal.abort() })).toBe(true);
});
