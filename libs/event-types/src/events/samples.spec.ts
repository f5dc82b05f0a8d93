import Draft4 from 'ajv-draft-04';
import { requestModel } from '@sluice/event-schema';
import { sampleContract } from './contract.samples';
import { shippedEventTypes } from '.';
import { sampledEventTypes, sampleEvents, samplePlayerRows, type SeededRandom } from './samples';

describe('sample events', () => {
  const sampled = shippedEventTypes.filter(({ name }) => sampledEventTypes.includes(name));

  test('are of shipped event types', () => {
    expect(sampled.map(({ name }) => name)).toEqual(sampledEventTypes);
  });

  test.each(sampled.map((eventType) => [eventType.name, eventType] as const))(
    'of %s pass the request model, and have an identity each',
    (name, eventType) => {
      const validate = new Draft4({ strict: false }).compile(requestModel(eventType));
      const identities = new Set<unknown>();
      for (const event of sampleEvents(name, { count: 2_000 })) {
        if (!validate(event)) throw new Error(JSON.stringify([validate.errors, event]));
        identities.add((event as Record<string, unknown>)[eventType.identity ?? '']);
      }
      expect(identities.size).toBe(2_000);
    },
  );

  test.each(sampledEventTypes)('of %s are the same for the same seed', (name) => {
    const make = (seed: number): string =>
      JSON.stringify([...sampleEvents(name, { count: 5, seed })]);
    expect(make(7)).toBe(make(7));
    expect(make(7)).not.toBe(make(8));
  });

  test('of contracts come back to a key only after all others', () => {
    // The key depends on the position alone; all else takes the least time.
    const first: SeededRandom = {
      fraction: () => 0,
      integer: (from) => from,
      pick: ([value]) => value,
      chance: () => false,
      uuid: () => '',
    };
    const startAt = new Date('2026-01-01T00:00:00Z');
    const keys = Array.from(
      { length: 100_001 },
      (_, index) => sampleContract(first, index, startAt).contractNumber,
    );
    expect(new Set(keys).size).toBe(100_000);
    expect(keys[100_000]).toBe(keys[0]);
    const seeded = Array.from(sampleEvents('contract', { count: 5, startAt }));
    expect(seeded).toEqual(
      keys
        .slice(0, 5)
        .map((contractNumber) => expect.objectContaining({ contractNumber }) as object),
    );
  });

  test('of match events have a player each in the sample of players', () => {
    const players = samplePlayerRows().map((row) => (row as { wyId: number }).wyId);
    expect(new Set(players).size).toBe(players.length);
    for (const event of sampleEvents('match_event', { count: 500 }))
      expect(players).toContain((event as { playerId: number }).playerId);
  });

  test('of match events have ids that no event of the data set has: a real event would count as a copy', () => {
    const largestOfDataSet = 300_000_000;
    for (const event of sampleEvents('match_event', { count: 500 })) {
      const { id, matchId } = event as { readonly id: number; readonly matchId: number };
      expect(Math.min(id, matchId)).toBeGreaterThan(largestOfDataSet);
    }
  });

  test('of other event types are refused', () => {
    expect(() => [...sampleEvents('nope', { count: 1 })]).toThrow(
      /match_event, product_event, contract/,
    );
  });
});
