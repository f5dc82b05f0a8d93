import { decimalText } from './decimal-text';
import type { StoredType, StoredValue } from './stored-type';
import { dateText, microsOf, timeText } from './time-text';
import type { Cell, ColumnType } from './value-type';

const maxSafe = BigInt(Number.MAX_SAFE_INTEGER);

/** Writes a cell as JSON. Integers beyond 2^53 and decimals are strings, so that no reader rounds them. */
export function jsonText(cell: Cell, type: ColumnType): string {
  if (cell === null) return 'null';
  switch (type.kind) {
    case 'bigint': {
      const value = cell as bigint;
      return value <= maxSafe && value >= -maxSafe ? String(value) : `"${value}"`;
    }
    case 'double':
      return doubleJson(cell as number);
    case 'boolean':
      return String(cell);
    case 'date':
      return `"${dateText(cell as number)}"`;
    case 'timestamp':
      return `"${timeText(cell as bigint, 'micros', type.digits)}"`;
    case 'decimal':
      return `"${decimalText(cell as bigint, type.scale)}"`;
    case 'array':
      return `[${(cell as readonly Cell[]).map((item) => jsonText(item, type.items)).join(',')}]`;
    case 'string':
    case 'json':
      return JSON.stringify(cell);
  }
}

/** Writes a double with the sign of a zero. JSON has no NaN and no infinities: they are strings. */
export function doubleJson(value: number): string {
  if (Object.is(value, -0)) return '-0.0';
  return Number.isFinite(value) ? String(value) : `"${value}"`;
}

/**
 * Writes a value for which the table has no column, digit for digit, as `unmapped` keeps it: numbers and decimals as
 * numbers, times without trailing zeros, bytes as text where they are UTF-8, otherwise in base64.
 */
export function storedJson(value: StoredValue, stored: StoredType): string {
  switch (stored.kind) {
    case 'decimal':
      return decimalText(value as bigint, stored.scale);
    case 'date':
      return `"${dateText(value as number)}"`;
    case 'timestamp': {
      const text = timeText(microsOf(value as bigint, stored.unit), 'micros', 6);
      return `"${text.replace(/\.?0+Z$/, 'Z')}"`;
    }
    default:
      if (typeof value === 'number') return doubleJson(value);
      if (value instanceof Uint8Array) return JSON.stringify(bytesText(value));
      if (typeof value === 'bigint') return String(value);
      // A value of unknown shape may hold integers of 64 bits anywhere.
      return JSON.stringify(value, (_, inner: unknown) =>
        typeof inner === 'bigint' ? String(inner) : inner,
      );
  }
}

/** Writes bytes as text where they are UTF-8, because Hive writes texts without marking them; otherwise in base64. */
function bytesText(value: Uint8Array): string {
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  const text = bytes.toString('utf8');
  return Buffer.from(text).equals(bytes) ? text : bytes.toString('base64');
}

/** A member of an object, with its value as JSON text. */
export interface JsonMember {
  readonly name: string;
  readonly text: string;
}

/**
 * Adds members to the JSON text of an object without changing what it holds. A name that exists already gets
 * `_stored` appended.
 *
 * @param object null where there is none yet
 */
export function withJsonMembers(
  object: string | null,
  members: readonly JsonMember[],
): string | null {
  if (members.length === 0) return object;
  const known = new Set(object === null ? [] : Object.keys(JSON.parse(object) as object));
  const added = members.map(({ name, text }) => {
    let free = name;
    while (known.has(free)) free += '_stored';
    known.add(free);
    return `${JSON.stringify(free)}:${text}`;
  });
  const inner = object?.trim().slice(1, -1).trim() ?? '';
  return `{${[...(inner === '' ? [] : [inner]), ...added].join(',')}}`;
}
