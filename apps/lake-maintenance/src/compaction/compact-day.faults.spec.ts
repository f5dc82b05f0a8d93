import { MemoryObjectStore, readManifest } from '@sluice/lake-layout';
import type { CompactDayOptions } from './compact-day';
import {
  FaultyStore,
  InterruptedStore,
  InjectedFault,
} from '@sluice/lake-layout/testing/faulty-store';
import { compact, copyOf, date, filesOf, orderRow, putRaw, visibleEvents } from './testing';

const hourMs = 3_600_000;
const dayAfterMs = Date.parse('2026-11-21T12:00:00Z');

/** Makes a day with three runs, a replaced file past its grace period, and raw files that are not absorbed yet. */
async function makeBusyDay(): Promise<MemoryObjectStore> {
  let nowMs = dayAfterMs - 2 * hourMs;
  const store = new MemoryObjectStore({ now: () => nowMs });
  const options = { now: () => nowMs, sealAfterMs: 100 * hourMs };
  await putRaw(store, 'a', [orderRow(1), orderRow(2)]);
  await compact(store, options);
  await putRaw(store, 'b', [orderRow(2), orderRow(3), orderRow(4)]);
  await compact(store, options);
  nowMs += hourMs;
  await putRaw(store, 'c', [orderRow(5), orderRow(1)]);
  await putRaw(store, 'd', [orderRow(6), orderRow(7)]);
  return store;
}

const made = makeBusyDay();

async function busyDay(): Promise<{ store: MemoryObjectStore; events: readonly string[] }> {
  const store = await copyOf(await made, { now: () => dayAfterMs - hourMs });
  return { store, events: await visibleEvents(store) };
}

/** Returns the number of calls that an undisturbed run on the busy day makes. */
async function callsOf(options: Partial<CompactDayOptions>): Promise<number> {
  const counted = new InterruptedStore((await busyDay()).store, Infinity, () => Promise.resolve());
  await compact(counted, options);
  return counted.calls;
}

describe('a compaction that fails at any call', () => {
  it.each([
    ['before', false],
    ['after', true],
  ])(
    'leaves the day readable, and the next run goes on (the call failing %s its effect)',
    async (_, afterEffect) => {
      const options = { now: () => dayAfterMs, maxStepBytes: 1, chooseLayout: filesOf(100) };
      const calls = await callsOf(options);
      for (let call = 1; call <= calls; call++) {
        const { store, events } = await busyDay();
        const faulty = new FaultyStore(store, call, afterEffect);
        await expect(compact(faulty, options)).rejects.toThrow(InjectedFault);
        expect(await visibleEvents(store)).toEqual(events);
        await compact(store, options);
        expect(await visibleEvents(store)).toEqual(events);
        const { manifest } = (await readManifest(store, 'order', date))!;
        expect(manifest).toMatchObject({ sealed: true });
        expect(manifest.files.reduce((sum, { rows }) => sum + rows, 0)).toBe(events.length);
      }
    },
  );

  it('leaves files behind that are swept once no run can need them', async () => {
    const { store } = await busyDay();
    const faulty = new FaultyStore(store, 8, false);
    await expect(compact(faulty, { now: () => dayAfterMs })).rejects.toThrow(InjectedFault);
    await compact(store, { now: () => dayAfterMs });
    await compact(store, { now: () => dayAfterMs + 2 * hourMs });
    const keys: string[] = [];
    for await (const { key } of store.list('order/')) keys.push(key);
    const { manifest } = (await readManifest(store, 'order', date))!;
    expect(keys).toEqual(
      [
        ...manifest.files.map(({ key }) => key),
        manifest.keyFilter?.key,
        `order/manifests/dt=${date}.json`,
      ].sort(),
    );
  });
});

describe('two compactions at once', () => {
  it('lose nothing and double nothing, wherever they overtake each other', async () => {
    const options = { now: () => dayAfterMs, chooseLayout: filesOf(100) };
    const calls = await callsOf(options);
    for (let call = 1; call <= calls; call++) {
      const { store, events } = await busyDay();
      // The second one runs as a whole before this call of the first one.
      const interrupted = new InterruptedStore(store, call, async () => {
        await compact(store, options);
      });
      const result = await compact(interrupted, options);
      expect(await visibleEvents(store)).toEqual(events);
      const { manifest } = (await readManifest(store, 'order', date))!;
      expect(manifest.sealed).toBe(true);
      expect(result.rows).toBe(events.length);
    }
  });

  it('started together both end well', async () => {
    const { store, events } = await busyDay();
    const options = { now: () => dayAfterMs };
    const results = await Promise.all([compact(store, options), compact(store, options)]);
    expect(results.map(({ rows }) => rows)).toEqual([events.length, events.length]);
    expect(results.reduce((sum, { conflicts }) => sum + conflicts, 0)).toBeGreaterThan(0);
    expect(await visibleEvents(store)).toEqual(events);
  });
});

describe('a merge that runs out of time', () => {
  it('commits what it has written, and the next run goes on after it', async () => {
    const store = new MemoryObjectStore();
    const keys = Array.from({ length: 300 }, (_, index) => index);
    for (const rest of [0, 1, 2])
      await putRaw(
        store,
        `r${rest}`,
        keys.filter((key) => key % 3 === rest).map((key) => orderRow(key)),
      );
    // Files of 16 rows, and a run for each raw file.
    const options: Partial<CompactDayOptions> = {
      maxStepBytes: 1,
      chooseLayout: filesOf(16),
    };
    await compact(store, { ...options, sealAfterMs: 100 * hourMs });
    const events = await visibleEvents(store);
    expect(events).toHaveLength(keys.length);

    let clockMs = dayAfterMs;
    let rounds = 0;
    for (let sealed = false; !sealed && rounds < 100; rounds++) {
      const deadlineMs = clockMs + 12;
      const result = await compact(store, { ...options, now: () => ++clockMs, deadlineMs });
      expect(await visibleEvents(store)).toEqual(events);
      ({ sealed } = result);
    }
    expect(rounds).toBeGreaterThan(3);
    const { manifest } = (await readManifest(store, 'order', date))!;
    expect(manifest.sealed).toBe(true);
    expect(manifest.files.reduce((sum, { rows }) => sum + rows, 0)).toBe(keys.length);
    const ranges = [...manifest.files].sort((a, b) => (a.minKey < b.minKey ? -1 : 1));
    for (const [index, { maxKey }] of ranges.entries())
      if (ranges[index + 1]) expect(maxKey < ranges[index + 1]!.minKey).toBe(true);
  });
});
