import { pollUntil } from './poll-until';

test('asks until there is an answer, false and 0 among them', async () => {
  const answers = [undefined, undefined, 0, 1];
  expect(await pollUntil(() => answers.shift(), { everyMs: 1 })).toBe(0);
  expect(answers).toEqual([1]);
  expect(await pollUntil(() => Promise.resolve(false), { everyMs: 1 })).toBe(false);
});

test('asks once where there is no time, and ends without an answer', async () => {
  let asked = 0;
  const ask = (): undefined => {
    asked++;
    return undefined;
  };
  const answer: unknown = await pollUntil<unknown>(ask, { everyMs: 1, withinMs: 0 });
  expect(answer).toBeUndefined();
  expect(asked).toBe(1);
});

test('throws what the question throws, and asks no more', async () => {
  let asked = 0;
  const ask = (): never => {
    asked++;
    throw new Error('it has ended');
  };
  await expect(pollUntil(ask, { everyMs: 1 })).rejects.toThrow('it has ended');
  expect(asked).toBe(1);
});

test('asks once more when the signal is aborted, and once where it was before', async () => {
  const stop = new AbortController();
  let asked = 0;
  const ask = (): undefined => {
    asked++;
    setImmediate(() => {
      stop.abort();
    });
    return undefined;
  };
  const longMs = 3_600_000;
  const ended = (): Promise<boolean | undefined> =>
    pollUntil<boolean>(ask, { everyMs: longMs, signal: stop.signal });
  expect(await ended()).toBeUndefined();
  expect(await ended()).toBeUndefined();
  expect(asked).toBe(3);
});
