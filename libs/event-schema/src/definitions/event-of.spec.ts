import type { EventOf } from './define-event';
import type { kitchenSink } from '../testing/kitchen-sink';
import type { sale } from '../testing/shop';

// Checked by the typecheck target: a wrong type does not compile.
type Invariant<T> = (value: T) => T;
type Equal<A, B> = [Invariant<A>] extends [Invariant<B>]
  ? [Invariant<B>] extends [Invariant<A>]
    ? true
    : false
  : false;
const holds = (equal: true): void => {
  expect(equal).toBe(true);
};

type Sink = EventOf<typeof kitchenSink>;

test('static types follow from the schema', () => {
  holds(true satisfies Equal<Sink['key'], { id: number }>);
  holds(true satisfies Equal<Sink['ok'], boolean | undefined>);
  holds(true satisfies Equal<Sink['day'], string | null>);
  holds(true satisfies Equal<Sink['state'], 'on' | 'off'>);
  holds(true satisfies Equal<Sink['mixed'], number | string>);
  holds(true satisfies Equal<Sink['lines'], { sku: string }[]>);
  holds(true satisfies Equal<Sink['numbers'], (number | null)[] | undefined>);
  holds(true satisfies Equal<Sink['place'], { city: string } | null>);
  holds(true satisfies Equal<Sink['free'], Record<string, unknown>>);
  type Part = EventOf<typeof sale>['parts'][number];
  holds(true satisfies Equal<Part, { sku: string; count: number }>);
  holds(true satisfies Equal<EventOf<typeof sale>['voucher'], number | string>);

  // @ts-expect-error the count is a number
  const wrong: Sink['count'] = '1';
  expect(wrong).toBe('1');
});
