import type { Catalog } from '../catalog/check-catalog';
import type { Change } from './change';
import { compareEventTypes } from './compare-event-types';
import { compareJoins } from './compare-joins';
import { compareReferences } from './compare-references';

/** The definitions from which tables are made. */
export type TableDefinitions = Pick<Catalog, 'eventTypes' | 'references' | 'joins'>;

/** Compares all definitions of tables with their earlier versions. */
export const compareDefinitions = (
  before: TableDefinitions,
  after: TableDefinitions,
): readonly Change[] => [
  ...compareEventTypes(before.eventTypes, after.eventTypes),
  ...compareReferences(before.references, after.references),
  ...compareJoins(before.joins, after.joins),
];
