import { shop } from '../testing/shop';
import { compareDefinitions, type TableDefinitions } from './compare-definitions';
import { breakingChanges, compatibilityReport } from './compatibility-report';

const { eventTypes, references, joins } = shop;
const all: TableDefinitions = { eventTypes, references, joins };

test('what is written as JSON and read again is unchanged', () => {
  const read = JSON.parse(JSON.stringify(all)) as TableDefinitions;
  expect(compareDefinitions(read, all)).toEqual([]);
  expect(compatibilityReport([])).toBe('The definitions are unchanged.');
});

test('definitions of every kind are compared, and the way out is that of each kind', () => {
  const none: TableDefinitions = { eventTypes: [], references: [], joins: [] };
  const changes = breakingChanges(compareDefinitions(all, none));
  const names = [eventTypes, references, joins].flat().map(({ name }) => name);
  expect(changes.map(({ name }) => name)).toEqual(names);
  expect(compatibilityReport(changes)).toMatch(
    /changes break something\..* major part of an event type's version.* join of another name/,
  );
});
