// Holds the estimate of an erasure to the requests of one, over days as small as they can be.
import { createRowTableBuilder } from '@sluice/columns';
import { pricesByRegion } from '@sluice/cost-model';
import { defineEvent, tableColumns, type EventType } from '@sluice/event-schema';
import { MemoryObjectStore, rawPrefix } from '@sluice/lake-layout';
import { compactDay, eraseSubjects } from '@sluice/lake-maintenance';
import { rawLayout, writeParquet } from '@sluice/parquet-writing';
import { estimateErasure, type ErasureWorkload } from './erasure';

const prices = pricesByRegion.get('us-east-1')!;
const dayMs = 86_400_000;
const firstMs = Date.parse('2026-01-01');
/** Number of days, as many as show what each costs. */
const days = 40;
const person = 'zq-ada';

const visit = defineEvent({
  name: 'visit',
  version: '1.0.0',
  key: 'id',
  subject: 'person',
  schema: {
    type: 'object',
    required: ['id', 'person'],
    properties: { id: { type: 'string' }, person: { type: 'string' } },
  },
});
const byKey = defineEvent({ ...visit, key: 'person' });
const byIndex = defineEvent({ ...visit, indexes: ['person'] });

const dateOf = (day: number): string => new Date(firstMs + day * dayMs).toISOString().slice(0, 10);

/** Makes sealed days of one file each; the person is in the first of them. */
async function lakeOf(eventType: EventType): Promise<MemoryObjectStore> {
  const nowMs = firstMs + (days + 2) * dayMs;
  const store = new MemoryObjectStore({ now: () => nowMs });
  for (let day = 0; day < days; day++) {
    const date = dateOf(day);
    const builder = createRowTableBuilder(tableColumns(eventType));
    for (const [at, name] of ['ada', day === 0 ? person : 'bob', 'zz'].entries())
      builder.append({
        ...{ id: `${day}-${at}`, person: name, event_id: `${day}-${at}` },
        ingested_at: `${date} 10:00:00.000`,
      });
    const { bytes } = writeParquet(builder.finish(), rawLayout);
    await store.put(`${rawPrefix('visit', date)}hour=10/a.parquet`, bytes);
    await compactDay({ store, eventType, date, now: () => nowMs });
  }
  await erase(store, eventType, 'nobody');
  store.calls.length = 0;
  return store;
}

async function erase(store: MemoryObjectStore, eventType: EventType, subject: string) {
  const nowMs = firstMs + (days + 3) * dayMs;
  await eraseSubjects({
    ...{ store, eventType, bucket: 'lake', subjects: [{ subject }], now: () => nowMs },
  });
}

test.each([
  ['key', byKey],
  ['index', byIndex],
  ['scan', visit],
] as const)(
  'an erasure by %s takes the requests that the estimate says',
  async (foundBy, eventType) => {
    const store = await lakeOf(eventType);
    await erase(store, eventType, person);
    const { calls } = store;
    const gets = calls.filter(({ operation }) => operation === 'get').length;
    const puts = calls.filter(
      ({ operation }) => operation === 'put' || operation === 'list',
    ).length;
    const workload: ErasureWorkload = {
      ...{ days, daysHeld: 1, filesHeld: 1, indexes: foundBy === 'index' ? 1 : 0, foundBy },
      storedBytes: days * 1_000,
    };
    const estimate = estimateErasure(workload, prices);
    for (const [counted, estimated] of [
      [gets, estimate.gets],
      [puts, estimate.puts],
    ] as const) {
      expect(counted).toBeGreaterThan(0.9 * estimated);
      expect(counted).toBeLessThan(1.1 * estimated);
    }
    // Of a day that does not hold the person, one range of a file at most.
    const others = calls.filter(
      ({ operation, key }) =>
        operation === 'get' && key.endsWith('.parquet') && !key.includes(`dt=${dateOf(0)}`),
    );
    expect(others.length).toBeLessThanOrEqual(days - 1);
    expect(new Set(others.map(({ key }) => key)).size).toBe(others.length);
    const written = calls.filter(
      ({ operation, key }) => operation === 'put' && key.endsWith('.parquet'),
    );
    expect(written.every(({ key }) => key.includes(`dt=${dateOf(0)}`))).toBe(true);
    expect(written).toHaveLength(foundBy === 'index' ? 2 : 1);
  },
);
