import { defineEvent } from '@sluice/event-schema';
import type { Outcome } from '@sluice/ingest-client';
import type { Target } from '@sluice/verify';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { targetPorts } from './target-ports';

const orders = defineEvent({
  name: 'order',
  version: '1.0.0',
  key: 'id',
  schema: { type: 'object', required: ['id'], properties: { id: { type: 'integer' } } },
});

/** Server that accepts every request and never answers. */
let silent: Server;
let url: string;
beforeAll(async () => {
  silent = createServer((request) => void request.resume());
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
  url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
});
afterAll(() => {
  silent.closeAllConnections();
  silent.close();
});

const ports = () => {
  const access = { url, apiKey: 'key' };
  const target = { ingest: access, lookup: access } as Partial<Target> as Target;
  return targetPorts({ target, eventTypes: [orders], mark: 'm', startedAtMs: 0 });
};

test('what a gateway never answers is given up, also what still waits for its turn', async () => {
  const { event, send, drain } = ports();
  const outcomes: Outcome[] = [];
  // More than eight requests at once.
  for (let number = 0; number < 5_000; number++)
    send(event(orders, number), (outcome) => outcomes.push(outcome));
  const giveUp = new AbortController();
  const arrived = once(silent, 'request');
  const drained = drain(giveUp.signal);
  await arrived;
  giveUp.abort();
  await drained;
  expect(outcomes).toHaveLength(5_000);
  expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set(['rejected']));
});

test('a look-up that is never answered is given up', async () => {
  const giveUp = new AbortController();
  const asked = ports().lookUp(orders, ['1'], giveUp.signal);
  giveUp.abort();
  await expect(asked).rejects.toThrow(/abort/);
});
