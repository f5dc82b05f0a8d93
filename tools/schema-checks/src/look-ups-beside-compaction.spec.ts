import fc from 'fast-check';
import { createRowTableBuilder } from '@sluice/columns';
import { defineEvent, tableColumns } from '@sluice/event-schema';
import { compactDay, reindexTable } from '@sluice/lake-maintenance';
import {
  commitManifest,
  MemoryObjectStore,
  rawPrefix,
  readManifest,
  type GetOptions,
  type LakeDate,
  type ListOptions,
  type ObjectStore,
} from '@sluice/lake-layout';
import { createLookupApi, Hedging } from '@sluice/lookup-api';
import { rawLayout, writeParquet } from '@sluice/parquet-writing';

// Footers, filters and indexes in the manifest, second requests, days of earlier releases: none of it may lose a row or give one twice, whatever
// compaction does in the middle of a look-up.

const visit = defineEvent({
  name: 'visit',
  version: '1.0.0',
  key: 'page',
  identity: 'visitId',
  indexes: ['session'],
  schema: {
    type: 'object',
    required: ['page', 'visitId', 'session'],
    properties: {
      page: { type: 'string' },
      visitId: { type: 'string' },
      session: { type: 'integer' },
    },
  },
});

const startMs = Date.parse('2026-11-20T12:00:00Z');
const minuteMs = 60_000;
/** More than a look-up reads without asking for filters. */
const days = Array.from({ length: 6 }, (_, day): LakeDate => `2026-11-${15 + day}`);
const sessions = 5;
const pages = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];

class Lake {
  nowMs = startMs;
  readonly store = new MemoryObjectStore({ now: () => this.nowMs });
  /** Ids of the visits of each page that were delivered. */
  readonly visits = new Map<string, string[]>();
  /** The same for each session. */
  readonly ofSession = new Map<number, string[]>();
  #files = 0;
  #visits = 0;

  async deliver(date: LakeDate, ofPages: readonly string[]): Promise<void> {
    const builder = createRowTableBuilder(tableColumns(visit));
    const rows = ofPages.map((page) => ({
      page,
      id: `v${++this.#visits}`,
      session: this.#visits % sessions,
    }));
    for (const { page, id, session } of rows)
      builder.append({
        page,
        session,
        visitid: id,
        event_id: id,
        // Long after midnight, so that no day is looked at for copies of another.
        ingested_at: `${date} 10:00:00.000`,
      });
    const { bytes } = writeParquet(builder.finish(), rawLayout);
    await this.store.put(`${rawPrefix('visit', date)}hour=10/${++this.#files}.parquet`, bytes);
    for (const { page, id, session } of rows) {
      this.visits.set(page, [...(this.visits.get(page) ?? []), id].sort());
      this.ofSession.set(session, [...(this.ofSession.get(session) ?? []), id].sort());
    }
  }

  reindex(): Promise<unknown> {
    const now = () => this.nowMs;
    return reindexTable({ store: this.store, eventType: visit, now });
  }

  compact(date: LakeDate, seal: boolean): Promise<unknown> {
    return compactDay({
      store: this.store,
      eventType: visit,
      date,
      seal,
      now: () => this.nowMs,
      chooseLayout: () => ({
        codec: 'zstd',
        rowGroupRows: 4,
        statistics: ['page'],
        fileRows: 8,
      }),
    });
  }

  /** Changes the manifest of a day to what an earlier release would have written. */
  async makeOlder(date: LakeDate): Promise<void> {
    const stored = await readManifest(this.store, 'visit', date);
    if (!stored) return;
    const known = ({ ...members }: object, ...names: readonly string[]): object =>
      Object.fromEntries(Object.entries(members).filter(([name]) => !names.includes(name)));
    const files = stored.manifest.files.map((file) => known(file, 'packedFooter', 'indexed'));
    const older = { ...known(stored.manifest, 'keyFilter', 'indexes'), files };
    await commitManifest(this.store, older as never, stored);
  }
}

/** Runs something in the middle of a look-up, and answers some requests so late that they are sent twice. */
function disturbed(
  lake: Lake,
  plan: { disturbAt: number; disturb: () => Promise<unknown>; requests: number },
): Pick<ObjectStore, 'list' | 'get'> {
  const before = async (): Promise<void> => {
    const request = ++plan.requests;
    if (request === plan.disturbAt) await plan.disturb();
    if (request % 9 === 0) await new Promise((resolve) => setTimeout(resolve, 15));
  };
  return {
    async *list(prefix: string, options?: ListOptions) {
      await before();
      yield* lake.store.list(prefix, options);
    },
    async get(key: string, options?: GetOptions) {
      await before();
      return lake.store.get(key, options);
    },
  };
}

const someDay = fc.nat(days.length - 1).map((index) => days[index] ?? '');
const somePages = fc.array(fc.constantFrom(...pages), { minLength: 1, maxLength: 12 });

const step = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('deliver'), day: someDay, of: somePages }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('compact'), day: someDay, of: somePages }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('seal'), day: someDay, of: somePages }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('reindex'), day: someDay, of: somePages }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('older'), day: someDay, of: somePages }) },
);

it('a look-up gives each row once, whatever compaction does in its middle', async () => {
  let filterReads = 0;
  let hedges = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ step, disturbAt: fc.nat(20) }), { minLength: 6, maxLength: 9 }),
      async (steps) => {
        const lake = new Lake();
        const plan = { disturbAt: 0, disturb: () => Promise.resolve<unknown>(0), requests: 0 };
        const api = createLookupApi({
          eventTypes: [visit],
          store: disturbed(lake, plan),
          // As late as the noise of this process allows, so that many are.
          hedging: new Hedging({ budget: 0.2 }),
          now: () => lake.nowMs,
          onLookup: (_, costs) => (hedges += costs.hedges),
          onError: (error) => {
            throw error;
          },
        });
        const lookUp = async (ids: readonly string[]): Promise<void> => {
          const { body } = await api({
            method: 'POST',
            path: '/v1/events/visit/lookup',
            query: new Map(),
            headers: new Map(),
            body: JSON.stringify({ ids, from: days[0], to: days.at(-1), limit: 1_000 }),
          });
          const { rows } = JSON.parse(String(body)) as {
            rows: { page: string; visitid: string }[];
          };
          for (const id of ids)
            expect(
              rows
                .filter(({ page }) => page === id)
                .map(({ visitid }) => visitid)
                .sort(),
            ).toEqual(lake.visits.get(id) ?? []);
        };
        const lookUpSession = async (session: number): Promise<void> => {
          const { body } = await api({
            method: 'GET',
            path: '/v1/events/visit',
            query: new Map(
              Object.entries({
                session: String(session),
                from: days[0] ?? '',
                to: days.at(-1) ?? '',
                limit: '1000',
              }).map(([name, value]) => [name, [value]]),
            ),
            headers: new Map(),
            body: '',
          });
          const { rows } = JSON.parse(String(body)) as { rows: { visitid: string }[] };
          expect(rows.map(({ visitid }) => visitid).sort()).toEqual(
            lake.ofSession.get(session) ?? [],
          );
        };
        for (const day of days) await lake.deliver(day, ['a', 'h', ...pages.slice(1, 3)]);
        for (const day of days.slice(0, 5)) await lake.compact(day, true);
        await lookUp(pages);
        for (const {
          step: { kind, day, of },
          disturbAt,
        } of steps) {
          if (kind === 'deliver') {
            await lake.deliver(day, of);
            // What comes to a sealed day is seen after the next compaction (docs/lookup.md).
            const stored = await readManifest(lake.store, 'visit', day);
            if (stored?.manifest.sealed === true) await lake.compact(day, false);
          }
          if (kind === 'older') await lake.makeOlder(day);
          plan.requests = 0;
          plan.disturbAt = disturbAt;
          plan.disturb = async () => {
            if (kind === 'compact' || kind === 'seal') await lake.compact(day, kind === 'seal');
            if (kind === 'reindex') await lake.reindex();
          };
          // Beyond the time for which a manifest is trusted.
          lake.nowMs += 6 * minuteMs;
          if (of.length % 2 === 0) await lookUp([of[0] ?? 'a']);
          await lookUpSession(of.length % sessions);
          await lookUp(pages);
        }
        filterReads += lake.store.calls.filter(
          ({ operation, key }) => operation === 'get' && key.startsWith('visit/filters/'),
        ).length;
      },
    ),
    { numRuns: 3, seed: 20_261_120, endOnFailure: true },
  );
  expect(filterReads).toBeGreaterThan(0);
  expect(hedges).toBeGreaterThan(0);
}, 180_000);

/** Seconds for which everything runs at once; `npx nx run schema-checks:look-ups` gives it two minutes. */
const seconds = Number(process.env['SLUICE_LOOKUP_SECONDS'] ?? 1);

it('look-ups by key and index give what was delivered before them, each once, while ingest, compaction, sealing and reindex run beside them', async () => {
  const lake = new Lake();
  const begunMs = Date.now();
  const isOver = (): boolean => Date.now() - begunMs >= seconds * 1_000;
  // Each second is a minute, so that what was replaced is swept meanwhile.
  const clock = setInterval(() => {
    lake.nowMs = startMs + (Date.now() - begunMs) * 60;
  }, 5);
  const problems: string[] = [];
  const done = { deliveries: 0, compactions: 0, reindexes: 0, lookUps: 0 };
  const running = days.at(-1) ?? '';
  for (const day of days.slice(0, -1)) {
    await lake.deliver(day, pages);
    await lake.compact(day, false);
  }
  const api = createLookupApi({
    eventTypes: [visit],
    store: disturbed(lake, { disturbAt: -1, disturb: () => Promise.resolve(), requests: 0 }),
    hedging: new Hedging(),
    now: () => lake.nowMs,
    onError: (error) => void problems.push(String(error)),
  });
  const ask = async (name: 'id' | 'session', value: string): Promise<readonly string[]> => {
    const found: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const parameters = { [name]: value, from: days[0] ?? '', to: running, limit: '1000', cursor };
      const { status, body } = await api({
        method: 'GET',
        path: '/v1/events/visit',
        query: new Map(Object.entries(parameters).map(([key, text]) => [key, [text]])),
        headers: new Map(),
        body: '',
      });
      if (status !== 200) throw new Error(`${status}: ${String(body)}`);
      const page = JSON.parse(String(body)) as {
        readonly rows: readonly { readonly visitid: string }[];
        readonly cursor: string | null;
      };
      found.push(...page.rows.map(({ visitid }) => visitid));
      ({ cursor } = page);
    }
    return found;
  };
  const repeat = async (work: (round: number) => Promise<unknown>, pauseMs: number) => {
    for (let round = 0; round === 0 || (!isOver() && problems.length < 10); round++)
      try {
        await work(round);
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
      } catch (error) {
        problems.push((error as Error).stack ?? String(error));
      }
  };
  const watch = (name: 'id' | 'session') =>
    repeat(async (round) => {
      const session = round % sessions;
      const page = pages[round % pages.length] ?? '';
      const before = (name === 'id' ? lake.visits.get(page) : lake.ofSession.get(session)) ?? [];
      const found = await ask(name, name === 'id' ? page : String(session));
      const once = new Set(found);
      const missing = before.filter((id) => !once.has(id));
      if (missing.length > 0) problems.push(`${name} ${round}: without ${missing.join(', ')}`);
      if (once.size < found.length) problems.push(`${name} ${round}: some row twice`);
      done.lookUps++;
    }, 1);
  await Promise.all([
    repeat(async () => {
      await lake.deliver(running, pages.slice(done.deliveries % 4));
      done.deliveries++;
    }, 60),
    repeat(async (round) => {
      await lake.compact(running, false);
      const day = days[round % days.length] ?? '';
      if (day !== running) await lake.compact(day, true);
      done.compactions++;
    }, 20),
    repeat(async (round) => {
      // Compaction may be faster; then the day stays as it is.
      await lake.makeOlder(days[round % days.length] ?? '').catch(() => undefined);
      await lake.reindex();
      done.reindexes++;
    }, 40),
    watch('id'),
    watch('session'),
    watch('session'),
  ]);
  clearInterval(clock);
  expect(problems).toEqual([]);
  for (const count of Object.values(done)) expect(count).toBeGreaterThan(0);
  if (seconds > 1) console.log(JSON.stringify({ seconds, ...done }));
}, 600_000);
