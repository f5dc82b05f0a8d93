import {
  DuckDBBlobValue,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBIntervalValue,
  DuckDBListValue,
  DuckDBMapValue,
  DuckDBStructValue,
  DuckDBTimestampMillisecondsValue,
  DuckDBTimestampNanosecondsValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  DuckDBTimeTZValue,
  DuckDBTimeValue,
  DuckDBUUIDValue,
} from '@duckdb/node-api';
import type { SchemaNode } from '../schema';
import type { ParquetValue, ValueType } from '../value-type';

/** Plain data for a value that DuckDB read: times as text of nanoseconds, decimals as text of their digits. */
export function duckValue(value: unknown): unknown {
  if (value instanceof DuckDBTimestampValue || value instanceof DuckDBTimestampTZValue)
    return `${value.micros * 1000n} ns`;
  if (value instanceof DuckDBTimestampMillisecondsValue) return `${value.millis * 1_000_000n} ns`;
  if (value instanceof DuckDBTimestampNanosecondsValue) return `${value.nanos} ns`;
  if (value instanceof DuckDBTimeValue || value instanceof DuckDBTimeTZValue)
    return `${value.micros * 1000n} ns`;
  if (value instanceof DuckDBDateValue) return `${value.days} days`;
  if (value instanceof DuckDBDecimalValue) return `${value.value}e-${value.scale}`;
  if (value instanceof DuckDBIntervalValue)
    return `${value.months} months ${value.days} days ${value.micros / 1000n} ms`;
  if (value instanceof DuckDBUUIDValue) return value.toString();
  if (value instanceof DuckDBBlobValue) return `bytes ${Buffer.from(value.bytes).toString('hex')}`;
  if (value instanceof DuckDBListValue) return value.items.map(duckValue);
  if (value instanceof DuckDBMapValue)
    return value.entries.map(({ key, value: item }) => ({
      key: duckValue(key),
      value: duckValue(item),
    }));
  if (value instanceof DuckDBStructValue)
    return Object.fromEntries(
      Object.entries(value.entries).map(([name, item]) => [name, duckValue(item)]),
    );
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : value;
  return value;
}

const nanosOf = { millis: 1_000_000n, micros: 1_000n, nanos: 1n } as const;

function scalar(value: Exclude<ParquetValue, null>, type: ValueType): unknown {
  switch (type.kind) {
    case 'time':
    case 'timestamp':
      return `${(value as bigint) * nanosOf[type.unit]} ns`;
    case 'date':
      return `${value as number} days`;
    case 'decimal':
      return `${value as bigint}e-${type.scale}`;
    case 'interval': {
      const [months, days, ms] = value as number[];
      return `${months} months ${days} days ${ms} ms`;
    }
    case 'bytes':
      return `bytes ${Buffer.from(value as Uint8Array).toString('hex')}`;
    default:
      return duckValue(value);
  }
}

/** The same plain data for a value of ours. */
export function parquetToDuck(value: ParquetValue, node: SchemaNode): unknown {
  if (value === null) return null;
  if (Array.isArray(value) && node.leaf?.type.value.kind !== 'interval') {
    const items = value as readonly ParquetValue[];
    const [only] = node.children;
    if (node.isMap && only) return items.map((entry) => struct(entry, only));
    if (node.element.converted_type === 'LIST' && only) {
      const item = (only.children.length === 1 ? only.children[0] : undefined) ?? only;
      return items.map((element) => one(element, item));
    }
    return items.map((element) => one(element, node));
  }
  return one(value, node);
}

function one(value: ParquetValue, node: SchemaNode): unknown {
  if (value === null) return null;
  if (node.leaf) return scalar(value, node.leaf.type.value);
  if (Array.isArray(value)) return parquetToDuck(value as ParquetValue, node);
  return struct(value, node);
}

const struct = (value: ParquetValue, node: SchemaNode): unknown =>
  Object.fromEntries(
    node.children.map((child) => [
      child.element.name,
      parquetToDuck((value as Record<string, ParquetValue>)[child.element.name] ?? null, child),
    ]),
  );
