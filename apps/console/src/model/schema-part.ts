import { pointerStep, pointerSteps } from '@sluice/values/json-pointer';
import type { JsonSchema } from './facts';

/** The part of a schema for one location of an event. */
export interface SchemaPart {
  /** JSON pointer into events: of the wanted location, or of the nearest one around it that the schema names. */
  readonly pointer: string;
  readonly schema: JsonSchema;
  /** True where the member is required; undefined where the location is not a member of an object. */
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

/** Returns a schema in which a part that {@link partAt} found is replaced. */
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
