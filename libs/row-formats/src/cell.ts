import type { Column } from '@sluice/event-schema';

/**
 * A value of a table, the same whatever it was read from: bigint columns are bigints, dates days since 1970,
 * timestamps microseconds, decimals unscaled at the column's scale, JSON columns their text, arrays arrays.
 */
export type Cell = null | bigint | number | boolean | string | readonly Cell[];

/** What a format has to know of a column. */
export type RowColumn = Pick<Column, 'name' | 'type'>;

/** Cells in the order of the columns that they are written with. */
export interface Row {
  readonly cells: readonly Cell[];
}
