import { pointerStep, pointerSteps } from '@sluice/values/json-pointer';
import type { JsonSchema } from './facts';

/** Part of a schema that says what may be at a place of an event. */
export interface SchemaPart {
  /** JSON pointer into events; that of the nearest place around the wanted one that the schema names. */
  readonly pointer: string;
  readonly schema: JsonSchema;
  /** True where the member has to be there; undefined where the place is no member of an object. */
  readonly isRequired?: boolean;
}

/** Finds the part of a schema for a JSON pointer into an event, or the nearest around it. */
export function partAt(schema: JsonSchema, pointer: string): SchemaPart {
  let part: SchemaPart = { pointer: '', schema };
  for (const step of pointerSteps(pointer)) {
    const { properties, items, required = [] } = part.schema;
    const member = properties?.[step];
    const next = member ?? (isElement(step) ? items : undefined);
    if (!next) break;
    part = {
      pointer: part.pointer + pointerStep(step),
      schema: next,
      ...(member && { isRequired: required.includes(step) }),
    };
  }
  return part;
}

/** Returns a schema with another part at the place of one that {@link partAt} found. */
export function withPart(schema: JsonSchema, { pointer, ...part }: SchemaPart): JsonSchema {
  const [name, ...rest] = pointerSteps(pointer);
  if (name === undefined) return part.schema;
  const within = (inner: JsonSchema): JsonSchema =>
    withPart(inner, { ...part, pointer: rest.map(pointerStep).join('') });
  const { properties, items, required = [] } = schema;
  const member = properties?.[name];
  if (!member) return items ? { ...schema, items: within(items) } : schema;
  const changed = { ...schema, properties: { ...properties, [name]: within(member) } };
  if (rest.length > 0 || part.isRequired === undefined) return changed;
  const others = required.filter((one) => one !== name);
  return { ...changed, required: part.isRequired ? [...others, name] : others };
}

const isElement = (step: string): boolean => step === '*' || /^\d+$/.test(step);
