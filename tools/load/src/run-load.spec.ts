import { defineEvent } from '@sluice/event-schema';
import type { Outcome } from '@sluice/ingest-client';
import { markedEvent, markMember, type MarkedEvent, type Row } from '@sluice/verify';
import { costRefusal, planLoad, type LoadPlan } from './plan';
import { isFaulty, reportText, summary, type Report } from './report';
import {
  dueEvents,
  longestRunMs,
  percentile,
  runLoad,
  type LoadPorts,
  type LoadResult,
} from './run-load';
import { FakeClock } from './testing/fake-clock';

const orders = defineEvent({
  name: 'order',
  version: '1.0.0',
  key: 'id',
  schema: { type: 'object', required: ['id'], properties: { id: { type: 'integer' } } },
});

const request = {
  eventsPerSecond: 100,
  minutes: 1,
  lookupsPerSecond: 5,
  eventBytes: 600,
  eventTypes: 1,
  region: 'us-east-1',
  streams: 'provisioned',
  fewestShards: 1,
  requestsPerSecond: 5_000,
} as const;
const plan: LoadPlan = planLoad(request);
const shortPlan: LoadPlan = planLoad({ ...request, minutes: 0.2 });

interface World {
  /** Returns the gateway's answer to an event. */
  readonly answer?: (number: number) => Outcome;
  /** Milliseconds until the gateway accepts an event; Infinity where it never answers. */
  readonly acceptAfterMs?: number;
  /** Milliseconds from the acceptance of an event until its row exists; undefined for never. */
  readonly rowAfterMs?: (number: number) => number | undefined;
  readonly lookUp?: (nowMs: number, find: () => readonly Row[]) => readonly Row[];
  /** Milliseconds of a look-up; Infinity where the look-up API never answers. */
  readonly lookUpMs?: number;
  readonly interruptAtMs?: number;
  readonly plan?: LoadPlan;
}

async function runIn({
  answer = () => ({ status: 'accepted' }),
  acceptAfterMs = 200,
  rowAfterMs = () => 2_000,
  lookUp = (_, find) => find(),
  lookUpMs = 30,
  interruptAtMs,
  plan: given = plan,
}: World = {}): Promise<{ readonly result: LoadResult; readonly sentAtMs: readonly number[] }> {
  const clock = new FakeClock();
  const sentAtMs: number[] = [];
  const rows: { readonly key: string; readonly row: Row; readonly atMs: number }[] = [];
  const settled: Promise<void>[] = [];
  const abort = new AbortController();
  if (interruptAtMs !== undefined) void clock.sleep(interruptAtMs).then(() => abort.abort());
  const ports: LoadPorts = {
    event: (eventType, number) =>
      markedEvent({ eventType, variant: 'full', mark: 'm', number, startedAtMs: 0 }),
    send: (event, tell) => {
      const number = sentAtMs.push(clock.nowMs()) - 1;
      settled.push(
        orNever(acceptAfterMs, clock).then(() => {
          const outcome = answer(number);
          const afterMs = outcome.status === 'accepted' ? rowAfterMs(number) : undefined;
          if (afterMs !== undefined)
            rows.push({ key: event.key, row: rowOf(event), atMs: clock.nowMs() + afterMs });
          tell(outcome);
        }),
      );
    },
    drain: async () => {
      await Promise.all(settled);
    },
    lookUp: async (_, ids) => {
      await orNever(lookUpMs, clock);
      const nowMs = clock.nowMs();
      return lookUp(nowMs, () =>
        rows.filter(({ key, atMs }) => ids.includes(key) && atMs <= nowMs).map(({ row }) => row),
      );
    },
    clock,
  };
  const result = await clock.run(
    runLoad(
      {
        plan: given,
        eventTypes: [orders],
        eventsPerSecond: request.eventsPerSecond,
        lookupsPerSecond: request.lookupsPerSecond,
        deliveryMs: 10_000,
        pollMs: 250,
        signal: abort.signal,
      },
      ports,
    ),
  );
  return { result, sentAtMs };
}

const orNever = (ms: number, clock: FakeClock): Promise<void> =>
  ms === Infinity ? new Promise(() => undefined) : clock.sleep(ms);

const rowOf = ({ text }: MarkedEvent): Row => {
  const { [markMember]: mark } = JSON.parse(text) as Readonly<Record<string, unknown>>;
  return { unmapped: JSON.stringify({ [markMember]: mark }) };
};

const reportOf = (result: LoadResult): string => {
  const report: Report = {
    target: 'here',
    startedAt: '2026-11-27T00:00:00.000Z',
    mark: 'm',
    warnings: [],
    cost: { ...plan.cost, isBilled: true },
    ...result,
  };
  return reportText(report);
};

test('events are due by the clock alone', () => {
  expect([0, 5, 10, 59_995, 60_000, 70_000].map((ms) => dueEvents(plan, ms))).toEqual([
    0, 0, 1, 5_999, 6_000, 6_000,
  ]);
});

test('a run sends at its rate, finds the rows, and looks up meanwhile', async () => {
  const { result, sentAtMs } = await runIn();
  expect(result.events).toEqual({
    asked: 6_000,
    sent: 6_000,
    heldBack: 0,
    accepted: 6_000,
    refused: {},
    unsettled: 0,
    perSecond: expect.closeTo(100, 0) as number,
  });
  // In every second as many as in every other.
  for (let second = 0; second < 60; second++)
    expect(
      Math.abs(
        sentAtMs.filter((ms) => ms >= second * 1_000 && ms < (second + 1) * 1_000).length - 100,
      ),
    ).toBeLessThanOrEqual(3);
  expect(result.rows).toMatchObject({ sampled: 200, found: 200, missing: 0, unknown: 0 });
  // 200 ms until it is accepted, 2,000 until the row is there, and up to 280 until somebody looks.
  expect(result.rows.p50Ms).toBeGreaterThanOrEqual(2_200);
  expect(result.rows.p99Ms).toBeLessThanOrEqual(2_200 + 280 * 2);
  expect(result.lookups).toMatchObject({ failed: 0, p50Ms: 30, p99Ms: 30 });
  expect(result.lookups.perSecond).toBeGreaterThan(4);
  expect(isFaulty(result)).toBe(false);
});

test('a slow gateway does not slow the rate down', async () => {
  const { sentAtMs } = await runIn({ acceptAfterMs: 15_000 });
  expect(sentAtMs.filter((ms) => ms < 10_000).length).toBeGreaterThanOrEqual(997);
});

test('what a gateway does not take is held back once too much is on its way', async () => {
  const { result } = await runIn({ acceptAfterMs: 120_000 });
  expect(result.events).toMatchObject({ sent: 2_000, heldBack: 4_000 });
  expect(reportOf(result)).toMatch(/not sent +│ 4,000: as many were on their way/);
});

test('an endpoint that refuses is counted by its reasons', async () => {
  const { result } = await runIn({
    answer: (number) => ({
      status: 'rejected',
      rejection:
        number % 2 === 0
          ? { code: 'gave-up', message: 'Slow down.', httpStatus: 429 }
          : { code: 'gave-up', message: 'No answer', httpStatus: undefined },
    }),
  });
  expect(result.events.refused).toEqual({ 'gave-up (429)': 3_000, 'gave-up (no answer)': 3_000 });
  expect(summary(result)).toMatchObject({ accepted: 0, refused: 6_000, missing: 0 });
  expect(isFaulty(result)).toBe(true);
  expect(reportOf(result)).toMatch(/refused: gave-up \(429\) +│ 3,000/);
});

test('rows that never come are missing, once they had their time', async () => {
  const { result } = await runIn({ rowAfterMs: (number) => (number < 600 ? undefined : 1_000) });
  expect(result.rows).toMatchObject({ sampled: 200, found: 180, missing: 20 });
  expect(result.seconds).toBeLessThan(75);
  expect(isFaulty(result)).toBe(true);
  expect(reportOf(result)).toMatch(/rows missing +│ 20 /);
});

test('look-ups that fail are counted, with what was said', async () => {
  const { result } = await runIn({
    lookUp: (nowMs, find) => {
      if (nowMs > 20_000 && nowMs < 21_000) throw new Error('502 bad gateway');
      return find();
    },
  });
  expect(result.rows.missing).toBe(0);
  expect(result.lookups.failed).toBeGreaterThan(3);
  expect(isFaulty(result)).toBe(true);
  expect(reportOf(result)).toContain('502 bad gateway');
});

test('a stream that refuses for a while is counted by what the gateway answered, and the rest becomes rows', async () => {
  const { result } = await runIn({
    answer: (number) =>
      number >= 100 && number < 600
        ? {
            status: 'rejected',
            rejection: { code: 'gave-up', message: 'The stream is at its limit.', httpStatus: 207 },
          }
        : { status: 'accepted' },
    plan: shortPlan,
  });
  expect(reportOf(result)).toMatch(/refused: gave-up \(207\) +│ 500 /);
  expect(summary(result)).toMatchObject({ accepted: 700, refused: 500, missing: 0 });
  // Refusals alone are no fault: more than a shard takes is refused.
  expect(isFaulty(result)).toBe(false);
});

test('rows that come late are in the time from post to row, and in no other line', async () => {
  const { result } = await runIn({
    rowAfterMs: (number) => (number % 4 === 0 ? 8_000 : 1_000),
    plan: shortPlan,
  });
  expect(result.rows).toMatchObject({ found: 200, missing: 0 });
  const { result: fast } = await runIn({ plan: shortPlan });
  const times = (of: LoadResult): string =>
    /from post to row +│ (.*?);/.exec(reportOf(of))?.[1] ?? '';
  expect(times(fast)).toMatch(/^p50 2,\d{3} ms, p99 2,\d{3} ms$/);
  expect(times(result)).toMatch(/, p99 [89],\d{3} ms$/);
  expect(result.lookups).toMatchObject({ failed: 0, p99Ms: 30 });
});

test('look-ups that are slow are in the time of look-ups', async () => {
  const { result } = await runIn({ lookUpMs: 900, plan: shortPlan });
  expect(reportOf(result)).toMatch(/look-ups meanwhile +│ .*p50 900 ms, p99 900 ms/);
  // Though no sample could be looked for often.
  expect(result.rows).toMatchObject({ found: 200, missing: 0 });
  expect(isFaulty(result)).toBe(false);
});

test('a row that was there and is not any more is a look-up that failed', async () => {
  const { result } = await runIn({
    lookUp: (nowMs, find) => (nowMs > 55_000 && nowMs < 55_500 ? [] : find()),
  });
  expect(result.lookups.failures[0]).toMatch(
    /^the row of order \d+ was there and is not any more$/,
  );
});

describe('another side that never answers', () => {
  const deliveryMs = 10_000;
  test.each([
    ['a gateway', { acceptAfterMs: Infinity }, /without an answer +│ 1,200: /],
    [
      'a look-up API',
      { lookUpMs: Infinity },
      /look-ups failed +│ 1; no answer before the run ended/,
    ],
    ['both', { acceptAfterMs: Infinity, lookUpMs: Infinity }, /without an answer +│ 1,200: /],
    [
      'a gateway that answers after the run',
      { acceptAfterMs: 100_000 },
      /accepted +│ 0 [^]*without an answer +│ 1,200: /,
    ],
  ])('%s: the run ends within its bound, and says so', async (_, world, line) => {
    const { result } = await runIn({ ...world, plan: shortPlan });
    expect(1_000 * result.seconds).toBeLessThanOrEqual(longestRunMs(shortPlan, deliveryMs));
    expect(reportOf(result)).toMatch(line);
    expect(result.rows.missing).toBe(0);
    expect(isFaulty(result)).toBe(true);
  });

  test('rows that could not be asked for are unknown, not missing', async () => {
    const { result } = await runIn({ lookUpMs: Infinity, plan: shortPlan });
    expect(result.rows).toMatchObject({ sampled: 200, found: 0, missing: 0, unknown: 200 });
    expect(reportOf(result)).toContain('0 found, 200 unknown');
  });

  test('an interruption does not wait for it', async () => {
    const { result } = await runIn({
      acceptAfterMs: Infinity,
      lookUpMs: Infinity,
      interruptAtMs: 5_000,
    });
    expect(result.seconds).toBeLessThan(16);
    expect(isFaulty(result)).toBe(false);
  });
});

test('an interruption ends the run with what it knows', async () => {
  const { result } = await runIn({ interruptAtMs: 10_000 });
  expect(result.isInterrupted).toBe(true);
  expect(result.events.sent).toBeGreaterThan(900);
  expect(result.events.sent).toBeLessThan(1_100);
  expect(result.seconds).toBeLessThan(16);
  expect(result.rows.missing).toBe(0);
  expect(result.rows.unknown).toBeGreaterThan(0);
  expect(isFaulty(result)).toBe(false);
  expect(reportOf(result)).toMatch(/^here, [\d.]+ s, interrupted/);
});

test.each([
  [[], 0.5, undefined],
  [[5], 0.99, 5],
  [[3, 1, 2], 0.5, 2],
  [[1, 2, 3, 4], 0.5, 2],
  [Array.from({ length: 100 }, (_, index) => index + 1), 0.99, 99],
])('the percentile of %j at %d', (values, share, expected) =>
  expect(percentile(values, share)).toBe(expected),
);

describe('the plan', () => {
  test('counts events, batches and samples', () =>
    expect(plan).toMatchObject({
      events: 6_000,
      lookups: 300,
      durationMs: 60_000,
      eventsPerRequest: 20,
      sampleEvery: 30,
      warnings: [],
    }));

  test('costs what the rate would cost in a month, for its share of it', () => {
    const dollars = (minutes: number, eventsPerSecond: number): number =>
      planLoad({ ...request, minutes, eventsPerSecond }).cost.dollars;
    expect(dollars(1, 100)).toBeGreaterThan(0);
    expect(dollars(1, 100)).toBeLessThan(0.1);
    expect(dollars(10, 100)).toBeCloseTo(10 * dollars(1, 100));
    // Firehose counts 5 KB each: 60 million of 600 bytes are some 290 GB at 4.7 cents.
    expect(dollars(60, 20_000)).toBeGreaterThan(10);
  });

  test('is not begun where it should cost more than it may, unless nobody is billed', () => {
    expect(costRefusal({ dollars: 5.01, isBilled: true }, 5)).toBe(
      'it should cost 5.01 US$, more than --max-dollars 5; nothing was sent',
    );
    expect(costRefusal({ dollars: 5, isBilled: true }, 5)).toBeUndefined();
    expect(costRefusal({ dollars: 50, isBilled: false }, 5)).toBeUndefined();
  });

  test('takes known prices where a region has none', () =>
    expect(planLoad({ ...request, region: 'eu-central-1' }).cost.pricesOf).toBe('us-east-1'));

  test.each([
    [{ eventsPerSecond: 1_200 }, /^1200 events of 600 bytes a second .* 1 shards take \(1000\)/],
    [{ eventsPerSecond: 100, eventBytes: 20_000 }, /more than 1 shards take \(52\)/],
    [{ lookupsPerSecond: 500, requestsPerSecond: 100 }, /^505 requests a second .* 100/],
  ])('warns of %j', (more, warning) =>
    expect(planLoad({ ...request, ...more }).warnings).toEqual([
      expect.stringMatching(warning) as string,
    ]),
  );
});
