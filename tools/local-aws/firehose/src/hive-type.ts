import type { ColumnType, ScalarType } from '@sluice/event-schema';

/** Error for a Glue column type that the format conversion does not support. */
export class HiveTypeError extends Error {
  override readonly name = 'HiveTypeError';
}

const scalars: Readonly<Record<string, ScalarType>> = {
  bigint: { kind: 'bigint' },
  double: { kind: 'double' },
  boolean: { kind: 'boolean' },
  string: { kind: 'string' },
  date: { kind: 'date' },
  // Hive's timestamps have no declared precision; six digits keep what any event type has.
  timestamp: { kind: 'timestamp', digits: 6 },
};

/** Reads a Glue column type; the inverse of `glueType`. @throws {@link HiveTypeError} */
export function hiveColumnType(text: string): ColumnType {
  const array = /^array<(.+)>$/.exec(text);
  if (array?.[1]) return { kind: 'array', items: hiveScalarType(array[1]) };
  return hiveScalarType(text);
}

function hiveScalarType(text: string): ScalarType {
  const decimal = /^decimal\((\d+),\s*(\d+)\)$/.exec(text);
  if (decimal) return { kind: 'decimal', precision: Number(decimal[1]), scale: Number(decimal[2]) };
  const scalar = scalars[text];
  if (!scalar) throw new HiveTypeError(`the column type "${text}" is not known to the conversion`);
  return scalar;
}
