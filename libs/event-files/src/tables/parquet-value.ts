import { isUtf8 } from 'node:buffer';
import type { JsonSchema } from '@sluice/event-schema';
import type { Leaf, ParquetValue, Shape, TimeUnit, ValueType } from '@sluice/parquet-reading';
import { dateText, decimalText, doubleJson, timeOfDayText, timeText } from '@sluice/values';
import { isJson } from '../json-texts';

/** Error for a value of a Parquet file that has no form in JSON; the message says why. */
export class NotJsonError extends Error {
  override readonly name = 'NotJsonError';
}

/** Returns a nullable schema that accepts all values of a column. */
export function columnSchema(shape: Shape): JsonSchema {
  if (shape.kind === 'value') return orNull(leafSchema(shape.leaf.type.value));
  if (shape.kind !== 'list') return {};
  const items = shape.item.kind === 'value' ? leafSchema(shape.item.leaf.type.value) : {};
  const isScalar = items.type !== undefined;
  return { type: ['array', 'null'], ...(isScalar && { items: orNull(items) }) };
}

const orNull = (schema: JsonSchema): JsonSchema =>
  typeof schema.type === 'string' ? { ...schema, type: [schema.type, 'null'] } : schema;

/** Returns the reason why no table can have a column of this shape, whatever its values; undefined where one can. */
export function unfitShape(shape: Shape): string | undefined {
  switch (shape.kind) {
    case 'value': {
      const { value } = shape.leaf.type;
      return value.kind === 'opaque'
        ? `${value.name} is not read; write it as JSON text`
        : undefined;
    }
    case 'variant':
      return 'VARIANT is not read; write it as JSON text';
    case 'list':
      return unfitShape(shape.item);
    case 'map':
      return unfitShape(shape.key) ?? (shape.value && unfitShape(shape.value));
    case 'struct':
      return shape.members
        .map((member) => unfitShape(member.shape))
        .find((why) => why !== undefined);
  }
}

function leafSchema(type: ValueType): JsonSchema {
  switch (type.kind) {
    case 'integer':
      return { type: 'integer' };
    case 'float':
    case 'double':
      return { type: 'number' };
    case 'boolean':
      return { type: 'boolean' };
    case 'date':
      return { type: 'string', format: 'date' };
    case 'timestamp':
      return { type: 'string', format: 'date-time', digits: type.unit === 'millis' ? 3 : 6 };
    case 'decimal':
      return {
        type: 'string',
        format: 'decimal',
        precision: type.precision,
        scale: type.scale,
      };
    case 'json':
      return {};
    default:
      return { type: 'string' };
  }
}

/** Writes a value as JSON text. @throws NotJsonError where it has no form in JSON */
export type WriteJson = (value: ParquetValue) => string;

/**
 * Returns a function that writes the values of a column. Work that depends only on the shape, such as quoting the
 * names of members, is done here once.
 */
export function jsonWriter(shape: Shape): WriteJson {
  const write = valueWriter(shape);
  return (value) => (value === null ? 'null' : write(value));
}

type WriteValue = (value: Exclude<ParquetValue, null>) => string;

function valueWriter(shape: Shape): WriteValue {
  switch (shape.kind) {
    case 'value':
      return leafWriter(shape.leaf);
    case 'list':
      return listWriter(jsonWriter(shape.item));
    case 'map':
      return mapWriter(shape);
    default:
      return structWriter(shape.members);
  }
}

function listWriter(write: WriteJson): WriteValue {
  return (value) => {
    let text = '';
    for (const item of value as readonly ParquetValue[]) text += (text && ',') + write(item);
    return `[${text}]`;
  };
}

function structWriter(
  shapes: readonly { readonly name: string; readonly shape: Shape }[],
): WriteValue {
  const members = shapes.map(({ name, shape }, index) => ({
    name,
    start: `${index === 0 ? '' : ','}${JSON.stringify(name)}:`,
    write: jsonWriter(shape),
  }));
  return (value) => {
    const struct = value as Readonly<Record<string, ParquetValue>>;
    let text = '{';
    for (const { name, start, write } of members) text += start + write(struct[name] ?? null);
    return `${text}}`;
  };
}

/**
 * Returns a function that writes a map as an object where its keys are texts and unique, else as a list of
 * `{"key":…,"value":…}`.
 */
function mapWriter({ key, value }: Shape & { readonly kind: 'map' }): WriteValue {
  const writeKey = jsonWriter(key);
  const writeValue: WriteJson = value ? jsonWriter(value) : () => 'null';
  return (map) => {
    const entries = map as readonly { readonly key: ParquetValue; readonly value?: ParquetValue }[];
    const isObject =
      entries.every((entry) => typeof entry.key === 'string') &&
      new Set(entries.map((entry) => entry.key)).size === entries.length;
    if (isObject)
      return `{${entries.map((entry) => `${JSON.stringify(entry.key)}:${writeValue(entry.value ?? null)}`).join(',')}}`;
    return `[${entries
      .map((entry) => `{"key":${writeKey(entry.key)},"value":${writeValue(entry.value ?? null)}}`)
      .join(',')}]`;
  };
}

const refusal =
  (detail: string): WriteValue =>
  () => {
    throw new NotJsonError(detail);
  };

function leafWriter({ type: { value: type } }: Leaf): WriteValue {
  switch (type.kind) {
    case 'integer':
      return (value) => (value as bigint | number).toString();
    case 'boolean':
      return (value) => (value === true ? 'true' : 'false');
    case 'float':
    case 'double':
      return (value) => {
        if (!Number.isFinite(value))
          throw new NotJsonError(`${value as number} is no number that a column holds`);
        return doubleJson(value as number);
      };
    case 'json':
      return (value) => (isJson(value as string) ? (value as string) : JSON.stringify(value));
    case 'bytes':
      return (value) => {
        if (!isUtf8(value as Uint8Array)) throw new NotJsonError('the bytes are not UTF-8 text');
        return JSON.stringify(Buffer.from(value as Uint8Array).toString());
      };
    case 'date':
      return (value) => `"${dateText(value as number)}"`;
    case 'timestamp':
      return (value) =>
        `"${timeText(value as bigint, type.unit, digitsOf(value as bigint, type.unit))}"`;
    case 'time':
      return (value) =>
        `"${timeOfDayText(value as bigint, type.unit, digitsOf(value as bigint, type.unit))}"`;
    case 'decimal':
      return (value) => `"${decimalText(value as bigint, type.scale)}"`;
    case 'opaque':
      return refusal(`${type.name} is not read`);
    case 'interval':
      return refusal('an interval has no column type; write it as a number or a text');
    default:
      return (value) => JSON.stringify(value);
  }
}

/**
 * Returns the digits of a second to write for a unit; nine only where a nanosecond value has more than a column
 * keeps.
 */
const digitsOf = (value: bigint, unit: TimeUnit): number =>
  unit === 'millis' ? 3 : unit === 'nanos' && value % 1_000n !== 0n ? 9 : 6;
