import { MemoryObjectStore, readManifest, type ObjectStore } from '@sluice/lake-layout';
import { FaultyStore, InterruptedStore } from '@sluice/lake-layout/testing/faulty-store';
import {
  bucket,
  compact,
  copyOf,
  date,
  filesOf,
  noonMs,
  order,
  orderRow,
  putRaw,
} from '../compaction/testing';
import { TablePublisher } from './table-publisher';
import { lookedUpRows, publishedRows } from './testing';

const publisherOf = (store: ObjectStore) =>
  new TablePublisher({ store, bucket, eventType: order, now: () => noonMs });

async function publish(publisher: TablePublisher, store: ObjectStore) {
  await publisher.open();
  const stored = await readManifest(store, 'order', date);
  if (stored) publisher.see(stored.manifest);
  return publisher.publish();
}

/** Makes a published day, and an unpublished change of it with an event that was delivered twice. */
async function changedDay() {
  const store = new MemoryObjectStore({ now: () => noonMs });
  await putRaw(store, 'a', [orderRow(1), orderRow(2)]);
  await compact(store, { maxStepBytes: 1, chooseLayout: filesOf(100) });
  await publish(publisherOf(store), store);
  const before = await publishedRows(store);
  await putRaw(store, 'b', [orderRow(2), orderRow(3)]);
  await compact(store, { maxStepBytes: 1, chooseLayout: filesOf(100) });
  return { store, before, after: await lookedUpRows(store) };
}

const made = changedDay();

async function day() {
  const { store, before, after } = await made;
  return { store: await copyOf(store, { now: () => noonMs }), before, after };
}

async function callsOf(run: (store: ObjectStore) => Promise<unknown>): Promise<number> {
  const counted = new InterruptedStore((await day()).store, Infinity, () => Promise.resolve());
  await run(counted);
  return counted.calls;
}

describe('a publisher that is killed at any request', () => {
  it.each([
    ['before', false],
    ['after', true],
  ])(
    'leaves a whole table, and the next run brings it up to date (killed %s its effect)',
    async (_, afterEffect) => {
      const calls = await callsOf((store) => publish(publisherOf(store), store));
      expect(calls).toBeGreaterThan(10);
      for (let call = 1; call <= calls; call++) {
        const { store, before, after } = await day();
        const faulty = new FaultyStore(store, call, afterEffect);
        const killed = publisherOf(faulty);
        const result = await publish(killed, faulty).catch(() => ({ fault: 'killed' }));
        expect(result).toHaveProperty('fault');
        expect([before, after]).toContainEqual(await publishedRows(store));
        // The same process goes on where a request failed; another one where it died.
        const next = call % 2 ? killed : publisherOf(store);
        expect(await publish(next, store)).toMatchObject({ lagMs: 0 });
        expect(await publishedRows(store)).toEqual(after);
      }
    },
  );
});

describe('two publishers at once', () => {
  it('never take the table back, wherever they overtake each other', async () => {
    const calls = await callsOf((store) => publish(publisherOf(store), store));
    for (let call = 1; call <= calls; call++) {
      const { store } = await day();
      // The second one sees a later state of the day, and publishes it before this request of the first one.
      const interrupted = new InterruptedStore(store, call, async () => {
        await putRaw(store, 'c', [orderRow(1), orderRow(4)]);
        await compact(store, { maxStepBytes: 1, chooseLayout: filesOf(100) });
        await publish(publisherOf(store), store);
      });
      expect(await publish(publisherOf(interrupted), interrupted)).not.toHaveProperty('fault');
      expect(await publishedRows(store)).toEqual(await lookedUpRows(store));
    }
  });
});

describe('a commit', () => {
  it('costs six requests for a day that changed, and none where nothing did', async () => {
    const store = new MemoryObjectStore({ now: () => noonMs });
    const publisher = publisherOf(store);
    await putRaw(store, 'a', [orderRow(1)]);
    await compact(store);
    await publish(publisher, store);
    await putRaw(store, 'b', [orderRow(2)]);
    await compact(store);
    const { manifest } = (await readManifest(store, 'order', date))!;
    const calls = async () => {
      const before = store.calls.length;
      await publisher.open();
      publisher.see(manifest);
      await publisher.publish();
      return store.calls.slice(before).map(({ operation }) => operation);
    };
    // The footer of the new file; manifest, list, metadata and hint.
    expect(await calls()).toEqual(['get', 'put', 'put', 'put', 'put']);
    expect(await calls()).toEqual([]);
  });
});
