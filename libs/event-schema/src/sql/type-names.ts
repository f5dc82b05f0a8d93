// What engines call the types of columns. What Iceberg's metadata calls them is in iceberg-metadata, Arrow's types are in
// derived/arrow.ts.
import type { ColumnType } from '@sluice/values';

/** Returns Hive's name for a column type; that of JSON text is `string`. */
export function glueType(type: ColumnType): string {
  switch (type.kind) {
    case 'decimal':
      return `decimal(${type.precision},${type.scale})`;
    case 'array':
      return `array<${glueType(type.items)}>`;
    case 'json':
      return 'string';
    default:
      return type.kind;
  }
}

/** Digits of a second in Athena's timestamps: 3 for Hive tables and UNLOAD, 6 for Iceberg tables. */
export type TrinoDigits = 3 | 6;

/**
 * Returns Trino's name for a column type; DuckDB accepts the same names for all types but arrays. Athena reads every
 * timestamp of a Hive table in milliseconds (Athena user guide: data types, timestamp), and of an Iceberg table in
 * microseconds.
 *
 * @param digits of timestamps
 */
export function trinoType(type: ColumnType, digits: TrinoDigits = 3): string {
  switch (type.kind) {
    case 'decimal':
      return `decimal(${type.precision},${type.scale})`;
    case 'array':
      return `array(${trinoType(type.items, digits)})`;
    case 'timestamp':
      return `timestamp(${digits})`;
    case 'string':
    case 'json':
      return 'varchar';
    default:
      return type.kind;
  }
}

/** Returns DuckDB's name for a column type: Trino's, but for arrays, and with the digits that times have. */
export const duckDbType = (type: ColumnType): string =>
  type.kind === 'array'
    ? `${duckDbType(type.items)}[]`
    : trinoType(type, type.kind === 'timestamp' && type.digits > 3 ? 6 : 3);
