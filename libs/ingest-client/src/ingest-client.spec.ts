import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { fakeGateway, jumpingClock, type Fault } from './fake-gateway';
import { createIngestClient, type IngestClientOptions } from './ingest-client';
import type { Outcome } from './outcome';
import type { PageLifecycle } from './page-lifecycle';

const clientOf = (
  gateway: { readonly fetch: typeof fetch },
  options: Partial<IngestClientOptions> = {},
) =>
  createIngestClient({
    endpoint: 'http://gateway',
    eventType: 'match_event',
    apiKey: 'key',
    fetch: gateway.fetch,
    clock: jumpingClock(),
    random: () => 0.5,
    page: undefined,
    ...options,
  });

const events = (count: number): readonly { readonly id: number }[] =>
  Array.from({ length: count }, (_, id) => ({ id }));

/** Returns faults for the first requests, one for each, then none. */
const first =
  (...faults: readonly Fault[]) =>
  (request: number) =>
    faults[request];

describe('batches', () => {
  test('carry the trace of their caller, each request the one of its moment', async () => {
    const gateway = fakeGateway();
    const headers = ['00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01', undefined];
    const client = clientOf(gateway, { traceparent: () => headers.shift(), maxBatchEvents: 1 });
    for (const event of events(2)) {
      await client.send(event);
      await client.flush();
    }
    await client.close();
    expect(gateway.requests.map((request) => request.headers.get('traceparent'))).toEqual([
      '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
      null,
    ]);
  });

  test('are as large as the gateway takes them, and go to the batch path with the API key', async () => {
    const gateway = fakeGateway();
    const client = clientOf(gateway);
    for (const event of events(1200)) await client.send(event);
    await client.close();
    expect(gateway.requests.map(({ events: { length } }) => length)).toEqual([500, 500, 200]);
    expect(gateway.requests[0]!.url).toBe('http://gateway/v1/events/match_event/batch');
    expect(gateway.requests[0]!.headers.get('x-api-key')).toBe('key');
    expect(gateway.stored.map((text) => JSON.parse(text) as unknown)).toEqual(events(1200));
    expect(client.counters).toEqual({
      queued: 1200,
      accepted: 1200,
      rejected: 0,
      handedOver: 0,
      pending: 0,
      requests: 3,
      resends: 0,
    });
  });

  test('are cut by bytes as UTF-8, and an event larger than a batch goes alone', async () => {
    const gateway = fakeGateway();
    const client = clientOf(gateway, { maxBatchBytes: 100 });
    for (const text of ['é'.repeat(20), '🎉'.repeat(10), 'a'.repeat(300), 'b'])
      await client.send({ text });
    await client.close();
    expect(gateway.requests.map(({ events: { length } }) => length)).toEqual([1, 1, 1, 1]);
    expect(gateway.stored).toHaveLength(4);
  });

  test('go out when their first event has waited long enough', async () => {
    const clock = jumpingClock();
    const gateway = fakeGateway();
    const client = clientOf(gateway, { clock, flushAfterMs: 70 });
    expect(await client.deliver({ id: 1 })).toEqual({ status: 'accepted' });
    expect(clock.nowMs()).toBe(70);
  });

  test('hold the text of events as it was given', async () => {
    const gateway = fakeGateway();
    const client = clientOf(gateway);
    const text = '{ "id": 12345678901234567890, "n": 1.10 }';
    await client.sendText(text);
    await client.close();
    expect(gateway.requests[0]!.body).toBe(`{"events":[${text}]}`);
  });
});

describe('what fails is sent again', () => {
  test('only the events that the stream refused', async () => {
    const gateway = fakeGateway(first({ kind: 'partly', indexes: [1, 3] }));
    const client = clientOf(gateway);
    for (const event of events(5)) await client.send(event);
    await client.close();
    expect(gateway.requests.map((request) => request.events)).toEqual([
      events(5),
      [{ id: 1 }, { id: 3 }],
    ]);
    expect(client.counters).toMatchObject({ accepted: 5, rejected: 0, resends: 2 });
  });

  test.each<[string, Fault, number]>([
    ['after the seconds that Retry-After asks for', { kind: 'throttle', retryAfter: '3' }, 3050],
    [
      'after the date that Retry-After names',
      { kind: 'throttle', retryAfter: 'Thu, 01 Jan 1970 00:00:09 GMT' },
      8850,
    ],
    ['soon where nothing is asked for', { kind: 'throttle' }, 50],
    ['soon where the gateway is not well', { kind: 'unavailable' }, 50],
    ['soon where the connection broke', { kind: 'drop', isStored: false }, 50],
  ])('%s', async (_, fault, waitMs) => {
    const clock = jumpingClock();
    const gateway = fakeGateway(first(fault));
    const client = clientOf(gateway, { clock, flushAfterMs: 200 });
    expect(await client.deliver({ id: 1 })).toEqual({ status: 'accepted' });
    expect(clock.waits).toEqual([200, waitMs]);
    expect(gateway.stored).toEqual(['{"id":1}']);
  });

  test('with waits that double up to a bound', async () => {
    const clock = jumpingClock();
    const gateway = fakeGateway((request) => (request < 6 ? { kind: 'unavailable' } : undefined));
    const client = clientOf(gateway, {
      clock,
      firstDelayMs: 100,
      maxDelayMs: 1000,
      random: () => 1,
    });
    await client.deliver({ id: 1 });
    expect(clock.waits.slice(1)).toEqual([100, 200, 400, 800, 1000, 1000]);
  });

  test('until every attempt is used up, and then the event is rejected with the last reason', async () => {
    const gateway = fakeGateway(() => ({ kind: 'unavailable' }));
    const client = clientOf(gateway, { maxAttempts: 3 });
    expect(await client.deliver({ id: 1 })).toEqual({
      status: 'rejected',
      rejection: { code: 'gave-up', message: 'not well', httpStatus: 503 },
    });
    expect(gateway.requests).toHaveLength(3);
  });
});

describe('what can not be taken is rejected', () => {
  test('an invalid event alone, with the reason of the gateway; its neighbours go through', async () => {
    const gateway = fakeGateway();
    const outcomes = new Map<string, Outcome>();
    const client = clientOf(gateway, { onOutcome: (text, outcome) => outcomes.set(text, outcome) });
    for (const event of events(100))
      await client.send(event.id === 37 ? { id: 37, invalid: 1 } : event);
    await client.close();
    expect(client.counters).toMatchObject({ accepted: 99, rejected: 1 });
    expect(outcomes.get('{"id":37,"invalid":1}')).toEqual({
      status: 'rejected',
      rejection: { code: 'invalid', message: 'does not conform', httpStatus: 400 },
    });
    expect(new Set(gateway.stored).size).toBe(99);
    expect(gateway.stored).toHaveLength(99);
  });

  test('an event that is too large alone; a batch that is too large is halved until it fits', async () => {
    const gateway = fakeGateway(undefined, { maxBodyBytes: 120 });
    const client = clientOf(gateway);
    for (const event of events(30)) await client.send(event);
    const large = client.deliver({ text: 'a'.repeat(200) });
    await client.close();
    expect(await large).toMatchObject({
      status: 'rejected',
      rejection: { code: 'too-large', httpStatus: 413 },
    });
    expect(gateway.stored).toHaveLength(30);
  });

  test.each([401, 403, 404, 415])('everything where the gateway answers %i', async (status) => {
    const client = clientOf({
      fetch: () => Promise.resolve(new Response('{"message":"no"}', { status })),
    });
    expect(await client.deliver({})).toEqual({
      status: 'rejected',
      rejection: { code: 'refused', message: 'no', httpStatus: status },
    });
    expect(client.counters.requests).toBe(1);
  });
});

describe('back-pressure', () => {
  test('send waits while as many events are pending as memory is meant to hold', async () => {
    let release = (): void => undefined;
    const blocked = new Promise<void>((resolve) => (release = resolve));
    const gateway = fakeGateway();
    const client = clientOf(
      { fetch: (...args) => blocked.then(() => gateway.fetch(...args)) },
      { maxPendingEvents: 10, maxBatchEvents: 5 },
    );
    for (const event of events(10)) await client.send(event);
    let isQueued = false;
    const eleventh = client.send({ id: 10 }).then(() => (isQueued = true));
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(isQueued).toBe(false);
    expect(client.counters.pending).toBe(10);
    release();
    await eleventh;
    await client.close();
    expect(gateway.stored).toHaveLength(11);
  });

  test('a producer that does not wait loses nothing, keeps its order, and the bound is kept', async () => {
    const gateway = fakeGateway();
    let highest = 0;
    const client = clientOf(gateway, {
      maxPendingEvents: 20,
      maxBatchEvents: 7,
      maxConcurrentRequests: 1,
      onOutcome: () => (highest = Math.max(highest, client.counters.pending + 1)),
    });
    for (const event of events(500)) void client.send(event);
    await client.close();
    expect(gateway.stored).toEqual(events(500).map((event) => JSON.stringify(event)));
    expect(highest).toBeLessThanOrEqual(20);
  });

  test('an event larger than the bound of bytes is still taken, alone', async () => {
    const gateway = fakeGateway();
    const client = clientOf(gateway, { maxPendingBytes: 10 });
    for (const event of events(3)) await client.send({ ...event, text: 'a'.repeat(50) });
    await client.close();
    expect(gateway.requests.map(({ events: { length } }) => length)).toEqual([1, 1, 1]);
  });
});

describe('the end', () => {
  test('flush sends at once and waits for what was sent before it', async () => {
    const clock = jumpingClock();
    const gateway = fakeGateway(first({ kind: 'unavailable' }));
    const client = clientOf(gateway, { clock, flushAfterMs: 60_000 });
    await client.send({ id: 1 });
    await client.flush();
    expect(gateway.stored).toEqual(['{"id":1}']);
    expect(clock.nowMs()).toBeLessThan(60_000);
    await client.flush();
  });

  test('after close events are refused', async () => {
    const client = clientOf(fakeGateway());
    await client.close();
    await expect(client.send({})).rejects.toThrow(/closed/);
    await client.close();
  });

  test('what JSON can not hold is the rejection of send', async () => {
    const client = clientOf(fakeGateway());
    await expect(client.send({ id: 1n })).rejects.toThrow(/BigInt/);
  });
});

describe('a page that goes away', () => {
  const page = (sendBeacon?: PageLifecycle['sendBeacon']) => {
    let hide = (): void => undefined;
    const lifecycle: PageLifecycle = {
      onHide: (listener) => {
        hide = listener;
        return () => (hide = () => undefined);
      },
      ...(sendBeacon && { sendBeacon }),
    };
    return { lifecycle, hide: () => hide() };
  };

  test('hands its queue to a request that outlives it and carries the API key', async () => {
    const { lifecycle, hide } = page(() => true);
    const gateway = fakeGateway();
    const client = clientOf(gateway, { page: lifecycle, flushAfterMs: 60_000 });
    for (const event of events(3)) await client.send(event);
    hide();
    await client.flush();
    expect(gateway.requests).toHaveLength(1);
    expect(gateway.requests[0]).toMatchObject({ keepalive: true, events: events(3) });
    expect(client.counters).toMatchObject({ accepted: 3, pending: 0 });
  });

  test('hands it to a beacon where there is no API key', async () => {
    const beacons: string[] = [];
    const { lifecycle, hide } = page((url, body) => beacons.push(`${url} ${body}`) > 0);
    const gateway = fakeGateway();
    const client = createIngestClient({
      endpoint: 'http://gateway',
      eventType: 'e',
      fetch: gateway.fetch,
      page: lifecycle,
      flushAfterMs: 60_000,
    });
    await client.send({ id: 1 });
    hide();
    expect(beacons).toEqual(['http://gateway/v1/events/e/batch {"events":[{"id":1}]}']);
    expect(client.counters).toMatchObject({ handedOver: 1, pending: 0, requests: 0 });
    await client.close();
  });

  test('sends what the beacon will not take, and keeps what is more than a browser sends then', async () => {
    const { lifecycle, hide } = page(() => false);
    const gateway = fakeGateway();
    const client = createIngestClient({
      endpoint: 'http://gateway',
      eventType: 'e',
      fetch: gateway.fetch,
      page: lifecycle,
      flushAfterMs: 60_000,
    });
    for (const event of events(100)) await client.send({ ...event, text: 'a'.repeat(1000) });
    hide();
    await new Promise((resolve) => setTimeout(resolve, 5));
    const sent = gateway.requests.reduce((sum, { body }) => sum + body.length, 0);
    expect(sent).toBeGreaterThan(60_000);
    expect(sent).toBeLessThan(64 * 1024);
    await client.close();
    expect(gateway.stored).toHaveLength(100);
  });
});

test('whatever fails: each event is settled once, and what is accepted is stored', async () => {
  const fault: fc.Arbitrary<Fault | undefined> = fc.oneof(
    fc.constant(undefined),
    fc.record({
      kind: fc.constant('throttle' as const),
      retryAfter: fc.constantFrom('0', '1', 'soon'),
    }),
    fc.constant({ kind: 'unavailable' as const }),
    fc.record({ kind: fc.constant('drop' as const), isStored: fc.boolean() }),
    fc.record({
      kind: fc.constant('partly' as const),
      indexes: fc.array(fc.nat(20), { minLength: 1 }),
    }),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(fault, { maxLength: 30 }),
      fc.nat(60),
      fc.integer({ min: 1, max: 25 }),
      fc.integer({ min: 1, max: 4 }),
      async (faults, count, maxBatchEvents, maxConcurrentRequests) => {
        const gateway = fakeGateway((request) => faults[request]);
        const outcomes = new Map<string, Outcome[]>();
        const client = clientOf(gateway, {
          maxBatchEvents,
          maxConcurrentRequests,
          maxPendingEvents: 30,
          maxAttempts: 4,
          onOutcome: (text, outcome) =>
            outcomes.set(text, [...(outcomes.get(text) ?? []), outcome]),
        });
        for (const event of events(count)) await client.send(event);
        await client.close();
        expect(outcomes.size).toBe(count);
        for (const [text, [outcome, ...more]] of outcomes) {
          expect(more).toEqual([]);
          if (outcome!.status === 'accepted') expect(gateway.stored).toContain(text);
          else expect(outcome).toMatchObject({ rejection: { code: 'gave-up' } });
        }
        const { queued, accepted, rejected, pending } = client.counters;
        expect([queued, accepted + rejected, pending]).toEqual([count, count, 0]);
      },
    ),
    { numRuns: 60 },
  );
});

test('over real connections that break', async () => {
  const stored: unknown[] = [];
  let requests = 0;
  const server = createServer((message, response) => {
    if (requests++ % 3 === 0) {
      message.socket.destroy();
      return;
    }
    let body = '';
    message.on('data', (chunk: Buffer) => (body += chunk.toString('utf8')));
    message.on('end', () => {
      stored.push(...(JSON.parse(body) as { events: unknown[] }).events);
      response.end('{"accepted":1,"failed":[]}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const client = createIngestClient({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    eventType: 'e',
    maxBatchEvents: 10,
    firstDelayMs: 1,
  });
  for (const event of events(200)) await client.send(event);
  await client.close();
  expect(stored).toHaveLength(200);
  expect(client.counters).toMatchObject({ accepted: 200, rejected: 0 });
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
