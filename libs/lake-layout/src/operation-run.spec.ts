import { MemoryObjectStore } from './memory-object-store';
import { PreconditionFailedError } from './object-store';
import { isOperationId, queueRun, readRun, trackRun } from './operation-run';

const now = () => 7;
const queued = { id: 'r-1', request: { table: 'order' }, queuedAtMs: 5 };

test('a run is queued once, runs, and says what came of it', async () => {
  const store = new MemoryObjectStore();
  await queueRun(store, 'replays', queued);
  await expect(queueRun(store, 'replays', queued)).rejects.toThrow(PreconditionFailedError);
  const states: unknown[] = [];
  await trackRun(store, 'replays', 'r-1', {
    now,
    work: async () => {
      states.push((await readRun(store, 'replays', 'r-1'))?.state);
      return { sent: 3 };
    },
  });
  expect(states).toEqual(['running']);
  expect(await readRun(store, 'replays', 'r-1')).toEqual({
    formatVersion: 1,
    ...queued,
    state: 'done',
    startedAtMs: 7,
    endedAtMs: 7,
    result: { sent: 3 },
  });
  expect(await readRun(store, 'compactions', 'r-1')).toBeUndefined();
});

test('a run that fails says why, and fails', async () => {
  const store = new MemoryObjectStore();
  await queueRun(store, 'compactions', queued);
  const work = () => Promise.reject(new Error('no access'));
  await expect(trackRun(store, 'compactions', 'r-1', { now, work })).rejects.toThrow('no access');
  expect(await readRun(store, 'compactions', 'r-1')).toMatchObject({
    state: 'failed',
    message: 'no access',
  });
});

test.each([
  ['r-1', true],
  ['', false],
  ['a/b', false],
  ['../x', false],
  [undefined, false],
])('%p is an id: %p', (value, expected) => {
  expect(isOperationId(value)).toBe(expected);
});
