export type { Audience, Breakage, Change } from './change';
export { compareDefinitions, type TableDefinitions } from './compare-definitions';
export { compareEventTypes } from './compare-event-types';
export { breakingChanges, compatibilityReport } from './compatibility-report';
export { compareWithStored, type StoredComparison } from './compare-with-stored';
export { columnWidening, type ColumnWidening } from './column-widening';
