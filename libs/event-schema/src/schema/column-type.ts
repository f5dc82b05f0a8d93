import type { ColumnType, ScalarType, TimestampDigits } from '@sluice/values';
import type { JsonSchema } from './json-schema';

/** Result for a schema node: a column, or an object whose members have columns. */
export type NodeShape =
  | { readonly shape: 'object'; readonly nullable: boolean; readonly schema: JsonSchema }
  | {
      readonly shape: 'column';
      readonly nullable: boolean;
      readonly type: ColumnType;
      readonly schema: JsonSchema;
    };

const json: ColumnType = { kind: 'json' };

const typeNames = (schema: JsonSchema): readonly string[] => {
  if (typeof schema.type === 'string') return [schema.type];
  if (schema.type !== undefined) return schema.type;
  const literals = schema.enum ?? ('const' in schema ? [schema.const] : []);
  return [...new Set(literals.map(typeNameOf))];
};

const typeNameOf = (value: unknown): string => {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
};

const timestampDigits = (digits: number | undefined): TimestampDigits =>
  digits === 0 || digits === 6 ? digits : 3;

const scalarType = (name: string, schema: JsonSchema): ScalarType | undefined => {
  if (schema.format === 'decimal' && (name === 'string' || name === 'number'))
    return { kind: 'decimal', precision: schema.precision ?? 38, scale: schema.scale ?? 9 };
  switch (name) {
    case 'integer':
      return { kind: 'bigint' };
    case 'number':
      return { kind: 'double' };
    case 'boolean':
      return { kind: 'boolean' };
    case 'string':
      if (schema.format === 'date-time')
        return { kind: 'timestamp', digits: timestampDigits(schema.digits) };
      if (schema.format === 'date') return { kind: 'date' };
      return { kind: 'string' };
    default:
      return undefined;
  }
};

/**
 * Decides what a schema node becomes. A node of several types (besides `null`), a free-form object and an array of
 * anything but one scalar type become JSON text, which can hold every value.
 */
export function nodeShape(schema: JsonSchema): NodeShape {
  if (schema.anyOf) return unionShape(schema);
  const names = typeNames(schema);
  const nullable = names.includes('null');
  const rest = names.filter((name) => name !== 'null');
  const [only] = rest;
  const column = (type: ColumnType): NodeShape => ({ shape: 'column', nullable, type, schema });

  if (only === undefined) return { shape: 'column', nullable: true, type: json, schema };
  if (rest.length > 1) {
    const numeric = rest.every((name) => name === 'integer' || name === 'number');
    return column(numeric ? { kind: 'double' } : json);
  }
  if (only === 'object') {
    const open = Object.keys(schema.properties ?? {}).length === 0;
    return open ? column(json) : { shape: 'object', nullable, schema };
  }
  if (only === 'array') {
    const items = schema.items && nodeShape(schema.items);
    const scalar = items?.shape === 'column' && items.type.kind !== 'json' ? items.type : undefined;
    return column(scalar && scalar.kind !== 'array' ? { kind: 'array', items: scalar } : json);
  }
  return column(scalarType(only, schema) ?? json);
}

function unionShape(schema: JsonSchema): NodeShape {
  const branches = (schema.anyOf ?? []).map(nodeShape);
  const isNull = (branch: NodeShape, index: number): boolean =>
    branch.shape === 'column' && typeNames(schema.anyOf?.[index] ?? {}).join() === 'null';
  const rest = branches.filter((branch, index) => !isNull(branch, index));
  const nullable = rest.length < branches.length || rest.some((branch) => branch.nullable);
  const [first] = rest;
  if (first === undefined) return { shape: 'column', nullable: true, type: json, schema };
  if (rest.length === 1) return { ...first, nullable };
  const sameType = rest.every(
    (branch) =>
      branch.shape === 'column' &&
      first.shape === 'column' &&
      JSON.stringify(branch.type) === JSON.stringify(first.type),
  );
  if (sameType && first.shape === 'column') return { ...first, nullable, schema };
  return { shape: 'column', nullable, type: json, schema };
}
