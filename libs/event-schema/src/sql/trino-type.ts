import type { ColumnType } from '@sluice/values';

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
