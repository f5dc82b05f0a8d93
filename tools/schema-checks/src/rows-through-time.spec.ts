import { createRowTableBuilder } from '@sluice/columns';
import { defineEvent, tableColumns } from '@sluice/event-schema';
import { compactDay } from '@sluice/lake-maintenance';
import { MemoryObjectStore, rawPrefix } from '@sluice/lake-layout';
import { createLookupApi } from '@sluice/lookup-api';
import { rawLayout, writeParquet } from '@sluice/parquet-writing';
import fc from 'fast-check';

// Look-ups through time, while compaction works, against a plain filter over all that was stored.

const date = '2026-11-20';
const noonMs = Date.parse(`${date}T12:00:00Z`);

const visit = defineEvent({
  name: 'visit',
  version: '1.0.0',
  key: 'visitor',
  identity: 'visitId',
  time: 'at',
  schema: {
    type: 'object',
    required: ['visitor', 'visitId'],
    properties: {
      visitor: { type: 'string' },
      visitId: { type: 'string' },
      at: { type: 'string', format: 'date-time' },
      note: { type: 'integer' },
    },
  },
});

interface Visit {
  readonly visitor: string;
  readonly event_id: string;
  /** Time of the visit in minutes of the day; null where it has no time of its own. */
  readonly at: number | null;
  readonly arrival: number;
  readonly note: number;
}

const clock = (minute: number): string =>
  new Date(Date.parse(date) + minute * 60_000).toISOString().replace('T', ' ').slice(0, 23);

const momentOf = ({ at, arrival }: Visit): number => at ?? arrival;

/**
 * Returns each event once: the copy that was ingested first; if several were ingested at once, the one with the
 * earliest moment.
 */
function countedVisits(visits: readonly Visit[]): readonly Visit[] {
  const counted = new Map<string, Visit>();
  for (const each of visits) {
    const name = JSON.stringify([each.visitor, each.event_id]);
    const before = counted.get(name);
    const isFirst =
      !before ||
      each.arrival < before.arrival ||
      (each.arrival === before.arrival && momentOf(each) < momentOf(before));
    if (isFirst) counted.set(name, each);
  }
  return [...counted.values()];
}

const compareTexts = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

interface Question {
  readonly visitors: readonly string[];
  readonly since: number | undefined;
  readonly until: number | undefined;
  readonly order: 'asc' | 'desc';
  readonly limit: number;
}

const filtered = (
  visits: readonly Visit[],
  { visitors, since = -Infinity, until = Infinity, order }: Question,
): readonly Visit[] => {
  const direction = order === 'asc' ? 1 : -1;
  return countedVisits(visits)
    .filter((each) => visitors.includes(each.visitor))
    .filter((each) => momentOf(each) >= since && momentOf(each) < until)
    .sort(
      (a, b) =>
        compareTexts(a.visitor, b.visitor) ||
        direction * (momentOf(a) - momentOf(b) || compareTexts(a.event_id, b.event_id)),
    );
};

/** A lake of one day, and the look-up over it. */
class DayLake {
  readonly store = new MemoryObjectStore({ now: () => noonMs });
  readonly api = createLookupApi({
    eventTypes: [visit],
    store: this.store,
    now: () => noonMs,
    onError: (error) => {
      throw error;
    },
  });
  #files = 0;

  async deliver(visits: readonly Visit[]): Promise<void> {
    const builder = createRowTableBuilder(tableColumns(visit));
    for (const { at, arrival, ...rest } of visits)
      builder.append({
        ...rest,
        visitid: rest.event_id,
        at: at === null ? null : clock(at),
        ingested_at: clock(arrival),
      });
    const key = `${rawPrefix('visit', date)}hour=10/${++this.#files}.parquet`;
    await this.store.put(key, writeParquet(builder.finish(), rawLayout).bytes);
  }

  /** Compacts the day. @param steps largest number of steps */
  async compact({ steps, groupRows }: { readonly steps: number; readonly groupRows: number }) {
    let left = steps * 2;
    await compactDay({
      store: this.store,
      eventType: visit,
      date,
      // The clock is asked before each step, and in it.
      now: () => noonMs + (left-- > 0 ? 0 : 1),
      deadlineMs: noonMs + 1,
      maxStepBytes: 1,
      chooseLayout: () => ({
        codec: 'zstd',
        rowGroupRows: groupRows,
        statistics: ['visitor', 'at', 'ingested_at'],
        fileRows: groupRows * 3,
      }),
    });
  }

  async ask(parameters: Readonly<Record<string, string | undefined>>, ids: readonly string[]) {
    const members = Object.entries(parameters).filter(([, value]) => value !== undefined);
    const { body, status } = await this.api({
      method: 'POST',
      path: '/v1/events/visit/lookup',
      query: new Map(),
      headers: new Map(),
      body: JSON.stringify({
        ids,
        date,
        columns: ['visitor', 'event_id', 'note'],
        ...Object.fromEntries(members),
      }),
    });
    if (status !== 200) throw new Error(String(body));
    return JSON.parse(String(body)) as {
      readonly rows: readonly Pick<Visit, 'visitor' | 'event_id' | 'note'>[];
      readonly cursor: string | null;
    };
  }
}

const asked = ({ visitor, event_id, note }: Pick<Visit, 'visitor' | 'event_id' | 'note'>): string =>
  `${visitor} ${event_id} ${note}`;

/**
 * Visitors. Most visits belong to one of them, so that its rows span row groups, files and runs; many visits arrive
 * again, and not always with the same time.
 */
const visitor = fc.oneof(
  { weight: 5, arbitrary: fc.constant('v5') },
  { weight: 2, arbitrary: fc.constantFrom('v1', 'v2', 'v7', 'v9') },
);
const minute = fc.integer({ min: 0, max: 90 });
const delivery = fc.array(
  fc
    .record({
      visitor,
      event_id: fc.integer({ min: 0, max: 60 }).map((id) => `e${String(id).padStart(2, '0')}`),
      at: fc.option(minute, { freq: 4 }),
      arrival: minute,
    })
    .map((visit): Visit => {
      const { at, arrival } = visit;
      // Tells copies apart that differ in what decides which of them counts. Of others either may be shown.
      return { ...visit, note: arrival * 1_000 + (at ?? arrival) };
    }),
  { minLength: 1, maxLength: 40 },
);
const question: fc.Arbitrary<Question> = fc.record({
  visitors: fc.oneof(fc.constant(['v5']), fc.subarray(['v1', 'v2', 'v5', 'v7'], { minLength: 1 })),
  since: fc.option(minute, { nil: undefined }),
  until: fc.option(
    minute.map((value) => value + 91),
    { nil: undefined },
  ),
  order: fc.constantFrom('asc' as const, 'desc' as const),
  limit: fc.integer({ min: 1, max: 20 }),
});

it('gives what a plain filter gives, over all pages, while compaction moves the rows', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(delivery, { minLength: 1, maxLength: 5 }),
      question,
      fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 30, maxLength: 30 }),
      fc.integer({ min: 2, max: 9 }),
      async (deliveries, wanted, steps, groupRows) => {
        const lake = new DayLake();
        for (const visits of deliveries) await lake.deliver(visits);
        const [before = 0, ...between] = steps;
        await lake.compact({ steps: before, groupRows });
        const found: string[] = [];
        let cursor: string | null = '';
        for (let page = 0; cursor !== null && page < 300; page++) {
          const answer = await lake.ask(
            {
              since: wanted.since === undefined ? undefined : `${clock(wanted.since)}Z`,
              until: wanted.until === undefined ? undefined : `${clock(wanted.until)}Z`,
              order: wanted.order,
              limit: String(wanted.limit),
              cursor: cursor === '' ? undefined : cursor,
            },
            wanted.visitors,
          );
          found.push(...answer.rows.map(asked));
          cursor = answer.cursor;
          await lake.compact({ steps: between[page] ?? 0, groupRows });
        }
        expect(found).toEqual(filtered(deliveries.flat(), wanted).map(asked));
      },
    ),
    { numRuns: 10 },
  );
});

it('gives of each id the latest row, whatever stage of compaction', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(delivery, { minLength: 1, maxLength: 4 }),
      fc.subarray(['v1', 'v2', 'v5', 'v7', 'v9'], { minLength: 1 }),
      fc.integer({ min: 0, max: 4 }),
      async (deliveries, visitors, steps) => {
        const lake = new DayLake();
        for (const visits of deliveries) await lake.deliver(visits);
        await lake.compact({ steps, groupRows: 4 });
        const all = {
          visitors,
          since: undefined,
          until: undefined,
          order: 'desc',
          limit: 1,
        } as const;
        const latest = new Map<string, Visit>();
        for (const each of filtered(deliveries.flat(), all))
          if (!latest.has(each.visitor)) latest.set(each.visitor, each);
        const { rows } = await lake.ask({ latest: '1' }, visitors);
        expect(rows.map(asked)).toEqual([...latest.values()].map(asked));
      },
    ),
    { numRuns: 10 },
  );
});
