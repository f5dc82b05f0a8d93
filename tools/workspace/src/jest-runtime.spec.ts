import { readFileSync } from 'node:fs';

type Counter = typeof import('./testing/counter');

/** Returns the module anew, as a spec file gets it. */
const loadCounter = (): Counter => {
  const loaded: Counter[] = [];
  jest.isolateModules(() => loaded.push(jest.requireActual<Counter>('./testing/counter')));
  return loaded[0]!;
};

test('a module that is loaded again has nothing of the first time, though its code is compiled once', () => {
  const [one, other] = [loadCounter(), loadCounter()];
  expect([one.next(), one.next(), other.next()]).toEqual([1, 2, 1]);
});

test('an error names its place in the source', () => {
  const { stack = '' } = new Error('thrown here');
  const lines = readFileSync(__filename, 'utf8').split('\n');
  const line = lines.findIndex((text) => text.includes("new Error('thrown here')")) + 1;
  expect(stack).toContain(`jest-runtime.spec.ts:${line}:`);
});
