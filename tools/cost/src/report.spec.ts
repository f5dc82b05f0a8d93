import { estimate, pricesByRegion, type Workload } from '@sluice/cost-model';
import { report } from './report';

const prices = pricesByRegion.get('us-east-1')!;
const small: Workload = {
  eventsPerDay: 400_000,
  eventBytes: 600,
  lookupsPerDay: 10_000,
  eventsPerRequest: 1,
  eventTypes: 1,
  joins: 0,
  queriesPerDay: 0,
  queryBytes: 100e6,
  crawlsPerDay: 0,
  streams: 'on-demand',
};

test('the report says where the plain design would not answer in time', () => {
  const big = { ...small, eventsPerDay: 40_000_000 };
  expect(report(small, 'us-east-1', estimate(small, prices))).not.toContain('would not work');
  expect(report(big, 'us-east-1', estimate(big, prices))).toContain('would not work');
});
