import type { FixStep } from './facts';
import { draftOf, stepOf } from './fix-draft';

test.each<FixStep>([
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
