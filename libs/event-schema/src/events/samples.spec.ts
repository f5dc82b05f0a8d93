import Draft4 from 'ajv-draft-04';
import { requestModel } from '../request-model';
import { shippedEventTypes } from './index';
import { sampledEventTypes, sampleEvents } from './samples';

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
        expect([validate(event), validate.errors]).toEqual([true, null]);
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
    const keys = Array.from(sampleEvents('contract', { count: 100_001 }), (event) => {
      const { contractNumber } = event as { contractNumber: string };
      return contractNumber;
    });
    expect(new Set(keys).size).toBe(100_000);
    expect(keys[100_000]).toBe(keys[0]);
  });

  test('of other event types are refused', () => {
    expect(() => [...sampleEvents('nope', { count: 1 })]).toThrow(
      /match_event, product_event, contract/,
    );
  });
});
