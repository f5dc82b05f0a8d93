import { isUtf8 } from 'node:buffer';
import type { JsonSchema } from '@sluice/event-schema';
import type { Leaf, ParquetValue, Shape, TimeUnit, ValueType } from '@sluice/parquet-reading';
import { dateText, decimalText, doubleJson, timeOfDayText, timeText } from '@sluice/values';
import { isJson } from './csv-cell';

/** A value of a Parquet file as JSON text, or why it has none. */
export type JsonText = { readonly ok: true; readonly text: string } | Fault;
interface Fault {
  readonly ok: false;
  readonly detail: string;
}

/** Returns the nullable node of a schema that takes the values of a column, whatever they are. */
export function columnSchema(shape: Shape): JsonSchema {
  if (shape.kind === 'value') return orNull(leafSchema(shape.leaf.type.value));
  if (shape.kind !== 'list') return {};
  const items = shape.item.kind === 'value' ? leafSchema(shape.item.leaf.type.value) : {};
  const isScalar = items.type !== undefined;
  return { type: ['array', 'null'], ...(isScalar && { items: orNull(items) }) };
}

const orNull = (schema: JsonSchema): JsonSchema =>
  typeof schema.type === 'string' ? { ...schema, type: [schema.type, 'null'] } : schema;

/** Returns why no table can have a column of the shape, whatever its values are; undefined where one can. */
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

/** Writes a value of a Parquet file as JSON text. @param shape of the value */
export function jsonOf(value: ParquetValue, shape: Shape): JsonText {
  if (value === null) return { ok: true, text: 'null' };
  switch (shape.kind) {
    case 'value':
      return leafJson(value, shape.leaf);
    case 'list':
      return listed((value as readonly ParquetValue[]).map((item) => jsonOf(item, shape.item)));
    case 'map':
      return mapJson(value as readonly MapEntry[], shape);
    default:
      return members(
        shape.members.map((member) => [
          member.name,
          jsonOf((value as Record<string, ParquetValue>)[member.name] ?? null, member.shape),
        ]),
      );
  }
}

type MapEntry = { readonly key: ParquetValue; readonly value?: ParquetValue };

function listed(items: readonly JsonText[]): JsonText {
  const texts: string[] = [];
  for (const item of items)
    if (item.ok) texts.push(item.text);
    else return item;
  return { ok: true, text: `[${texts.join(',')}]` };
}

function members(entries: readonly (readonly [string, JsonText])[]): JsonText {
  const texts: string[] = [];
  for (const [name, value] of entries)
    if (value.ok) texts.push(`${JSON.stringify(name)}:${value.text}`);
    else return value;
  return { ok: true, text: `{${texts.join(',')}}` };
}

/** Writes an object where the keys are texts, each once, else a list of `{"key":…,"value":…}`. */
function mapJson(
  entries: readonly MapEntry[],
  { key: keyShape, value: valueShape }: Shape & { readonly kind: 'map' },
): JsonText {
  const pairs = entries.map(({ key, value = null }) => ({
    key,
    value: valueShape ? jsonOf(value, valueShape) : noValue,
  }));
  const isObject =
    pairs.every(({ key }) => typeof key === 'string') &&
    new Set(pairs.map(({ key }) => key)).size === pairs.length;
  if (isObject) return members(pairs.map(({ key, value }) => [key as string, value]));
  return listed(
    pairs.map(({ key, value }) =>
      members([
        ['key', jsonOf(key, keyShape)],
        ['value', value],
      ]),
    ),
  );
}

const noValue: JsonText = { ok: true, text: 'null' };

const text = (value: string): JsonText => ({ ok: true, text: JSON.stringify(value) });
const fault = (detail: string): Fault => ({ ok: false, detail });

function leafJson(value: Exclude<ParquetValue, null>, { type }: Leaf): JsonText {
  const { value: valueType } = type;
  switch (valueType.kind) {
    case 'integer':
      return { ok: true, text: (value as bigint | number).toString() };
    case 'boolean':
      return { ok: true, text: value === true ? 'true' : 'false' };
    case 'float':
    case 'double':
      return Number.isFinite(value)
        ? { ok: true, text: doubleJson(value as number) }
        : fault(`${value as number} is no number that a column holds`);
    case 'json':
      return isJson(value as string) ? { ok: true, text: value as string } : text(value as string);
    case 'bytes':
      return isUtf8(value as Uint8Array)
        ? text(Buffer.from(value as Uint8Array).toString())
        : fault('the bytes are not UTF-8 text');
    case 'date':
      return text(dateText(value as number));
    case 'timestamp':
      return text(
        timeText(value as bigint, valueType.unit, digitsOf(value as bigint, valueType.unit)),
      );
    case 'time':
      return text(
        timeOfDayText(value as bigint, valueType.unit, digitsOf(value as bigint, valueType.unit)),
      );
    case 'decimal':
      return text(decimalText(value as bigint, valueType.scale));
    case 'opaque':
      return fault(`${valueType.name} is not read`);
    case 'interval':
      return fault('an interval has no column type; write it as a number or a text');
    default:
      return text(value as string);
  }
}

/** Digits of a second that a unit has; of nanoseconds, only what a column can't keep is told. */
const digitsOf = (value: bigint, unit: TimeUnit): number =>
  unit === 'millis' ? 3 : unit === 'nanos' && value % 1_000n !== 0n ? 9 : 6;
