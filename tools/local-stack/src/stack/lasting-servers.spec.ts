import { setTimeout as delay } from 'node:timers/promises';
import { LastingServers } from './lasting-servers';

const servers = new LastingServers();
afterAll(() => servers.close());

const saying =
  (text: string, afterMs = 0) =>
  (_: unknown, response: { end(text: string): void }): void =>
    void delay(afterMs).then(() => response.end(text));

test('a request between two stacks waits for the next one, and one under way is answered before its stack ends', async () => {
  const first = await servers.serve(saying('first', 100), 0);
  const underWay = fetch(first.url);
  await delay(50);
  await first.close();
  expect(await (await underWay).text()).toBe('first');

  const between = fetch(first.url);
  await delay(50);
  const second = await servers.serve(saying('second'), 0);
  expect(second.url).toBe(first.url);
  expect(await (await between).text()).toBe('second');
  await second.close();

  const late = fetch(first.url);
  await delay(50);
  await servers.close();
  expect((await late).status).toBe(503);
  await expect(fetch(first.url)).rejects.toThrow();
  // A part that starts late leaves no port open behind a stack that has failed.
  await expect(servers.serve(saying('late'), 0)).rejects.toThrow('stopped');
});
