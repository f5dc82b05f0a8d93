import { MemoryObjectStore, readManifest, type ObjectStore } from '@sluice/lake-layout';
import { assert, asyncProperty, array, boolean, constantFrom, integer, record } from 'fast-check';
import {
  bucket,
  compact,
  date,
  filesOf,
  noonMs,
  order,
  orderRow,
  putRaw,
  type OrderRow,
} from '../compaction/testing';
import { TablePublisher } from './table-publisher';
import { lookedUpRows, publishedRows, readByIcebird, stopIcebird } from './testing';

afterAll(stopIcebird);

const publisherOf = (store: ObjectStore, now = () => noonMs) =>
  new TablePublisher({ store, bucket, eventType: order, now });

/** Runs the publisher once after some days were read. */
async function publish(publisher: TablePublisher, store: ObjectStore, dates = [date]) {
  await publisher.open();
  for (const each of dates) {
    const stored = await readManifest(store, 'order', each);
    if (stored) publisher.see(stored.manifest);
  }
  return publisher.publish();
}

const dayAfterMs = noonMs + 24 * 3_600_000;

/** Merges files step by step, a limited number of rows in each, as if every call ran out of time. */
async function mergeHalfway(store: ObjectStore): Promise<void> {
  let clockMs = dayAfterMs;
  await compact(store, {
    maxStepBytes: 1,
    chooseLayout: filesOf(4),
    now: () => ++clockMs,
    deadlineMs: dayAfterMs + 12,
  });
}

describe('a published table', () => {
  it('is read by an engine that is not ours, row by row', async () => {
    const store = new MemoryObjectStore({ now: () => noonMs });
    await putRaw(
      store,
      'a',
      [1, 2, 3].map((id) => orderRow(id)),
    );
    await compact(store, { maxStepBytes: 1 });
    const late = { ...orderRow(2), amount: 99, ingested_at: '2026-11-20 11:00:00.000' };
    await putRaw(store, 'b', [late, orderRow(4)]);
    await compact(store, { maxStepBytes: 1 });
    expect(await publish(publisherOf(store), store)).toMatchObject({
      days: [date],
      lagMs: 0,
      conflicts: 0,
    });
    const rows = await readByIcebird(store, { bucket, table: 'order' });
    expect(rows.map(({ id, amount }) => [id, amount]).sort()).toEqual([
      ['order-1', 10n],
      ['order-2', 20n],
      ['order-3', 30n],
      ['order-4', 40n],
    ]);
  });

  it('has each event once, whatever the runs of a day hold twice and wherever a merge stopped', async () => {
    const row = record({ id: integer({ min: 0, max: 40 }), second: integer({ min: 0, max: 9 }) });
    const step = record({
      rows: array(row, { maxLength: 24 }),
      then: constantFrom('absorb', 'merge', 'seal'),
      cold: boolean(),
    });
    await assert(
      asyncProperty(array(step, { minLength: 1, maxLength: 7 }), async (steps) => {
        const store = new MemoryObjectStore({ now: () => noonMs });
        let publisher = publisherOf(store);
        for (const [index, { rows, then, cold }] of steps.entries()) {
          await putRaw(
            store,
            `raw-${index}`,
            rows.map(({ id, second }): OrderRow => ({
              ...orderRow(id),
              amount: index * 1000 + id,
              ingested_at: `2026-11-20 10:0${index}:0${second}.000`,
            })),
          );
          const options = { maxStepBytes: 1, chooseLayout: filesOf(4) };
          if (then === 'absorb') await compact(store, options);
          else if (then === 'merge') await mergeHalfway(store);
          else await compact(store, { ...options, seal: true });
          if (cold) publisher = publisherOf(store);
          expect(await publish(publisher, store)).not.toHaveProperty('fault');
          expect(await publishedRows(store)).toEqual(await lookedUpRows(store));
        }
      }),
      { numRuns: 6 },
    );
  });
});
