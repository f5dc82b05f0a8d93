import { setTimeout as delay } from 'node:timers/promises';
import { RunOnChange } from './run-on-change';

function recorder(options: { quietMs?: number; maxWaitMs?: number; workMs?: number } = {}) {
  const runs: string[] = [];
  let begun = 0;
  let atOnce = 0;
  let maxAtOnce = 0;
  const onChange = new RunOnChange({
    quietMs: options.quietMs ?? 20,
    maxWaitMs: options.maxWaitMs ?? 10_000,
    run: async (name) => {
      begun++;
      maxAtOnce = Math.max(maxAtOnce, ++atOnce);
      await delay(options.workMs ?? 5);
      atOnce--;
      runs.push(name);
    },
  });
  return { onChange, runs, maxAtOnce: () => maxAtOnce, begun: () => begun };
}

test('many changes of a thing that comes to rest are one run', async () => {
  const { onChange, runs } = recorder({ quietMs: 60 });
  for (let change = 0; change < 5; change++) {
    onChange.changed('a');
    await delay(5);
  }
  expect(runs).toEqual([]);
  while (runs.length === 0) await delay(10);
  await delay(100);
  expect(runs).toEqual(['a']);
});

test('a thing that never rests has its run all the same', async () => {
  const { onChange, runs } = recorder({ quietMs: 5_000, maxWaitMs: 50 });
  while (runs.length === 0) {
    onChange.changed('a');
    await delay(5);
  }
  expect(runs).toEqual(['a']);
  await onChange.stop();
});

test('settle runs what waits, one at a time, and what changes meanwhile', async () => {
  const { onChange, runs, maxAtOnce } = recorder({ quietMs: 60_000 });
  for (const name of ['a', 'b', 'a', 'c']) onChange.changed(name);
  const settled = onChange.settle();
  onChange.changed('a');
  await settled;
  expect([...runs].sort().join('')).toMatch(/^aa?bc$/);
  expect(maxAtOnce()).toBe(1);
});

test('nothing begins after stop, which waits for what runs', async () => {
  const { onChange, runs, begun } = recorder({ quietMs: 0, workMs: 40 });
  onChange.changed('a');
  while (begun() === 0) await delay(1);
  onChange.changed('b');
  await onChange.stop();
  expect(runs).toEqual(['a']);
  onChange.changed('c');
  await onChange.settle();
  await delay(30);
  expect(runs).toEqual(['a']);
});
