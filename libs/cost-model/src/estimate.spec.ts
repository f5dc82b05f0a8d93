import fc from 'fast-check';
import { estimate, total } from './estimate';
import { pricesByRegion, tiered } from './price-table';
import type { Workload } from './workload';

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

describe('a price with tiers', () => {
  const tiers = [{ upTo: 10, price: 3 }, { upTo: 30, price: 2 }, { price: 1 }];

  it.each([
    [0, 0],
    [10, 30],
    [11, 32],
    [30, 70],
    [100, 140],
  ])('makes %d units cost %d', (amount, cost) => {
    expect(tiered(tiers, amount)).toBe(cost);
  });
});

describe('the estimate', () => {
  it('counts one request for each event, as API Gateway does', () => {
    // 400,000 × 365 / 12 = 12.17 million requests and 0.3 million look-ups at 3.50.
    expect(estimate(small, prices).sluice['API Gateway']).toBeCloseTo(
      ((410_000 * 365) / 12 / 1e6) * 3.5,
    );
  });

  it('counts 600 bytes as the 5 KB that Firehose bills', () => {
    const { sluice } = estimate(small, prices);
    const gigabytes = ((400_000 * 365) / 12) * (5_120 / 2 ** 30);
    expect(sluice['Firehose']).toBeCloseTo(gigabytes * (0.029 + 0.018));
  });

  it('counts what joins and queries read, and 10 MB for one that reads less', () => {
    const bill = (change: Partial<Workload>) => estimate({ ...small, ...change }, prices).sluice;
    const month = 365 / 12;
    const asked = bill({ queriesPerDay: 1_000, queryBytes: 1e9 });
    expect(asked['Athena: queries']).toBeCloseTo(((1_000 * month * 1e9) / 1e12) * 5);
    // 48 MB of Parquet a day: rows and counts are two queries of 10 MB, or 65 % of the day.
    expect(bill({ joins: 1 })['Athena: joins']).toBeCloseTo(((month * 48e6 * 0.65) / 1e12) * 5);
    expect(bill({ joins: 1, eventsPerDay: 1_000 })['Athena: joins']).toBeCloseTo(
      ((month * 20e6) / 1e12) * 5,
    );
    expect(bill({ joins: 3 })['Step Functions']).toBeCloseTo(((3 * month * 11) / 1_000) * 0.025);
    expect(bill({ crawlsPerDay: 1 })['Glue: crawler']).toBeCloseTo((month * 0.44) / 3);
  });

  it('counts shards by the busiest second, in records or in bytes', () => {
    const shards = (change: Partial<Workload>) =>
      estimate({ ...small, ...change }, prices).provisioned.shards;
    expect(shards({})).toBe(1);
    // 4 billion a day are 46,296 a second on average, twice that at the peak.
    expect(shards({ eventsPerDay: 4e9 })).toBe(93);
    expect(shards({ eventsPerDay: 4e9, eventBytes: 2_048 })).toBe(181);
    expect(shards({ eventTypes: 7 })).toBe(7);
  });

  it('is cheaper in batches, and never than nothing', () => {
    fc.assert(
      fc.property(
        fc.record({
          eventsPerDay: fc.integer({ min: 0, max: 1e10 }),
          eventBytes: fc.integer({ min: 1, max: 1e6 }),
          lookupsPerDay: fc.integer({ min: 0, max: 1e8 }),
          eventTypes: fc.integer({ min: 1, max: 50 }),
          joins: fc.integer({ min: 0, max: 20 }),
          queriesPerDay: fc.integer({ min: 0, max: 1e6 }),
          queryBytes: fc.integer({ min: 0, max: 1e12 }),
          crawlsPerDay: fc.integer({ min: 0, max: 24 }),
          streams: fc.constantFrom('on-demand' as const, 'provisioned' as const),
        }),
        fc.integer({ min: 2, max: 500 }),
        (workload, eventsPerRequest) => {
          const single = estimate({ ...workload, eventsPerRequest: 1 }, prices);
          const batched = estimate({ ...workload, eventsPerRequest }, prices);
          for (const bill of [single.sluice, single.plain, batched.sluice, batched.plain])
            for (const amount of Object.values(bill)) expect(amount).toBeGreaterThanOrEqual(0);
          expect(total(batched.sluice)).toBeLessThanOrEqual(total(single.sluice));
        },
      ),
    );
  });
});
