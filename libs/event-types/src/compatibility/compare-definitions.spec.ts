import { shippedEventTypes } from '../events';
import { shippedJoins } from '../joins';
import { shippedReferences } from '../references';
import {
  breakingChanges,
  compareDefinitions,
  compatibilityReport,
  type TableDefinitions,
} from '@sluice/event-schema/compatibility';

const shipped: TableDefinitions = {
  eventTypes: shippedEventTypes,
  references: shippedReferences,
  joins: shippedJoins,
};

test('what is written as JSON and read again is unchanged', () => {
  const read = JSON.parse(JSON.stringify(shipped)) as TableDefinitions;
  expect(compareDefinitions(read, shipped)).toEqual([]);
  expect(compatibilityReport([])).toBe('The definitions are unchanged.');
});

test('definitions of every kind are compared, and the way out is that of each kind', () => {
  const none: TableDefinitions = { eventTypes: [], references: [], joins: [] };
  const changes = breakingChanges(compareDefinitions(shipped, none));
  const names = [shippedEventTypes, shippedReferences, shippedJoins].flat().map(({ name }) => name);
  expect(changes.map(({ name }) => name)).toEqual(names);
  expect(compatibilityReport(changes)).toMatch(
    /changes break something\..* major part of an event type's version.* join of another name/,
  );
});
