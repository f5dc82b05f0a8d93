import { maxKeyBytes, type Column, type ColumnType } from '@sluice/event-schema';
import { Problem, quoted } from '@sluice/lambda-http';
import { keyText, type KeyText } from '@sluice/lake-layout';
import {
  columnLeaf,
  keyDomain,
  type Leaf,
  type ParquetFooter,
  type RawKey,
} from '@sluice/parquet-reading';
import { isUuid, parseDate, parseDecimal, parseInt64, parseTime, uuidBytes } from '@sluice/values';

/**
 * A wanted key in the form of its column: the integer of a bigint, days of a date, microseconds of a timestamp, the
 * unscaled integer of a decimal (at the column's scale), the text of a string.
 */
export type KeyValue = bigint | string;

/**
 * Reads an id as a value of the key column.
 *
 * A UUID may be given in any case, and becomes lower case. An empty id is a text like any other.
 *
 * @param parameter name under which the id was given, for the message
 * @throws Problem where the id can't be a value of the column, or is longer than a key may be
 */
export function parseId(id: string, { name, type, schema }: Column, parameter = 'id'): KeyValue {
  const refuse = (expected: string): never => {
    throw new Problem(
      400,
      `"${parameter}" must be ${expected}, as "${name}" is; it is ${quoted(id)}`,
    );
  };
  // Encoding it in UTF-8 would make it U+FFFD, and find the rows of another key.
  if (!id.isWellFormed()) return refuse('text without half of a surrogate pair');
  if (Buffer.byteLength(id) > maxKeyBytes)
    throw new Problem(
      400,
      `"${parameter}" has ${Buffer.byteLength(id)} bytes; nothing is found by a value of more than ${maxKeyBytes}`,
    );
  switch (type.kind) {
    case 'bigint':
      return parseInt64(id) ?? refuse('an integer of 64 bits');
    case 'date': {
      const days = parseDate(id);
      return days === undefined ? refuse('a date such as 2026-01-31') : BigInt(days);
    }
    case 'timestamp':
      return parseTime(id) ?? refuse('a time such as 2026-01-31T12:00:00Z');
    case 'decimal':
      return parseDecimal(id, type.scale) ?? refuse(`a number with at most ${type.scale} decimals`);
    default:
      if (schema.format !== 'uuid') return id;
      return isUuid(id) ? id.toLowerCase() : refuse('a UUID');
  }
}

/** Reads a key as manifests and indexes carry it; undefined where the column can't have such a value. */
export function keyValueOf(text: KeyText, column: Column): KeyValue | undefined {
  if (column.type.kind === 'string') return hasSpellings(column) ? text.toLowerCase() : text;
  try {
    return parseId(text, column);
  } catch (error) {
    if (error instanceof Problem) return undefined;
    throw error;
  }
}

/** Decides whether files of earlier releases may hold a key of the column in another case than look-ups ask for. */
export const hasSpellings = ({ type, schema }: Column): boolean =>
  type.kind === 'string' && schema.format === 'uuid';

/** A wanted key in the form in which one file holds it. */
export interface HeldKey {
  readonly text: KeyText;
  readonly raw: RawKey;
}

/**
 * Returns the keys in the form in which one file holds them. A key that the file's type can't express is left out,
 * because it can't be in the file.
 */
export function rawKeys(
  keys: readonly KeyValue[],
  type: ColumnType,
  footer: ParquetFooter,
  keyColumn: string,
): readonly HeldKey[] {
  const leaf = columnLeaf(footer, keyColumn);
  if (!leaf) return [];
  return keys.flatMap((key) => {
    const raw = rawKey(key, type, leaf);
    return raw === undefined ? [] : [{ text: keyText(key, type), raw }];
  });
}

function rawKey(key: KeyValue, type: ColumnType, { type: stored }: Leaf): RawKey | undefined {
  const { value } = stored;
  if (keyDomain(stored) === 'bytes') {
    if (value.kind === 'uuid') return uuidBytes(String(key));
    return Buffer.from(String(key));
  }
  if (typeof key === 'string') return /^-?\d{1,40}$/.test(key) ? BigInt(key) : undefined;
  if (type.kind === 'timestamp' && (value.kind === 'timestamp' || value.kind === 'time')) {
    if (value.unit === 'nanos') return key * 1000n;
    if (value.unit === 'micros') return key;
    return key % 1000n === 0n ? key / 1000n : undefined;
  }
  if (type.kind === 'decimal' && value.kind === 'decimal') {
    const shift = value.scale - type.scale;
    if (shift >= 0) return key * 10n ** BigInt(shift);
    const factor = 10n ** BigInt(-shift);
    return key % factor === 0n ? key / factor : undefined;
  }
  return key;
}
