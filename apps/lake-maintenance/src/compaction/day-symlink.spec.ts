import {
  MemoryObjectStore,
  parseSymlink,
  readManifest,
  sealedMarkerKey,
  symlinkKey,
  type ObjectStore,
} from '@sluice/lake-layout';
import fc from 'fast-check';
import type { CompactDayOptions } from './compact-day';
import { compactTable } from './compact-table';
import { publishDaySymlink, readDaySymlink } from './day-symlink';
import {
  FaultyStore,
  InjectedFault,
  InterruptedStore,
} from '@sluice/lake-layout/testing/faulty-store';
import {
  bucket,
  compact,
  copyOf,
  date,
  filesOf,
  listAll,
  listedEvents,
  noonMs,
  order,
  orderRow,
  putRaw,
  rawKey,
  visibleEvents,
} from './testing';

const hourMs = 3_600_000;
const dayAfterMs = Date.parse('2026-11-21T12:00:00Z');
const listKey = symlinkKey('order', date);
const markerKey = sealedMarkerKey('order', date);

const callsOf = (store: MemoryObjectStore, operation: string, key: string): number =>
  store.calls.filter((call) => call.operation === operation && call.key === key).length;

const listedKeys = async (store: ObjectStore): Promise<readonly string[]> =>
  parseSymlink(new TextDecoder().decode((await store.get(listKey)).bytes)).map(({ key }) => key);

describe('the list of a day for SQL', () => {
  it('names compacted files, and raw ones that can not be absorbed', async () => {
    const store = new MemoryObjectStore();
    await putRaw(store, 'a', [orderRow(1)]);
    await store.put(rawKey('broken'), new TextEncoder().encode('PAR1 no Parquet PAR1'));
    await compact(store);
    const { manifest } = (await readManifest(store, 'order', date))!;
    expect(await listedKeys(store)).toEqual([manifest.files[0]!.key, rawKey('broken')]);
  });

  it('names a raw file that can not be read until it is taken out, and the day is sealed only then', async () => {
    const store = new MemoryObjectStore();
    const seal = { now: () => dayAfterMs };
    await store.put(rawKey('broken'), new TextEncoder().encode('PAR1 no Parquet PAR1'));
    await compact(store, seal);
    expect(await listedKeys(store)).toEqual([rawKey('broken')]);
    await putRaw(store, 'a', [orderRow(1)]);
    expect(await compact(store, seal)).toMatchObject({ rows: 1, sealed: false, complete: true });
    expect(await listedKeys(store)).toContain(rawKey('broken'));
    await store.delete([rawKey('broken')]);
    expect(await compact(store, seal)).toMatchObject({ rows: 1, sealed: true, refused: [] });
    expect(await listedEvents(store)).toEqual(['e1']);
  });

  it('is emptied where all that the day had is taken out', async () => {
    const store = new MemoryObjectStore();
    await store.put(rawKey('broken'), new TextEncoder().encode('PAR1 no Parquet PAR1'));
    await compact(store);
    await store.delete([rawKey('broken')]);
    await compact(store);
    expect(await listedKeys(store)).toEqual([]);
  });

  it('names raw files where the time is up before any is absorbed', async () => {
    const store = new MemoryObjectStore();
    await putRaw(store, 'a', [orderRow(1)]);
    await compact(store, { deadlineMs: noonMs });
    expect(await listedKeys(store)).toEqual([rawKey('a')]);
  });

  it('costs one request where nothing is new, and one more for each commit', async () => {
    const store = new MemoryObjectStore();
    await putRaw(store, 'a', [orderRow(1)]);
    await compact(store);
    const calls = async (): Promise<readonly string[]> => {
      const before = store.calls.length;
      await compact(store);
      return store.calls
        .slice(before)
        .filter(({ key }) => key === listKey)
        .map(({ operation }) => operation);
    };
    expect(await calls()).toEqual(['get']);
    await putRaw(store, 'b', [orderRow(2)]);
    expect(await calls()).toEqual(['get', 'put', 'put']);
  });
});

describe('a run that fails at any call', () => {
  it.each([
    ['before', false],
    ['after', true],
  ])(
    'leaves a list whose files are there; the next run mends it and announces the day (failing %s the effect)',
    async (_, afterEffect) => {
      const now = (): number => dayAfterMs;
      const made = new MemoryObjectStore({ now });
      await putRaw(made, 'a', [orderRow(1), orderRow(2)]);
      await compact(made, { now, sealAfterMs: 99 * hourMs });
      await putRaw(made, 'b', [orderRow(2), orderRow(3)]);
      await putRaw(made, 'c', [orderRow(4)]);
      const known = await listedEvents(made);
      const events = await visibleEvents(made);
      const options = { now, chooseLayout: filesOf(100) };

      for (let call = 1; ; call++) {
        const store = await copyOf(made, { now });
        const faulty = new FaultyStore(store, call, afterEffect);
        const outcome = await compact(faulty, { ...options, maxStepBytes: 1 }).then(
          () => 'done',
          (error: unknown) => error,
        );
        if (outcome !== 'done') expect(outcome).toBeInstanceOf(InjectedFault);
        expect(await listedEvents(store)).toEqual(expect.arrayContaining([...known]));

        await compactTable({ ...options, store, bucket, eventType: order });
        expect(await listedEvents(store)).toEqual(events);
        expect(callsOf(store, 'put', markerKey)).toBeGreaterThan(0);
        expect((await readManifest(store, 'order', date))?.manifest.announced).toBe(true);
        if (faulty.calls < call) break;
      }
    },
  );
});

describe('two writers of a list', () => {
  it('never leave an older one over a newer one', async () => {
    const store = new MemoryObjectStore();
    const place = { store, bucket, table: 'order', date };
    await putRaw(store, 'a', [orderRow(1)]);
    const seen = await readDaySymlink(place);
    const rawFiles = await listAll(store, `order/raw/`);
    await compact(store);
    const newer = await listedKeys(store);
    await expect(publishDaySymlink(seen, undefined, rawFiles, place)).rejects.toThrow(listKey);
    expect(await listedKeys(store)).toEqual(newer);
  });

  it('agree in the end, wherever one overtakes the other', async () => {
    for (let call = 1, calls = Infinity; call <= calls; call++) {
      const store = new MemoryObjectStore();
      await putRaw(store, 'a', [orderRow(1), orderRow(2)]);
      await compact(store);
      await putRaw(store, 'b', [orderRow(2), orderRow(3)]);
      const interrupted = new InterruptedStore(store, call, async () => {
        await putRaw(store, 'c', [orderRow(4)]);
        await compact(store);
      });
      await compact(interrupted);
      expect(await listedEvents(store)).toEqual(expect.arrayContaining(['e1', 'e2', 'e3']));
      const { manifest } = (await readManifest(store, 'order', date))!;
      const keys = await listedKeys(store);
      expect(keys).toEqual(expect.arrayContaining(manifest.files.map(({ key }) => key)));
      expect(keys.filter((key) => key.includes('/compacted/'))).toHaveLength(manifest.files.length);
      calls = interrupted.calls;
    }
  });
});

describe('a sealed day', () => {
  it('is announced once, and again when its rows change', async () => {
    const store = new MemoryObjectStore();
    const seal = { now: () => dayAfterMs };
    await putRaw(store, 'a', [orderRow(1)]);
    await compact(store);
    expect(callsOf(store, 'put', markerKey)).toBe(0);
    await compact(store, seal);
    await compact(store, seal);
    expect(callsOf(store, 'put', markerKey)).toBe(1);
    await putRaw(store, 'late', [orderRow(2)]);
    await compact(store, seal);
    expect(callsOf(store, 'put', markerKey)).toBe(2);
    const marker = JSON.parse(
      new TextDecoder().decode((await store.get(markerKey)).bytes),
    ) as unknown;
    expect(marker).toEqual({ table: 'order', date, rows: 2, files: 1, sealedAtMs: dayAfterMs });
  });

  it('is announced only once its list is there', async () => {
    const store = new MemoryObjectStore();
    await putRaw(store, 'a', [orderRow(1)]);
    await compact(store, { now: () => dayAfterMs });
    const puts = store.calls.filter(({ operation }) => operation === 'put').map(({ key }) => key);
    expect(puts.indexOf(markerKey)).toBeGreaterThan(puts.lastIndexOf(listKey));
  });
});

type Happening =
  | { readonly kind: 'raw file'; readonly name: number; readonly ids: readonly number[] }
  | {
      readonly kind: 'run';
      readonly failingCall: number;
      readonly failsAfterEffect: boolean;
      readonly stepBytes: number;
      /** Number of times that a step reads the clock until its time is up. */
      readonly ticks: number;
    }
  | { readonly kind: 'time'; readonly hours: number };

const happenings = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant('raw file' as const),
        name: fc.nat(5),
        ids: fc.array(fc.nat(8), { maxLength: 4 }),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant('run' as const),
        failingCall: fc.oneof(fc.constant(Infinity), fc.integer({ min: 1, max: 20 })),
        failsAfterEffect: fc.boolean(),
        stepBytes: fc.constantFrom(1, 100_000),
        ticks: fc.oneof(fc.constant(Infinity), fc.integer({ min: 1, max: 25 })),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('time' as const),
        hours: fc.constantFrom(0.5, 2, 20),
      }),
    },
  ),
  { minLength: 3, maxLength: 14 },
);

test('after a run an engine for SQL sees what a look-up sees, whatever happened before', async () => {
  await fc.assert(
    fc.asyncProperty(happenings, async (history: readonly Happening[]) => {
      let nowMs = noonMs;
      const store = new MemoryObjectStore({ now: () => nowMs });
      const run = (on: ObjectStore, options: Partial<CompactDayOptions>): Promise<unknown> =>
        compactTable({
          store: on,
          bucket,
          eventType: order,
          now: () => nowMs++,
          // Files of two rows, so that a merge can stop halfway.
          chooseLayout: filesOf(2),
          ...options,
        });
      for (const happening of history)
        switch (happening.kind) {
          case 'raw file':
            await putRaw(
              store,
              `f${happening.name}`,
              happening.ids.map((id) => orderRow(id)),
            );
            break;
          case 'time':
            nowMs += happening.hours * hourMs;
            break;
          case 'run':
            await run(new FaultyStore(store, happening.failingCall, happening.failsAfterEffect), {
              maxStepBytes: happening.stepBytes,
              deadlineMs: nowMs + happening.ticks,
            }).catch((error: unknown) => {
              expect((error as Error).cause ?? error).toBeInstanceOf(InjectedFault);
            });
        }
      await run(store, {});
      const isThere = (await listAll(store, 'order/')).some(({ key }) => key !== listKey);
      expect(isThere ? await listedEvents(store) : []).toEqual(await visibleEvents(store));
    }),
    { numRuns: 40 },
  );
});
