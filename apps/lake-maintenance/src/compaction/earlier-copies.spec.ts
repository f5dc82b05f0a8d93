import { lakeDate, MemoryObjectStore, readManifest } from '@sluice/lake-layout';
import fc from 'fast-check';
import { FaultyStore, InjectedFault } from '@sluice/lake-layout/testing/faulty-store';
import { announce, compact, filesOf, rawFile, rowsOf, type OrderRow } from './testing';

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

const plain = { chooseLayout: filesOf(100) };

/** Returns the rows of days in their compacted files, including duplicates. */
async function compactedRows(
  store: MemoryObjectStore,
  ...dates: readonly string[]
): Promise<readonly string[]> {
  const found: string[] = [];
  for (const date of dates) {
    const stored = await readManifest(store, 'order', date);
    for (const { key } of stored?.manifest.files ?? [])
      for (const { event_id } of rowsOf((await store.get(key)).bytes))
        found.push(`${date} ${event_id}`);
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
      expect(await compactedRows(store, yesterday, today)).toEqual([
        `${yesterday} e1`,
        `${today} e2`,
      ]);
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
    expect(await compactedRows(store, today)).toEqual([`${today} e3`]);
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
    expect(await compactedRows(store, today)).toEqual([]);
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

  describe('of which the first was delivered last', () => {
    /** Compacts today's file, and then stores the first copy in a file of yesterday. */
    async function compactedBefore(options: { readonly seal: boolean }) {
      let clockMs = Date.parse(`${today}T00:05:00Z`);
      const store = new MemoryObjectStore({ now: () => clockMs });
      await put(store, today, 'b', copy, row('e2', `${today} 00:00:01.000`));
      expect(await compact(store, { ...plain, date: today, ...options })).toMatchObject({
        rows: 2,
      });
      clockMs += 60_000;
      await put(store, yesterday, 'a', first);
      return store;
    }

    it.each([false, true])('counts on the first (second day sealed: %s)', async (seal) => {
      const store = await compactedBefore({ seal });
      expect(await compact(store, { date: yesterday })).toMatchObject({ rows: 1, complete: true });
      expect(await compactedRows(store, yesterday, today)).toEqual([
        `${yesterday} e1`,
        `${today} e2`,
      ]);
      expect((await readManifest(store, 'order', today))?.manifest).toMatchObject({
        sealed: seal,
        announced: false,
        files: [{ rows: 1 }],
      });
    });

    it('is to be told again to who waits for the sealed day', async () => {
      const store = await compactedBefore({ seal: true });
      await announce(store, 'order', today);
      await compact(store, { date: yesterday });
      const { manifest } = (await readManifest(store, 'order', today))!;
      expect(manifest).toMatchObject({ sealed: true, announced: false });
    });

    it('counts on the first whatever call of the compaction fails', async () => {
      for (const afterEffect of [false, true])
        for (let call = 1, isOver = false; !isOver; call++) {
          const store = await compactedBefore({ seal: false });
          try {
            const faulty = new FaultyStore(store, call, afterEffect);
            await compact(faulty, { ...plain, date: yesterday });
            isOver = true;
          } catch (error) {
            expect(error).toBeInstanceOf(InjectedFault);
          }
          await compact(store, { ...plain, date: yesterday });
          await compact(store, { ...plain, date: today });
          expect(await compactedRows(store, yesterday, today)).toEqual([
            `${yesterday} e1`,
            `${today} e2`,
          ]);
        }
    });

    it('leaves files alone that hold no copy', async () => {
      const store = await compactedBefore({ seal: false });
      const before = await readManifest(store, 'order', today);
      await put(store, yesterday, 'a', row('e9', `${yesterday} 23:59:59.900`));
      await compact(store, { date: yesterday });
      expect((await readManifest(store, 'order', today))?.etag).toBe(before?.etag);
    });

    it('counts on the first once the second day is sealed, where clocks differ by hours', async () => {
      const store = new MemoryObjectStore({ now: () => Date.parse(`${yesterday}T20:00:00Z`) });
      await put(store, today, 'b', copy, row('e2', `${today} 00:00:01.000`));
      await compact(store, { ...plain, date: today });
      await put(store, yesterday, 'a', first);
      await compact(store, { ...plain, date: yesterday });
      await compact(store, { ...plain, date: today, seal: true });
      expect(await compactedRows(store, yesterday, today)).toEqual([
        `${yesterday} e1`,
        `${today} e2`,
      ]);
    });

    it('looks at no later day where nothing came late', async () => {
      const store = new MemoryObjectStore({ now: () => Date.parse(`${yesterday}T22:59:59Z`) });
      await put(store, yesterday, 'a', first);
      store.calls.length = 0;
      await compact(store, { date: yesterday });
      expect(JSON.stringify(store.calls)).not.toContain(today);
    });
  });

  it('counts once where a replay that was cut short goes on after midnight', async () => {
    const store = new MemoryObjectStore();
    await put(store, yesterday, 'a', row('e1', '2026-11-15 12:00:00.000'));
    await put(store, today, 'b', row('e1', '2026-11-15 12:00:00.000'));
    await compact(store, { date: today });
    await compact(store, { date: yesterday });
    expect(await compactedRows(store, yesterday, today)).toEqual([`${yesterday} e1`]);
  });

  it('counts once where a replay brings back what was sent again after midnight', async () => {
    const store = new MemoryObjectStore();
    await put(store, '2026-11-16', 'a', row('e1', '2026-11-16 00:00:00.100'));
    await put(store, today, 'b', row('e1', '2026-11-15 23:59:59.900'));
    await compact(store, { date: '2026-11-16' });
    await compact(store, { date: today });
    expect(await compactedRows(store, '2026-11-16', today)).toEqual(['2026-11-16 e1']);
  });

  it('counts once in whatever order it is delivered, compacted, replayed and sealed', async () => {
    const days = [yesterday, today, '2026-11-21'];
    const instant = (iso: string): string =>
      new Date(iso).toISOString().replace('T', ' ').slice(0, -1);
    const action = fc.oneof(
      {
        weight: 3,
        arbitrary: fc.record({
          // Events of the hour around midnight, whose buffers are written minutes later or sooner than others.
          event: fc.integer({ min: 1, max: 5 }),
          minutes: fc.integer({ min: -29, max: 29 }),
          isReplay: fc.boolean(),
        }),
      },
      {
        weight: 2,
        arbitrary: fc.record({ compact: fc.integer({ min: 0, max: 2 }), seal: fc.boolean() }),
      },
    );
    const midnightMs = Date.parse(today);
    await fc.assert(
      fc.asyncProperty(fc.array(action, { minLength: 2, maxLength: 9 }), async (actions) => {
        let clockMs = midnightMs + 25 * 3_600_000;
        const store = new MemoryObjectStore({ now: () => clockMs });
        const firstDays = new Map<string, string>();
        for (const [index, each] of actions.entries()) {
          clockMs += 1_000;
          if ('compact' in each) {
            await compact(store, { ...plain, date: days[each.compact] ?? '', seal: each.seal });
            continue;
          }
          const arrivedMs = midnightMs + each.minutes * 60_000;
          // A replay comes a day later; its row keeps the time at which the event arrived.
          const date = each.isReplay ? '2026-11-21' : lakeDate(arrivedMs);
          const event = `e${each.event}`;
          await put(
            store,
            date,
            `${index}`,
            row(event, instant(new Date(arrivedMs).toISOString()), `k${event}`),
          );
          const known = firstDays.get(event);
          if (known === undefined || date < known) firstDays.set(event, date);
        }
        for (const date of [...days].reverse()) await compact(store, { ...plain, date });
        const found = new Set(await compactedRows(store, ...days));
        expect([...found]).toEqual(
          [...firstDays].map(([event, date]) => `${date} ${event}`).sort(),
        );
      }),
      { numRuns: 12 },
    );
  });
});
