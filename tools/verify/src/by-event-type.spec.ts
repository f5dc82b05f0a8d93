import { NotApplicable, Unexpected } from '@sluice/checks';
import { sale } from '@sluice/event-schema/testing/shop';
import { byEventType } from './by-event-type';

const eventTypes = ['a', 'b', 'c'].map((name) => ({ ...sale, name }));

const trying = (outcomes: Readonly<Record<string, string | Error>>): Promise<string> =>
  byEventType(eventTypes, ({ name }) => {
    const outcome = outcomes[name] ?? 'seen';
    return outcome instanceof Error ? Promise.reject(outcome) : Promise.resolve(outcome);
  });

const nothingThere = new NotApplicable('nothing there');

test('what was observed is told for each event type, and of those where it can not be tried, why', async () => {
  expect(await trying({})).toBe('a: seen; b: seen; c: seen');
  expect(await trying({ a: nothingThere })).toBe('b: seen; c: seen; a: nothing there');
});

test('a fault of one event type is a fault, and what can be tried for none is left out', async () => {
  await expect(trying({ a: nothingThere, b: new Error('broken') })).rejects.toThrow(
    new Unexpected('b: broken'),
  );
  const none = trying({ a: nothingThere, b: nothingThere, c: nothingThere });
  await expect(none).rejects.toBeInstanceOf(NotApplicable);
  await expect(none).rejects.toThrow('a: nothing there; b: nothing there; c: nothing there');
});
