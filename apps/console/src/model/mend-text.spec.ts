import { draftOf, nameOfPointer, stepOf } from './mend-text';

test.each([
  { at: '/price', to: 'number' },
  { at: '/a', set: { b: [1] } },
  { at: '/a', set: 'text' },
  { at: '/a', default: '' },
  { at: '/a', remove: true as const },
  { at: '/a', rename: 'b' },
])('%j is the same after it was edited', (step) => {
  expect(stepOf(draftOf(step))).toEqual(step);
});

test('what is no JSON is text', () => {
  expect(stepOf({ at: '/a', kind: 'set', value: 'no json' })).toEqual({ at: '/a', set: 'no json' });
});

test.each([
  ['/user/id', '"id":'],
  ['/*/price', '"price":'],
  ['/a~1b', '"a/b":'],
  ['/', undefined],
  [undefined, undefined],
])('the name at %s is %s', (pointer, name) => {
  expect(nameOfPointer(pointer)).toBe(name);
});
