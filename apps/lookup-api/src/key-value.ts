import { maxKeyBytes, type Column, type ColumnType } from '@sluice/event-schema';
import { Problem } from '@sluice/lambda-http';
import {
  columnLeaf,
  keyDomain,
  type Leaf,
  type ParquetFooter,
  type RawKey,
} from '@sluice/parquet-reading';
import {
  dateText,
  decimalText,
  parseDate,
  parseDecimal,
  parseTimestamp,
  timestampText,
} from '@sluice/row-formats';

/**
 * A wanted key in the terms of its column: the integer of a bigint, days of a date, microseconds of a
 * timestamp, the unscaled integer of a decimal (at the column's scale), the text of a string.
 */
export type KeyValue = bigint | string;

const minBigint = -(2n ** 63n);
const maxBigint = 2n ** 63n - 1n;
const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * Reads an id as a value of the key column.
 *
 * A UUID is its form in lower case, whatever case it is asked for in.
 *
 * An empty id is a text like any other.
 *
 * @throws Problem where the id can't be a value of the column, or is longer than a key may be.
 */
export function parseId(id: string, { name, type, schema }: Column): KeyValue {
  const refuse = (expected: string): never => {
    throw new Problem(400, `"id" must be ${expected}, as "${name}" is; it is ${quote(id)}`);
  };
  // In UTF-8 it would be U+FFFD, and find the rows of another key.
  if (!id.isWellFormed()) return refuse('text without half of a surrogate pair');
  if (Buffer.byteLength(id) > maxKeyBytes)
    throw new Problem(
      400,
      `"id" has ${Buffer.byteLength(id)} bytes; no event has a key of more than ${maxKeyBytes}`,
    );
  switch (type.kind) {
    case 'bigint': {
      const value = /^-?\d{1,19}$/.test(id) ? BigInt(id) : undefined;
      if (value === undefined || value < minBigint || value > maxBigint)
        return refuse('an integer of 64 bits');
      return value;
    }
    case 'date': {
      const days = parseDate(id);
      return days === undefined ? refuse('a date such as 2026-01-31') : BigInt(days);
    }
    case 'timestamp': {
      const micros = parseTimestamp(id);
      return micros ?? refuse('a time such as 2026-01-31T12:00:00Z');
    }
    case 'decimal': {
      const unscaled = parseDecimal(id, type.scale);
      return unscaled ?? refuse(`a number with at most ${type.scale} decimals`);
    }
    default:
      if (schema.format !== 'uuid') return id;
      return uuidPattern.test(id) ? id.toLowerCase() : refuse('a UUID');
  }
}

/** Whether files of earlier releases may hold a key of the column in another case than look-ups ask for. */
export const hasSpellings = ({ type, schema }: Column): boolean =>
  type.kind === 'string' && schema.format === 'uuid';

const maxQuotedLength = 80;
const quote = (text: string): string =>
  JSON.stringify(text.length > maxQuotedLength ? `${text.slice(0, maxQuotedLength)}…` : text);

/**
 * The keys as one file holds them. A key that the file's type can't express is left out: it is not in there.
 */
export function rawKeys(
  keys: readonly KeyValue[],
  type: ColumnType,
  footer: ParquetFooter,
  keyColumn: string,
): readonly RawKey[] {
  const leaf = columnLeaf(footer, keyColumn);
  return leaf ? keys.flatMap((key) => rawKey(key, type, leaf) ?? []) : [];
}

function rawKey(key: KeyValue, type: ColumnType, { type: stored }: Leaf): RawKey | undefined {
  const { value } = stored;
  if (keyDomain(stored) === 'bytes') {
    if (value.kind === 'uuid')
      return uuidPattern.test(String(key))
        ? Buffer.from(String(key).replaceAll('-', ''), 'hex')
        : undefined;
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

/** A key as manifests and cursors carry it. */
export function keyText(key: KeyValue, type: ColumnType): string {
  return typeof key === 'string' ? key : cellKeyText(key, type);
}

/** The same for a cell of the key column. */
export function cellKeyText(key: KeyValue | number, type: ColumnType): string {
  switch (type.kind) {
    case 'date':
      return dateText(Number(key));
    case 'timestamp':
      return timestampText(BigInt(key), type.digits).replace('T', ' ').replace('Z', '');
    case 'decimal':
      return decimalText(BigInt(key), type.scale);
    default:
      return String(key);
  }
}
