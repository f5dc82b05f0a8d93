import fc from 'fast-check';
import { anyPosition, pointerStep, pointerSteps } from './json-pointer';

test('the steps of a pointer are the names of which it was made', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: fc.constantFrom('~', '/', '0', '1', 'a', ' ') })),
      (names) => {
        expect(pointerSteps(names.map(pointerStep).join(''))).toEqual(names);
      },
    ),
  );
});

// The examples of RFC 6901, section 5.
test.each([
  ['', []],
  ['/foo/0', ['foo', '0']],
  ['/', ['']],
  ['/a~1b', ['a/b']],
  ['/m~0n', ['m~n']],
  ['/~01', ['~1']],
])('%j has the steps %j', (pointer, steps) => {
  expect(pointerSteps(pointer)).toEqual(steps);
});

test.each([
  ['/items/0/price', '/items/*/price'],
  ['/1/2', '/*/*'],
  ['/a1/2b', '/a1/2b'],
  ['', ''],
])('%j is %j for any position', (pointer, any) => {
  expect(anyPosition(pointer)).toBe(any);
});
