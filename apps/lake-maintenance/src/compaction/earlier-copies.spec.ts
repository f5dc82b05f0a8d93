import { MemoryObjectStore, parseSymlink, readManifest, symlinkKey } from '@sluice/lake-layout';
import { bucket, compact, order, rawFile, rowsOf, type OrderRow } from './testing';

const yesterday = '2026-11-19';
const today = '2026-11-20';

const row = (event: string, ingested_at: string, id = 'order-1'): OrderRow => ({
  id,
  event_id: event,
  amount: 1,
  ingested_at,
});

const put = (store: MemoryObjectStore, date: string, name: string, ...rows: readonly OrderRow[]) =>
  store.put(
    `order/raw/dt=${date}/hour=00/${name}.parquet`,
    rawFile(rows.map((each) => ({ ...each }))),
  );

/** The rows of the days as an engine for SQL finds them: by their lists of files, with duplicates. */
async function listedRows(
  store: MemoryObjectStore,
  ...dates: readonly string[]
): Promise<readonly string[]> {
  const found: string[] = [];
  for (const date of dates) {
    const { bytes } = await store.get(symlinkKey('order', date));
    for (const file of parseSymlink(new TextDecoder().decode(bytes))) {
      expect(file.bucket).toBe(bucket);
      for (const { event_id } of rowsOf((await store.get(file.key)).bytes))
        found.push(`${date} ${event_id}`);
    }
  }
  return found.sort();
}

describe('an event that arrived on two days', () => {
  const first = row('e1', `${yesterday} 23:59:59.900`);
  const copy = row('e1', `${today} 00:00:00.100`);

  it('counts on the first, whether that is compacted or not', async () => {
    for (const isCompacted of [true, false]) {
      const store = new MemoryObjectStore();
      await put(store, yesterday, 'a', first);
      await put(store, today, 'b', copy, row('e2', `${today} 00:00:01.000`));
      if (isCompacted) await compact(store, { date: yesterday });
      expect(await compact(store, { date: today })).toMatchObject({ rows: 1, complete: true });
      await compact(store, { date: yesterday });
      expect(await listedRows(store, yesterday, today)).toEqual([`${yesterday} e1`, `${today} e2`]);
    }
  });

  it('counts on the first where a replay brings it back days later', async () => {
    const store = new MemoryObjectStore();
    await put(store, '2026-11-15', 'a', row('e1', '2026-11-15 12:00:00.000'));
    // The buffer was open at midnight: it lies under the day before.
    await put(store, '2026-11-16', 'b', row('e2', '2026-11-17 00:00:01.000'));
    await put(
      store,
      today,
      'c',
      row('e1', '2026-11-15 12:00:00.000'),
      row('e2', '2026-11-17 00:00:01.000'),
      row('e3', '2026-11-15 12:00:00.000'),
    );
    expect(await compact(store, { date: today })).toMatchObject({ rows: 1, complete: true });
    expect(await listedRows(store, today)).toEqual([`${today} e3`]);
  });

  it('leaves a day without files where all of its rows are copies', async () => {
    const store = new MemoryObjectStore();
    await put(store, yesterday, 'a', first);
    await put(store, today, 'b', copy);
    expect(await compact(store, { date: today, seal: true })).toMatchObject({
      rows: 0,
      sealed: true,
    });
    expect((await readManifest(store, 'order', today))?.manifest.files).toEqual([]);
    expect(await listedRows(store, today)).toEqual([]);
  });

  it('is another event under another key', async () => {
    const store = new MemoryObjectStore();
    await put(store, yesterday, 'a', first);
    await put(store, today, 'b', row('e1', `${today} 00:00:00.100`, 'order-2'));
    expect(await compact(store, { date: today })).toMatchObject({ rows: 1 });
  });

  it('counts on both where the second came later than an hour after midnight', async () => {
    const store = new MemoryObjectStore();
    await put(store, yesterday, 'a', first);
    await put(store, today, 'b', row('e1', `${today} 01:00:00.000`));
    expect(await compact(store, { date: today })).toMatchObject({ rows: 1 });
  });

  it('goes with its later copies on the same day', async () => {
    const store = new MemoryObjectStore();
    await put(store, yesterday, 'a', first);
    await put(store, today, 'b', copy, row('e1', `${today} 12:00:00.000`));
    expect(await compact(store, { date: today })).toMatchObject({ rows: 0 });
  });

  it('reads no other day for rows that came later', async () => {
    const store = new MemoryObjectStore();
    await put(store, yesterday, 'a', first);
    await put(store, today, 'b', row('e2', `${today} 01:00:00.000`));
    store.calls.length = 0;
    await compact(store, { date: today });
    expect(JSON.stringify(store.calls)).not.toContain(yesterday);
  });

  it('counts on the first where that was delivered last, once the second day is sealed', async () => {
    const store = new MemoryObjectStore();
    await put(store, today, 'b', copy, row('e2', `${today} 00:00:01.000`));
    expect(await compact(store, { date: today, eventType: order })).toMatchObject({ rows: 2 });
    await put(store, yesterday, 'a', first);
    await compact(store, { date: yesterday });
    expect(await compact(store, { date: today, seal: true })).toMatchObject({
      rows: 1,
      sealed: true,
    });
    expect(await listedRows(store, yesterday, today)).toEqual([`${yesterday} e1`, `${today} e2`]);
  });
});
