import {
  DuckDBDecimalValue,
  DuckDBListType,
  DuckDBListValue,
  DuckDBMapType,
  DuckDBMapValue,
  DuckDBStructType,
  DuckDBStructValue,
  DuckDBTypeId,
  type DuckDBResult,
  type DuckDBType,
  type DuckDBValue,
} from '@duckdb/node-api';
import { resultText } from '@sluice/local-athena/in-process';

export interface ResultCell {
  readonly value: DuckDBValue;
  readonly type: DuckDBType;
}

/** Yields the rows as they arrive. */
export async function* resultRows(result: DuckDBResult): AsyncGenerator<readonly ResultCell[]> {
  const types = result.columnTypes();
  for (;;) {
    const chunk = await result.fetchChunk();
    if (!chunk || chunk.rowCount === 0) return;
    for (const row of chunk.getRows())
      yield types.map((type, index) => ({ value: row[index] ?? null, type }));
  }
}

/** Writes a value as in Athena's results; null for null. */
export const cellText = ({ value, type }: ResultCell): string | null => resultText(value, type);

/** Converts a value to JSON: integers become numbers where they fit in 2^53, else texts; decimals become texts. */
export function cellJson({ value, type }: ResultCell): unknown {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'bigint') return jsonInteger(value);
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (value instanceof DuckDBDecimalValue) return value.toString();
  if (value instanceof DuckDBListValue && type instanceof DuckDBListType)
    return value.items.map((item) => cellJson({ value: item, type: type.valueType }));
  if (value instanceof DuckDBStructValue && type instanceof DuckDBStructType)
    return Object.fromEntries(
      type.entryNames.map((name, index) => [
        name,
        cellJson({ value: value.entries[name] ?? null, type: type.entryTypes[index] ?? type }),
      ]),
    );
  if (value instanceof DuckDBMapValue && type instanceof DuckDBMapType)
    return Object.fromEntries(
      value.entries.map((entry) => [
        cellText({ value: entry.key, type: type.keyType }),
        cellJson({ value: entry.value, type: type.valueType }),
      ]),
    );
  const text = cellText({ value, type });
  return text !== null && timestamps.has(type.typeId) ? `${text.replace(' ', 'T')}Z` : text;
}

const timestamps = new Set([
  DuckDBTypeId.TIMESTAMP,
  DuckDBTypeId.TIMESTAMP_MS,
  DuckDBTypeId.TIMESTAMP_S,
  DuckDBTypeId.TIMESTAMP_NS,
]);

const jsonInteger = (value: bigint): number | string =>
  BigInt(Number(value)) === value && Number.isSafeInteger(Number(value))
    ? Number(value)
    : value.toString();
