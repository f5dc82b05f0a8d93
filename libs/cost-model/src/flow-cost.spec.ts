import { estimate, total } from './estimate';
import { flowCost, type ObservedFlow } from './flow-cost';
import { pricesByRegion } from './price-table';

const prices = pricesByRegion.get('us-east-1')!;
const flow: ObservedFlow = {
  eventsPerMinute: 40_000_000 / 1_440,
  eventBytes: 600,
  eventTypes: 1,
  eventsPerRequest: 500,
};
const of = (change: Partial<ObservedFlow> = {}) => flowCost({ ...flow, ...change }, prices)!;

test('a flow costs what the estimate says of the same events a day', () => {
  const { bill, perMonth, eventsPerMonth, perMillionEvents } = of();
  const workload = { eventsPerDay: 40_000_000, eventBytes: 600, eventsPerRequest: 500 };
  const none = { lookupsPerDay: 0, joins: 0, queriesPerDay: 0, queryBytes: 0, crawlsPerDay: 0 };
  const { sluice } = estimate(
    { ...workload, ...none, eventTypes: 1, streams: 'on-demand' },
    prices,
  );
  expect(perMonth).toBeCloseTo(total(sluice));
  expect(eventsPerMonth).toBeCloseTo((40_000_000 * 365) / 12);
  expect(perMillionEvents).toBeCloseTo((total(sluice) / eventsPerMonth) * 1e6);
  expect(Object.values(bill).every((cost) => cost > 0)).toBe(true);
  expect(bill).not.toHaveProperty('Athena: joins');
});

test('the idle part is the same at every rate, and a trickle pays little else', () => {
  const trickle = of({ eventsPerMinute: 1 });
  expect(trickle.idlePerMonth).toBeCloseTo(of().idlePerMonth);
  expect(trickle.idlePerMonth / trickle.perMonth).toBeGreaterThan(0.7);
  expect(trickle.perMillionEvents).toBeGreaterThan(100 * of().perMillionEvents);
  expect(trickle.furtherMillion).toBeLessThan(trickle.perMillionEvents / 50);
});

test('batches make a million cheaper, and no event has no price', () => {
  expect(of({ eventsPerRequest: 1 }).furtherMillion).toBeGreaterThan(of().furtherMillion + 2);
  expect(flowCost({ ...flow, eventsPerMinute: 0 }, prices)).toBeUndefined();
});
