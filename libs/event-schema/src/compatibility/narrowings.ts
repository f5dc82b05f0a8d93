import { pointerStep } from '@sluice/values';
import type { JsonSchema } from '../schema/json-schema';

/** A part of a schema that refuses values which it accepted before. */
export interface Narrowing {
  /** JSON pointer into the schema. */
  readonly pointer: string;
  readonly what: string;
}

const lowerBounds = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems'] as const;
const upperBounds = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems'] as const;
/** Keywords that can only be compared for equality. The size of a decimal is compared by its column's type. */
const opaque = ['pattern', 'format', 'multipleOf'] as const;

/** Returns which values that `before` accepted `after` refuses, as far as their keywords tell. */
export function narrowings(before: JsonSchema, after: JsonSchema): readonly Narrowing[] {
  const now = alternatives(after);
  return alternatives(before).flatMap((old) => {
    const compared = now.map((schema) => narrowedAlternative(old, schema));
    if (compared.some((found) => found.length === 0)) return [];
    const sameType = compared.filter((_, index) => now[index]?.type === old.type);
    if (compared.length === 1 || sameType.length === 1) return sameType[0] ?? compared[0] ?? [];
    const what = JSON.stringify(old.const ?? old.enum ?? old.type ?? 'anything');
    return [{ pointer: after.anyOf ? '/anyOf' : '', what: `no longer takes ${what}` }];
  });
}

/** Returns schemas of at most one type each that together accept the same values as the schema. */
const alternatives = (schema: JsonSchema): readonly JsonSchema[] => {
  if (schema.anyOf) return schema.anyOf.flatMap(alternatives);
  const { type } = schema;
  if (type === undefined || typeof type === 'string') return [schema];
  return type.map((name) => (name === 'null' ? { type: name } : { ...schema, type: name }));
};

function narrowedAlternative(before: JsonSchema, after: JsonSchema): readonly Narrowing[] {
  const found: Narrowing[] = [];
  const add = (keyword: string, what: string): void => {
    found.push({ pointer: `/${keyword}`, what });
  };

  const lost = typesOf(before).filter((type) => !takesType(after, type));
  if (lost.length > 0) return [{ pointer: '/type', what: `no longer takes ${lost.join(', ')}` }];
  for (const keyword of lowerBounds) {
    const [old, now] = [before[keyword], after[keyword]];
    if (now !== undefined && (old === undefined || now > old))
      add(keyword, `${keyword} rose from ${old ?? 'none'} to ${now}`);
  }
  for (const keyword of upperBounds) {
    const [old, now] = [before[keyword], after[keyword]];
    if (now !== undefined && (old === undefined || now < old))
      add(keyword, `${keyword} fell from ${old ?? 'none'} to ${now}`);
  }
  for (const keyword of opaque) {
    const [old, now] = [before[keyword], after[keyword]];
    if (now === undefined || now === old) continue;
    // Every integer is also a decimal.
    if (now === 'decimal' && before.type === 'integer') continue;
    add(keyword, `${keyword} changed from ${old ?? 'none'} to ${now}`);
  }
  if (after.uniqueItems && !before.uniqueItems) add('uniqueItems', 'items must now be unique');

  const values = allowed(after);
  if (values) {
    const old = allowed(before);
    const missing = old?.filter((value) => !has(values, value));
    if (!missing) add('enum', 'takes only listed values now');
    else if (missing.length > 0)
      add('enum', `no longer takes ${missing.map((value) => JSON.stringify(value)).join(', ')}`);
  }
  return [...found, ...narrowedMembers(before, after)];
}

function narrowedMembers(before: JsonSchema, after: JsonSchema): readonly Narrowing[] {
  const found: Narrowing[] = [];
  const below = (step: string, narrowing: Narrowing): void => {
    found.push({ ...narrowing, pointer: step + narrowing.pointer });
  };
  if (after.items)
    for (const narrowing of narrowings(before.items ?? {}, after.items)) below('/items', narrowing);
  for (const [name, schema] of Object.entries(after.properties ?? {})) {
    const old = before.properties?.[name];
    // A new member accepted any value before, which went to "unmapped"; clients don't depend on that.
    if (!old) continue;
    for (const narrowing of narrowings(old, schema))
      below(`/properties${pointerStep(name)}`, narrowing);
  }
  for (const name of after.required ?? [])
    if (!before.required?.includes(name) && after.properties?.[name]?.default === undefined)
      found.push({ pointer: '/required', what: `"${name}" is now required` });
  return found;
}

const everyType = ['object', 'array', 'string', 'number', 'boolean', 'null'];

const typesOf = ({ type, enum: values, ...rest }: JsonSchema): readonly string[] => {
  if (typeof type === 'string') return [type];
  if (type) return type;
  return values || 'const' in rest ? [] : everyType;
};

function takesType(schema: JsonSchema, type: string): boolean {
  const types = typesOf(schema);
  return types.includes(type) || (type === 'integer' && types.includes('number'));
}

const allowed = (schema: JsonSchema): readonly unknown[] | undefined =>
  schema.enum ?? ('const' in schema ? [schema.const] : undefined);

const has = (values: readonly unknown[], value: unknown): boolean =>
  values.some((item) => JSON.stringify(item) === JSON.stringify(value));
