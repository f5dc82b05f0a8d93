import type { EventOf } from '@sluice/event-schema';
import type { contract, productEvent } from '../events';
import type { kitchenSink } from '@sluice/event-schema/testing';

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
  type Interval = EventOf<typeof contract>['premium']['interval'];
  holds(true satisfies Equal<Interval, 'monthly' | 'quarterly' | 'yearly'>);
  holds(true satisfies Equal<EventOf<typeof productEvent>['user']['id'], string>);

  // @ts-expect-error the count is a number
  const wrong: Sink['count'] = '1';
  expect(wrong).toBe('1');
});
