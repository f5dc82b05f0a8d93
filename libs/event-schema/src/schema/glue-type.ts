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
