import {
  ObjectNotFoundError,
  type GetOptions,
  type ObjectInfo,
  type StoredObject,
} from '@sluice/lake-layout';
import { Hedging } from './hedging';
import { seededRandom } from '@sluice/values/seeded-random';
import { heavyTailMs } from './testing/heavy-tail';
import { VirtualTime } from './testing/virtual-time';

const object: StoredObject = { bytes: Uint8Array.of(1), etag: '"e"', totalBytes: 1 };

/** Store whose answers take a given time; a fake clock makes that time pass at once. */
class SlowStore {
  readonly cancelled: string[] = [];
  requests = 0;

  constructor(
    private readonly time: VirtualTime,
    /** Returns the milliseconds of each answer, or an error and the milliseconds until it occurs. */
    private readonly next: () => number | readonly [ms: number, error: Error],
  ) {}

  async #answer(key: string, signal: AbortSignal | undefined): Promise<void> {
    this.requests++;
    const number = this.requests;
    const next = this.next();
    const [ms, error] = typeof next === 'number' ? [next] : next;
    signal?.addEventListener('abort', () => this.cancelled.push(`${key} ${number}`));
    await this.time.sleep(ms, signal);
    if (error) throw error;
  }

  async get(key: string, { signal }: GetOptions = {}): Promise<StoredObject> {
    await this.#answer(key, signal);
    return object;
  }

  async *list(prefix: string, { signal }: GetOptions = {}): AsyncGenerator<ObjectInfo> {
    await this.#answer(prefix, signal);
    yield { key: `${prefix}a`, bytes: 1, etag: '"a"', modifiedMs: 0 };
  }
}

const range = { start: 0, end: 1 };

/** Measures the latencies of consecutive requests, and what they cost. */
async function measure(
  next: () => number,
  count: number,
  budget: number,
): Promise<{ readonly ms: readonly number[]; readonly hedges: number; readonly requests: number }> {
  const time = new VirtualTime();
  const store = new SlowStore(time, next);
  const hedging = new Hedging({ budget, now: time.now, schedule: time.schedule });
  const ms: number[] = [];
  let hedges = 0;
  for (let request = 0; request < count; request++) {
    const begunMs = time.nowMs;
    await time.until(hedging.over(store, () => hedges++).get('k', { range }));
    ms.push(time.nowMs - begunMs);
  }
  return { ms: ms.sort((a, b) => a - b), hedges, requests: store.requests };
}

const quantile = (sorted: readonly number[], part: number): number =>
  sorted[Math.ceil(sorted.length * part) - 1] ?? NaN;

describe('latencies with a heavy tail', () => {
  const count = 8_000;
  const tail = () => heavyTailMs(seededRandom(7).fraction);

  it('are as they are said to be', () => {
    const next = tail();
    const ms = Array.from({ length: 50_000 }, next).sort((a, b) => a - b);
    expect(quantile(ms, 0.5)).toBeCloseTo(30, -0.4);
    expect(Math.abs(quantile(ms, 0.99) - 80)).toBeLessThan(2);
    expect(Math.abs(quantile(ms, 0.999) - 120)).toBeLessThan(5);
  });

  it('lose the tail for 5 % of the requests, and nearly all that any policy could take off p99', async () => {
    const plain = await measure(tail(), count, 0);
    const hedged = await measure(tail(), count, 0.05);
    expect(plain.hedges).toBe(0);
    expect(hedged.requests).toBe(count + hedged.hedges);
    expect(hedged.hedges).toBeLessThanOrEqual(count * 0.05);
    expect(hedged.hedges).toBeGreaterThan(count * 0.03);
    expect(quantile(hedged.ms, 0.5)).toBeCloseTo(quantile(plain.ms, 0.5), -0.4);
    // No policy within 5 % gets below 77.5 ms (docs/adr/a-second-request.md).
    expect(quantile(hedged.ms, 0.99)).toBeLessThan(81);
    expect(quantile(hedged.ms, 0.999)).toBeLessThan(quantile(plain.ms, 0.999) * 0.9);
  });

  it('of which a few stand out lose these', async () => {
    const random = seededRandom(3).fraction;
    const next = (): number => (random() < 0.03 ? 200 : 28 + 4 * random());
    const plain = await measure(next, 4_000, 0);
    const hedged = await measure(next, 4_000, 0.05);
    expect(quantile(plain.ms, 0.98)).toBe(200);
    expect(quantile(hedged.ms, 0.99)).toBeLessThan(70);
    expect(hedged.hedges).toBeLessThanOrEqual(4_000 * 0.05);
  });

  it('that are all alike lead to no second request', async () => {
    expect(await measure(() => 30, 500, 0.05)).toMatchObject({ hedges: 0, requests: 500 });
  });
});

describe('a late request', () => {
  const usual = Array<number>(40).fill(30);

  async function afterUsual(...answers: readonly (number | readonly [number, Error])[]) {
    const time = new VirtualTime();
    const queue: (number | readonly [number, Error])[] = [...usual, ...answers];
    const store = new SlowStore(time, () => queue.shift() ?? 30);
    const hedging = new Hedging({ now: time.now, schedule: time.schedule });
    let hedges = 0;
    const over = hedging.over(store, () => hedges++);
    for (const [request] of usual.entries()) await time.until(over.get(`k${request}`, { range }));
    const begunMs = time.nowMs;
    const outcome = time.until(over.get('late', { range })).then(
      () => 'answered',
      (error: unknown) => (error as Error).message,
    );
    return { outcome: await outcome, ms: time.nowMs - begunMs, hedges, store };
  }

  it('is answered by the second, and the first is cancelled', async () => {
    const { outcome, ms, hedges, store } = await afterUsual(500, 20);
    expect({ outcome, hedges }).toEqual({ outcome: 'answered', hedges: 1 });
    expect(ms).toBeLessThan(60);
    expect(store.cancelled).toEqual(['late 41']);
  });

  it('is answered by the first where that is faster after all, and the second is cancelled', async () => {
    const { outcome, ms, store } = await afterUsual(50, 300);
    expect({ outcome, ms }).toEqual({ outcome: 'answered', ms: 50 });
    expect(store.cancelled).toEqual(['late 42']);
  });

  it('is not failed by one of the two alone, but by what S3 says of the object', async () => {
    const broken = new Error('the connection broke');
    expect(await afterUsual(500, [10, broken])).toMatchObject({ outcome: 'answered', ms: 500 });
    expect(await afterUsual([40, broken], 60)).toMatchObject({ outcome: 'answered' });
    expect(await afterUsual([40, broken], [60, broken])).toMatchObject({
      outcome: 'the connection broke',
    });
    const missing = new ObjectNotFoundError('late');
    expect(await afterUsual(500, [10, missing])).toMatchObject({
      outcome: 'there is no object late',
    });
  });

  it('that fails before it is late is not sent again', async () => {
    const { outcome, hedges, store } = await afterUsual([5, new Error('the connection broke')]);
    expect({ outcome, hedges }).toEqual({ outcome: 'the connection broke', hedges: 0 });
    expect(store.requests).toBe(41);
  });
});

it('lists, each object once, where the list is late', async () => {
  const time = new VirtualTime();
  let calls = 0;
  const store = new SlowStore(time, () => (++calls === 31 ? 900 : 30));
  const over = new Hedging({ now: time.now, schedule: time.schedule }).over(store);
  const keys = async (): Promise<readonly string[]> => {
    const found: string[] = [];
    for await (const { key } of over.list('p/')) found.push(key);
    return found;
  };
  for (let request = 0; request < 31; request++) expect(await time.until(keys())).toEqual(['p/a']);
  expect(calls).toBe(32);
});

it('ends both where the look-up is given up, and sends none after that', async () => {
  const time = new VirtualTime();
  let calls = 0;
  const store = new SlowStore(time, () => (++calls <= 40 ? 30 : 500));
  const over = new Hedging({ now: time.now, schedule: time.schedule }).over(store);
  for (let request = 0; request < 40; request++) await time.until(over.get('k', { range }));
  const abort = new AbortController();
  const late = over.get('late', { range, signal: abort.signal });
  time.schedule(100, () => {
    abort.abort();
  });
  await expect(time.until(late)).rejects.toThrow('aborted');
  expect(store.cancelled.sort()).toEqual(['late 41', 'late 42']);
});
