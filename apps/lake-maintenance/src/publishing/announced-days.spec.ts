import {
  MemoryObjectStore,
  readManifest,
  sealedMarkerKey,
  type ObjectStore,
} from '@sluice/lake-layout';
import { FaultyStore, InjectedFault } from '@sluice/lake-layout/testing/faulty-store';
import fc from 'fast-check';
import type { CompactDayOptions } from '../compaction/compact-day';
import {
  bucket,
  copyOf,
  date,
  filesOf,
  noonMs,
  order,
  orderRow,
  putRaw,
} from '../compaction/testing';
import { compactAndPublish } from './compact-and-publish';
import type { CatalogPointer } from './newest-version';
import { TablePublisher } from './table-publisher';
import { lookedUpRows, publishedRows } from './testing';

const hourMs = 3_600_000;
const dayAfterMs = Date.parse('2026-11-21T12:00:00Z');
const markerKey = sealedMarkerKey('order', date);

/** Compacts and publishes the table in a process that remembers nothing. */
const run = (
  store: ObjectStore,
  { catalog, ...options }: Partial<CompactDayOptions> & { readonly catalog?: CatalogPointer } = {},
) => {
  const { now = () => dayAfterMs } = options;
  const publisher = new TablePublisher({
    ...{ store, bucket, eventType: order, now },
    ...(catalog && { catalog }),
  });
  return compactAndPublish({ store, now, chooseLayout: filesOf(100), ...options, publisher });
};

const markersOf = (store: MemoryObjectStore): number =>
  store.calls.filter(({ operation, key }) => operation === 'put' && key === markerKey).length;

describe('a sealed day', () => {
  it('is announced once, and again when its rows change', async () => {
    const store = new MemoryObjectStore();
    await putRaw(store, 'a', [orderRow(1)]);
    await run(store, { now: () => noonMs });
    expect(markersOf(store)).toBe(0);
    await run(store);
    await run(store);
    expect(markersOf(store)).toBe(1);
    await putRaw(store, 'late', [orderRow(2)]);
    await run(store);
    expect(markersOf(store)).toBe(2);
    const { bytes } = await store.get(markerKey);
    const marker = JSON.parse(new TextDecoder().decode(bytes)) as unknown;
    expect(marker).toEqual({ table: 'order', date, rows: 2, files: 1, sealedAtMs: dayAfterMs });
  });

  it('is announced only once SQL sees it, by the pointers of the store and of the catalog', async () => {
    const store = new MemoryObjectStore();
    await putRaw(store, 'a', [orderRow(1)]);
    let reached = false;
    const catalog: CatalogPointer = {
      point: () => (reached ? Promise.resolve() : Promise.reject(new Error('down'))),
    };
    expect((await run(store, { catalog })).published.fault).toContain('down');
    expect(markersOf(store)).toBe(0);
    reached = true;
    expect((await run(store, { catalog })).published).not.toHaveProperty('fault');
    expect(markersOf(store)).toBe(1);
    const puts = store.calls.filter(({ operation }) => operation === 'put').map(({ key }) => key);
    expect(puts.indexOf(markerKey)).toBeGreaterThan(
      puts.lastIndexOf('order/iceberg/metadata/version-hint.text'),
    );
  });
});

it.each([
  ['before', false],
  ['after', true],
])(
  'a run that fails at any call %s its effect leaves what SQL saw; the next one repairs it and announces the day',
  async (_, afterEffect) => {
    const made = new MemoryObjectStore({ now: () => dayAfterMs });
    await putRaw(made, 'a', [orderRow(1), orderRow(2)]);
    await run(made, { sealAfterMs: 99 * hourMs });
    await putRaw(made, 'b', [orderRow(2), orderRow(3)]);
    await putRaw(made, 'c', [orderRow(4)]);
    const known = await publishedRows(made);
    for (let call = 1; ; call++) {
      const store = await copyOf(made, { now: () => dayAfterMs });
      const faulty = new FaultyStore(store, call, afterEffect);
      await run(faulty, { maxStepBytes: 1 }).catch((error: unknown) => {
        expect((error as Error).cause ?? error).toBeInstanceOf(InjectedFault);
      });
      expect(await publishedRows(store)).toEqual(expect.arrayContaining([...known]));
      await run(store);
      expect(await publishedRows(store)).toEqual(await lookedUpRows(store));
      expect(await publishedRows(store)).toHaveLength(4);
      expect(markersOf(store)).toBeGreaterThan(0);
      expect((await readManifest(store, 'order', date))?.manifest.announced).toBe(true);
      if (faulty.calls < call) break;
    }
  },
);

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

const aRun = (options: Partial<Extract<Happening, { kind: 'run' }>>): Happening => ({
  ...{ kind: 'run', failingCall: Infinity, failsAfterEffect: false, stepBytes: 1, ticks: Infinity },
  ...options,
});

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
        failingCall: fc.oneof(fc.constant(Infinity), fc.integer({ min: 1, max: 30 })),
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

/**
 * Returns a run that dies between a version and its hint, at one of a few calls, and one that cleans up hours later
 * though it could not compact: still by the version before, it deleted what the later one names.
 */
const unhintedVersion = (failingCall: number, laterFailingCall: number): readonly Happening[] => [
  aRun({ ticks: 1 }),
  { kind: 'raw file', name: 0, ids: [0, 1, 2] },
  aRun({ failingCall }),
  { kind: 'time', hours: 2 },
  aRun({ failingCall: laterFailingCall, ticks: 4 }),
  { kind: 'raw file', name: 0, ids: [] },
  { kind: 'time', hours: 0.5 },
];

test('after a run SQL sees what a look-up sees, whatever happened before', async () => {
  await fc.assert(
    fc.asyncProperty(happenings, async (history: readonly Happening[]) => {
      let nowMs = noonMs;
      const store = new MemoryObjectStore({ now: () => nowMs });
      // Files of two rows, so that a merge can stop halfway.
      const options = { now: () => nowMs++, chooseLayout: filesOf(2) };
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
              ...options,
              maxStepBytes: happening.stepBytes,
              deadlineMs: nowMs + happening.ticks,
            }).catch((error: unknown) => {
              expect((error as Error).cause ?? error).toBeInstanceOf(InjectedFault);
            });
        }
      expect((await run(store, options)).published).not.toHaveProperty('fault');
      expect(await publishedRows(store)).toEqual(await lookedUpRows(store));
    }),
    {
      numRuns: 40,
      examples: [20, 21, 22, 23].flatMap((call) =>
        [4, 5, 6, 7].map((later): [readonly Happening[]] => [unhintedVersion(call, later)]),
      ),
    },
  );
});
