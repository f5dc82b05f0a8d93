import { sqlName } from '@sluice/event-schema/sql-text';

/** Error for a Glue column type that has no counterpart in DuckDB. */
export class GlueTypeError extends Error {
  override readonly name = 'GlueTypeError';
}

// Source: Athena user guide, "Data types in Amazon Athena", in DDL's words.
const scalars: Readonly<Record<string, string>> = {
  boolean: 'BOOLEAN',
  tinyint: 'TINYINT',
  smallint: 'SMALLINT',
  int: 'INTEGER',
  integer: 'INTEGER',
  bigint: 'BIGINT',
  float: 'FLOAT',
  double: 'DOUBLE',
  string: 'VARCHAR',
  binary: 'BLOB',
  date: 'DATE',
  timestamp: 'TIMESTAMP',
};

/** Returns DuckDB's name for a Glue type: `array<bigint>` → `BIGINT[]`. @throws {@link GlueTypeError} */
export function duckDbType(glueType: string): string {
  const text = glueType.trim().toLowerCase();
  const scalar = scalars[text];
  if (scalar !== undefined) return scalar;
  if (/^(?:var)?char\(\d+\)$/.test(text)) return 'VARCHAR';
  if (/^decimal\(\d+,\s*\d+\)$/.test(text)) return text.toUpperCase();
  const [, outer, inner] = /^(array|map|struct)<(.+)>$/.exec(text) ?? [];
  if (outer !== undefined && inner !== undefined) {
    const parts = splitTopLevel(inner);
    if (outer === 'array' && parts.length === 1) return `${duckDbType(inner)}[]`;
    if (outer === 'map' && parts.length === 2) return `MAP(${parts.map(duckDbType).join(', ')})`;
    if (outer === 'struct')
      return `STRUCT(${parts.map((part) => structField(part, glueType)).join(', ')})`;
  }
  throw new GlueTypeError(`the column type "${glueType}" is not known to the local Athena`);
}

function structField(part: string, whole: string): string {
  const [, name, type] = /^([^:]+):(.+)$/.exec(part) ?? [];
  if (name === undefined || type === undefined)
    throw new GlueTypeError(`the column type "${whole}" has a field without name or type`);
  return `${sqlName(name.trim())} ${duckDbType(type)}`;
}

/** Splits a text at the commas that are outside of brackets. */
function splitTopLevel(text: string): readonly string[] {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? '';
    if ('<('.includes(character)) depth++;
    else if ('>)'.includes(character)) depth--;
    else if (character === ',' && depth === 0) {
      parts.push(text.slice(from, at));
      from = at + 1;
    }
  }
  return [...parts, text.slice(from)];
}
