/** Fraction digits of a second that a timestamp column holds and shows. */
export type TimestampDigits = 0 | 3 | 6;

export type ScalarType =
  | { readonly kind: 'bigint' }
  | { readonly kind: 'double' }
  | { readonly kind: 'boolean' }
  | { readonly kind: 'string' }
  | { readonly kind: 'date' }
  | { readonly kind: 'timestamp'; readonly digits: TimestampDigits }
  | { readonly kind: 'decimal'; readonly precision: number; readonly scale: number };

/** The type of a table's column. `json` is a string column that holds JSON text. */
export type ColumnType =
  | ScalarType
  | { readonly kind: 'array'; readonly items: ScalarType }
  | { readonly kind: 'json' };

/**
 * A value of a column, in one form whatever it was read from: bigint columns are bigints, dates are days since 1970,
 * timestamps are microseconds since 1970, decimals are unscaled integers at the column's scale, JSON columns are
 * their text, arrays are arrays.
 */
export type Cell = null | bigint | number | boolean | string | readonly Cell[];
