import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runSimulate } from './run-simulate';
import { eventsOfFile, madeUpEvents } from './simulated-events';

const productEvent = { name: 'product_event', key: 'user.id', identity: 'insertId' };
const order = { name: 'order', key: 'orderId', identity: 'eventId' };

interface ProductEvent {
  readonly insertId: string;
  readonly user: { readonly id?: string };
  readonly occurredAt: string;
}

const folder = mkdtempSync(join(tmpdir(), 'sluice-simulate-'));
const file = join(folder, 'orders.ndjson');
writeFileSync(file, '{"eventId":"a","orderId":"o1"}\n{"eventId":"b","orderId":"o2","n":1.50}\n');
afterAll(() => rmSync(folder, { recursive: true }));

describe('made-up events', () => {
  const events = (count: number): readonly ProductEvent[] => {
    const next = madeUpEvents(productEvent);
    return Array.from({ length: count }, () => JSON.parse(next({ fails: false })) as ProductEvent);
  };

  it('are new ones in each run', () => {
    const identities = [...events(50), ...events(50)].map(({ insertId }) => insertId);
    expect(new Set(identities).size).toBe(100);
  });

  it('happen now', () => {
    const [first] = events(1);
    expect(Math.abs(Date.parse(first!.occurredAt) - Date.now())).toBeLessThan(60_000);
  });

  it('of integers as identity have some of 32 bits', () => {
    const next = madeUpEvents({ name: 'match_event', key: 'id', identity: 'id' });
    const ids = [1, 2].map(() => (JSON.parse(next({ fails: false })) as { id: number }).id);
    expect(ids[1]).toBe(ids[0]! + 1);
    for (const id of ids) {
      expect(id).toBeGreaterThanOrEqual(1_000_000_000);
      expect(id).toBeLessThan(2 ** 31);
    }
  });

  it('that are to fail lack their key, and nothing else', () => {
    const event = JSON.parse(madeUpEvents(productEvent)({ fails: true })) as ProductEvent;
    expect(event.user).not.toHaveProperty('id');
    expect(event).toHaveProperty('insertId');
  });
});

describe('events of a file', () => {
  it('come again and again in their order, each time as others', async () => {
    const next = await eventsOfFile(file, order);
    const events = [1, 2, 3, 4].map(
      () => JSON.parse(next({ fails: false })) as { eventId: string; orderId: string },
    );
    expect(events.map(({ orderId }) => orderId)).toEqual(['o1', 'o2', 'o1', 'o2']);
    expect(new Set(events.map(({ eventId }) => eventId)).size).toBe(4);
  });

  it('are refused where there is none', async () => {
    const empty = join(folder, 'none.ndjson');
    writeFileSync(empty, '"text"\n7\n');
    await expect(eventsOfFile(empty, order)).rejects.toThrow('holds no JSON object');
  });
});

describe('the command', () => {
  const taken = new Map<string, number>();
  const server = createServer((request, response) => {
    const answer = (status: number, body: object): void => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    };
    if (request.headers['x-api-key'] !== 'key') {
      answer(403, { message: 'Forbidden' });
      return;
    }
    if (request.method === 'GET') {
      answer(200, { eventTypes: [productEvent, order] });
      return;
    }
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      const name = request.url?.split('/')[3] ?? '';
      const { events } = JSON.parse(text) as { readonly events: readonly object[] };
      taken.set(name, (taken.get(name) ?? 0) + events.length);
      answer(200, { accepted: events.length, rejected: 0, results: [] });
    });
    return undefined;
  });
  let url: string;
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => server.close());

  const run = async (...args: readonly string[]) => {
    const out = { stdout: '', stderr: '' };
    const stream = (name: keyof typeof out): NodeJS.WriteStream =>
      ({ write: (text: string) => (out[name] += text) }) as unknown as NodeJS.WriteStream;
    const code = await runSimulate({
      args,
      env: { SLUICE_API_KEY: 'key' },
      stdout: stream('stdout'),
      stderr: stream('stderr'),
    });
    return { code, ...out };
  };

  it('sends at the rate that was asked for, and says how many will fail', async () => {
    const { code, stdout, stderr } = await run(
      ...['--url', url, '--minutes', '0.02', '--events-per-second', '500', '--failing', '10'],
      '--json',
    );
    const { accepted, rejected, failing } = JSON.parse(stdout) as Record<string, number>;
    expect({ code, rejected }).toEqual({ code: 0, rejected: 0 });
    // 1.2 seconds; a machine that is busy sends fewer, and none sends more.
    expect(accepted).toBeGreaterThan(100);
    expect(accepted).toBeLessThanOrEqual(610);
    expect(failing).toBe(Math.floor(accepted! / 10));
    expect(taken).toEqual(new Map([['product_event', accepted]]));
    expect(stderr).toContain('without their key');
  });

  it.each([
    [['--event', 'nosuch'], 'has no event type "nosuch"; it has product_event, order'],
    [['--event', 'order'], 'there are no made-up events of "order"'],
    [['--from', 'x.ndjson'], '--from needs exactly one --event'],
    [['--events-per-second', '-1'], 'it is a number from 0.1 to 10000'],
  ])('refuses %j', async (args, message) => {
    const { code, stderr } = await run('--url', url, ...args);
    expect(code).not.toBe(0);
    expect(stderr.replace(/\s+/g, ' ')).toContain(message);
  });
});
