import { defineEvent } from '@sluice/event-schema';
import { createTestApi, jsonOf, today, yesterday, type TestApi } from './testing/test-api';
import type { TestRow } from './testing/test-lake';

const call = defineEvent({
  name: 'call',
  version: '1.0.0',
  key: 'line',
  identity: 'callId',
  time: 'at',
  schema: {
    type: 'object',
    required: ['line', 'callId', 'at'],
    properties: {
      line: { type: 'string' },
      callId: { type: 'string' },
      at: { type: 'string', format: 'date-time' },
      text: { type: 'string' },
    },
  },
});

const dayMs = Date.parse(yesterday);
const clock = (ms: number): string => new Date(ms).toISOString().replace('T', ' ').slice(0, 23);

/** Returns calls of a phone line, one per second, with texts that hardly any codec compresses. */
const calls = (line: string, count: number, startMs = dayMs): readonly TestRow[] =>
  Array.from({ length: count }, (_, index) => {
    const id = `${line}-${String((index * 7_919) % 999_983).padStart(6, '0')}`;
    return {
      line,
      callid: id,
      event_id: id,
      at: clock(startMs + index * 1_000),
      ingested_at: clock(startMs + index * 1_000 + 250),
      text: `${(index * 2_654_435_761) % 4_294_967_296}-${(index * 40_503) % 65_537}`,
    };
  });

const callIds = (rows: readonly TestRow[]): readonly unknown[] =>
  rows.map(({ event_id: id }) => id);

interface HotLine {
  readonly api: TestApi;
  readonly hot: readonly TestRow[];
}

async function createHotLine(): Promise<HotLine> {
  const api = createTestApi(call);
  const hot = calls('L-5', 12_000);
  await api.lake.addCompacted(yesterday, [...calls('L-1', 500), ...hot, ...calls('L-9', 500)]);
  // The footer is known from here on.
  await api.get({ id: 'L-1', date: yesterday, limit: '1' });
  return { api, hot };
}

let hotLine: Promise<HotLine> | undefined;
const withHotLine = (): Promise<HotLine> => (hotLine ??= createHotLine());

const columns = 'event_id';

describe('a key with very many rows in a day', () => {
  it('is read a few row groups a page, at whatever page', async () => {
    const { api, hot } = await withHotLine();
    let cursor = '';
    for (let page = 0; page < 4; page++) {
      api.store.reset();
      const answer = await api.get({ id: 'L-5', date: yesterday, limit: '1000', columns, cursor });
      expect(callIds(answer.rows)).toEqual(callIds(hot.slice(page * 1000, page * 1000 + 1000)));
      expect(api.store.rounds).toBe(1);
      expect(api.store.bytes).toBeLessThan(200 << 10);
      cursor = answer.cursor ?? '';
    }
  });

  it('is read in the middle at once by since, and from the end by order', async () => {
    const { api, hot } = await withHotLine();
    const start = 8_000;
    for (const [parameters, expected] of [
      [{ since: clock(dayMs + start * 1_000) }, hot.slice(start, start + 50)],
      [
        { until: `${clock(dayMs + start * 1_000)}Z`, order: 'desc' },
        hot.slice(start - 50, start).toReversed(),
      ],
      [{ order: 'desc' }, hot.slice(-50).toReversed()],
    ] as const) {
      api.store.reset();
      const answer = await api.get({
        id: 'L-5',
        date: yesterday,
        limit: '50',
        columns,
        ...parameters,
      });
      expect(callIds(answer.rows)).toEqual(callIds(expected));
      expect(api.store.bytes).toBeLessThan(150 << 10);
    }
  });

  it('gives its latest row by one row group, as a key of few rows does', async () => {
    const { api, hot } = await withHotLine();
    for (const [id, last] of [
      ['L-5', hot.at(-1)],
      ['L-9', calls('L-9', 500).at(-1)],
    ] as const) {
      api.store.reset();
      const answer = await api.get({ id, date: yesterday, latest: '1', explain: 'true', columns });
      expect(callIds(answer.rows)).toEqual([last?.['event_id']]);
      expect(answer.cursor).toBeNull();
      expect(api.store.requests).toBe(1);
      expect(api.store.bytes).toBeLessThan(64 << 10);
    }
  });
});

it('asks by the day of the events, and reads no day that has none of it', async () => {
  const api = createTestApi(call);
  const late = calls('L-5', 3, dayMs - 86_400_000);
  await api.lake.addCompacted('2026-11-18', calls('L-5', 5, dayMs - 2 * 86_400_000));
  await api.lake.addCompacted(yesterday, [...calls('L-5', 5), ...late]);
  await api.lake.addCompacted(today, calls('L-5', 5, dayMs + 86_400_000));
  const query = { id: 'L-5', eventDate: '2026-11-18', explain: 'true', columns };
  const answer = await api.get(query);
  expect(callIds(answer.rows)).toEqual(callIds(late));
  expect(answer.explain).toMatchObject({ from: '2026-11-17', filesConsidered: 3, filesPruned: 2 });
});

it.each<[Readonly<Record<string, string>>, RegExp]>([
  [{ since: 'noon' }, /"since" must be a time such as/],
  [{ since: '2026-11-20', until: '2026-11-20' }, /"since" \(2026-11-20\) must be before "until"/],
  [{ order: 'down' }, /"order" must be asc or desc/],
  [{ latest: '3' }, /"latest" must be 1/],
  [{ latest: '1', order: 'asc' }, /"latest" excludes "order"/],
  [{ eventDate: '2026-11-20', since: '2026-11-20' }, /"eventDate" excludes/],
  [{ eventDate: '20.11.' }, /"eventDate" must be a date/],
])('refuses %j with the reason', async (query, message) => {
  const answer = await createTestApi(call).send({ query: { id: 'L-5', ...query } });
  expect(answer.status).toBe(400);
  expect(jsonOf(answer).message).toMatch(message);
});

it('refuses a day of the events where the event type names no time', async () => {
  const answer = await createTestApi().send({ query: { id: 'C-1', eventDate: today } });
  expect(jsonOf(answer).message).toMatch(/policy names none; ask by "date"/);
});

it('refuses a cursor of a release that had another order', async () => {
  const cursor = Buffer.from(JSON.stringify([1, 't', today, today, 'C-1', 'ea'])).toString(
    'base64url',
  );
  const answer = await createTestApi().send({ query: { id: 'C-1', cursor } });
  expect(answer.status).toBe(400);
  expect(jsonOf(answer).message).toMatch(/of an earlier release/);
});

it('gives of many ids the latest row of each, over the pages', async () => {
  const api = createTestApi(call);
  const lines = ['A', 'B', 'C', 'D', 'E'];
  await api.lake.addCompacted(
    yesterday,
    lines.flatMap((line) => calls(line, 10)),
  );
  await api.lake.addRaw(
    today,
    calls('C', 2, dayMs + 86_400_000).map((row) => ({
      ...row,
      event_id: `today ${String(row['at'])}`,
    })),
  );
  const found: unknown[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const { body } = await api.send({
      method: 'POST',
      path: '/v1/events/call/lookup',
      body: JSON.stringify({ ids: lines, latest: true, limit: 2, columns: ['line', 'at'], cursor }),
    });
    const page = JSON.parse(String(body)) as { rows: TestRow[]; cursor: string | null };
    found.push(...page.rows.map(({ line, at }) => `${String(line)} ${String(at)}`));
    cursor = page.cursor;
  }
  expect(found).toEqual(
    lines.map(
      (line) => `${line} ${line === 'C' ? today : yesterday}T00:00:0${line === 'C' ? 1 : 9}.000Z`,
    ),
  );
});
