export { breakingLines } from './breaking-lines';
export { DuckDbCatalog, type DuckDbRow } from './duckdb-catalog';
export { expectRefusal } from './expect-refusal';
export { kitchenSink } from './kitchen-sink';
export { nestedLoopJoin } from './nested-loop-join';
export { randomJoin, type RandomJoin } from './random-join';
export { trinoFaults } from './trino-faults';
