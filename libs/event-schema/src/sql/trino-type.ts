import type { ColumnType } from '@sluice/values';

/**
 * Returns Trino's name for a column type; DuckDB accepts the same names for all types but arrays. Athena reads every
 * timestamp of a Hive table in milliseconds (Athena user guide: data types, timestamp).
 */
export function trinoType(type: ColumnType): string {
  switch (type.kind) {
    case 'decimal':
      return `decimal(${type.precision},${type.scale})`;
    case 'array':
      return `array(${trinoType(type.items)})`;
    case 'timestamp':
      return 'timestamp(3)';
    case 'string':
    case 'json':
      return 'varchar';
    default:
      return type.kind;
  }
}
