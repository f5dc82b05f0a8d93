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
import type { Shape } from '../shape';
import type { ParquetValue, ValueType } from '../value-type';

/** Converts a value that DuckDB read to plain data: times as text of nanoseconds, decimals as text of their digits. */
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
    case 'opaque':
      return `bytes ${Buffer.from(value as Uint8Array).toString('hex')}`;
    default:
      return duckValue(value);
  }
}

/** Converts a value of our reader to the same plain data as {@link duckValue}. */
export function parquetToDuck(value: ParquetValue, shape: Shape): unknown {
  if (value === null) return null;
  switch (shape.kind) {
    case 'value':
      return scalar(value, shape.leaf.type.value);
    case 'list':
      return (value as readonly ParquetValue[]).map((item) => parquetToDuck(item, shape.item));
    case 'map':
      return (value as readonly Record<string, ParquetValue>[]).map(
        ({ key = null, value: item }) => ({
          key: parquetToDuck(key, shape.key),
          value: shape.value ? parquetToDuck(item ?? null, shape.value) : null,
        }),
      );
    default:
      return Object.fromEntries(
        shape.members.map((member) => [
          member.name,
          parquetToDuck((value as Record<string, ParquetValue>)[member.name] ?? null, member.shape),
        ]),
      );
  }
}
