import { lakeDate } from '@sluice/lake-layout/keys';
import type { EventTypeFacts, JsonSchema } from './facts';
import { patternText } from './pattern-text';

/** Returns the first of a schema's types that is not null. */
export function typeOf({ type, properties, items, enum: values, anyOf }: JsonSchema): string {
  const types = typeof type === 'string' ? [type] : (type ?? []);
  const [first] = types.filter((one) => one !== 'null');
  if (first !== undefined) return first;
  if (properties) return 'object';
  if (items) return 'array';
  if (values && values.length > 0) return typeof values[0];
  const [either] = anyOf ?? [];
  return either ? typeOf(either) : 'string';
}

/** Source of values that are new each time. */
export interface Chance {
  readonly uuid: () => string;
  readonly nowMs: number;
}

/** Returns an event that conforms to an event type, as far as its schema says what conforms. */
export const sampleEvent = ({ schema, key, identity }: EventTypeFacts, chance: Chance): unknown =>
  sampleValue(schema, '', { key, identity, ...chance });

interface Context extends Chance {
  readonly key: string;
  readonly identity: string | undefined;
}

function sampleValue(schema: JsonSchema, path: string, context: Context): unknown {
  if (schema.const !== undefined) return schema.const;
  if (schema.default !== undefined) return schema.default;
  if (schema.examples?.[0] !== undefined) return schema.examples[0];
  const fitting = schema.enum?.find((value) => value !== null);
  if (fitting !== undefined) return fitting;
  if (isNullable(schema)) return null;
  const [either] = schema.anyOf ?? [];
  if (either && schema.type === undefined) return sampleValue(either, path, context);
  switch (typeOf(schema)) {
    case 'object': {
      const properties = Object.entries(schema.properties ?? {});
      const required = new Set(schema.required);
      return Object.fromEntries(
        properties
          .filter(([name]) => required.has(name))
          .map(([name, child]) => [
            name,
            sampleValue(child, path === '' ? name : `${path}.${name}`, context),
          ]),
      );
    }
    case 'array':
      return [];
    case 'integer':
      return path === context.key || path === context.identity
        ? Math.floor(context.nowMs / 1_000) % 2_000_000_000
        : (schema.minimum ?? 1);
    case 'number':
      return schema.minimum ?? 1.5;
    case 'boolean':
      return true;
    default:
      return sampleText(schema, path, context);
  }
}

const isNullable = ({ type, anyOf = [] }: JsonSchema): boolean =>
  (Array.isArray(type) && type.includes('null')) || anyOf.some((one) => one.type === 'null');

function sampleText(
  { format, pattern }: JsonSchema,
  path: string,
  { uuid, nowMs, key, identity }: Context,
): string {
  if (format === 'date-time') return new Date(nowMs).toISOString();
  if (format === 'decimal') return '1';
  if (format === 'date') return lakeDate(nowMs);
  if (format === 'uuid' || (pattern?.includes('{12}') ?? false)) return uuid();
  const fitting =
    pattern === undefined
      ? undefined
      : patternText(pattern, Array.from(String(nowMs)).reverse().join(''));
  if (fitting !== undefined) return fitting;
  if (path === identity) return uuid();
  if (path === key) return `you-${uuid().slice(0, 6)}`;
  return path.split('.').at(-1) ?? 'text';
}

const uuidText = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Gives an event's text a new identity, so that sending it again is another event rather than a copy. Nothing else of
 * the text changes.
 *
 * @param text JSON, perhaps edited by a person
 * @param identity path of the event type's identity; a text without a UUID there is returned unchanged
 */
export function withNewIdentity(
  text: string,
  identity: string | undefined,
  uuid: () => string,
): string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return text;
  }
  for (const name of identity?.split('.') ?? [])
    value = (value as Readonly<Record<string, unknown>> | null | undefined)?.[name];
  return typeof value === 'string' && uuidText.test(value) ? text.replace(value, uuid()) : text;
}
