import { parseDate, parseInt64, parseTime, unscaledDecimal } from '@sluice/values';
import { decimalOf, type IcebergType } from './iceberg-schema';

/** Number of characters that a bound keeps of a text, enough for any key. A longer upper bound is rounded up. */
const maxBoundCharacters = 1_024;

/**
 * Encodes a key's text as one of Iceberg's single values (Iceberg spec, "Binary single-value serialization"), so that
 * no value of the file lies beyond the bound.
 *
 * @returns undefined where the text is not a value of the type, or no bound can be given
 */
export function boundOf(
  text: string,
  type: IcebergType,
  side: 'lower' | 'upper',
): Uint8Array | undefined {
  if (text === '' || typeof type !== 'string') return undefined;
  const decimal = decimalOf(type);
  if (decimal) {
    const unscaled = unscaledDecimal(text, decimal.scale);
    return unscaled === undefined ? undefined : bigEndianTwosComplement(unscaled);
  }
  switch (type) {
    case 'string':
      return side === 'lower' ? lowerText(text) : upperText(text);
    case 'long': {
      const value = parseInt64(text);
      return value === undefined ? undefined : int64(value);
    }
    case 'timestamp': {
      const micros = parseTime(text);
      if (micros === undefined) return undefined;
      return int64(side === 'lower' ? micros : micros + cutMicros(text));
    }
    case 'date': {
      const days = parseDate(text);
      return days === undefined ? undefined : int32(days);
    }
    default:
      return undefined;
  }
}

/**
 * Returns the microseconds that may have been cut off from the text of a time, which has only the digits of its
 * column.
 */
const cutMicros = (text: string): bigint => {
  const digits = /\.(\d+)$/.exec(text)?.[1]?.length ?? 0;
  return 10n ** BigInt(Math.max(0, 6 - digits)) - 1n;
};

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

const lowerText = (text: string): Uint8Array =>
  utf8(
    Array.from(text.slice(0, maxBoundCharacters * 2))
      .slice(0, maxBoundCharacters)
      .join(''),
  );

const lastCodePoint = 0x10ffff;
const firstSurrogate = 0xd800;
const lastSurrogate = 0xdfff;

/** Rounds a shortened text up: replaces its last character that has a successor by that. */
function upperText(text: string): Uint8Array | undefined {
  const characters = Array.from(text.slice(0, maxBoundCharacters * 2 + 2));
  if (characters.length <= maxBoundCharacters) return utf8(text);
  const kept = characters.slice(0, maxBoundCharacters);
  for (let last = kept.length - 1; last >= 0; last--) {
    const code = kept[last]?.codePointAt(0) ?? lastCodePoint;
    if (code >= lastCodePoint) continue;
    const next = code + 1 === firstSurrogate ? lastSurrogate + 1 : code + 1;
    return utf8([...kept.slice(0, last), String.fromCodePoint(next)].join(''));
  }
  return undefined;
}

function int64(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigInt64(0, value, true);
  return bytes;
}

function int32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setInt32(0, value, true);
  return bytes;
}

/** Encodes an integer in two's complement with as few bytes as possible, the highest byte first. */
function bigEndianTwosComplement(value: bigint): Uint8Array {
  let length = 1;
  while (BigInt.asIntN(length * 8, value) !== value) length++;
  const bytes = new Uint8Array(length);
  for (let index = 0, rest = value; index < length; index++, rest >>= 8n)
    bytes[length - 1 - index] = Number(rest & 0xffn);
  return bytes;
}
