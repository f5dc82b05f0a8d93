import { check } from './errors';
import type { Leaf } from './shape';
import type { ThriftReader } from './thrift-reader';
import { bigEndian, type LeafType } from './value-type';

/**
 * A key in the form in which all files of one type hold it: an integer for integers, dates, times (in the column's
 * unit) and decimals (unscaled); bytes for texts and UUIDs.
 */
export type RawKey = bigint | Uint8Array;

/**
 * Says whether keys of a column compare as integers or as bytes; undefined where the reader does not know their
 * order.
 */
export function keyDomain({ physical, value }: LeafType): 'integer' | 'bytes' | undefined {
  if (physical === 'INT32' || physical === 'INT64') return 'integer';
  if (physical !== 'BYTE_ARRAY' && physical !== 'FIXED_LEN_BYTE_ARRAY') return undefined;
  switch (value.kind) {
    case 'decimal':
      return 'integer';
    case 'string':
    case 'json':
    case 'uuid':
    case 'bytes':
      return 'bytes';
    default:
      return undefined;
  }
}

export const compareBytes = (a: Uint8Array, b: Uint8Array): number => Buffer.compare(a, b);

/** Smallest and largest key of each row group, from its statistics. The bounds may be wider than the keys. */
export interface KeyBounds {
  readonly retainedBytes: number;
  /**
   * Decides whether the row group may hold a key from `first` to `last`, both inclusive; true where it has no
   * statistics.
   */
  mayHold(group: number, first: RawKey, last?: RawKey): boolean;
  /** Returns the smallest and largest key, both inclusive; undefined where the row group has no statistics. */
  boundsOf(group: number): readonly [min: RawKey, max: RawKey] | undefined;
  /** Returns the number of nulls in a row group; undefined where the file does not say. */
  nullsOf(group: number): number | undefined;
}

interface Bound {
  min?: Uint8Array;
  max?: Uint8Array;
  oldMin?: Uint8Array;
  oldMax?: Uint8Array;
  nulls?: number;
}

export class KeyBoundsBuilder {
  readonly #found: Bound[];

  constructor(
    readonly leaf: Leaf,
    groups: number,
  ) {
    this.#found = Array.from({ length: groups }, () => ({}));
  }

  /** Reads a Statistics struct. Its texts are views into the footer until {@link build} is called. */
  read(reader: ThriftReader, group: number): void {
    const bound = this.#found[group];
    check(bound !== undefined, () => `there is no row group ${group}`);
    reader.struct();
    for (let id = reader.field(0); id !== 0; id = reader.field(id))
      switch (id) {
        case 1:
          bound.oldMax = reader.binary();
          break;
        case 2:
          bound.oldMin = reader.binary();
          break;
        case 3:
          bound.nulls = reader.i64();
          break;
        case 5:
          bound.max = reader.binary();
          break;
        case 6:
          bound.min = reader.binary();
          break;
        default:
          reader.skip();
      }
  }

  /**
   * Returns the bounds that were read; undefined where none are usable.
   *
   * @param typeOrder true where the file says that its bounds are in the order of the type. Otherwise only the old
   * fields of signed integers can be trusted (parquet.thrift, Statistics).
   */
  build(typeOrder: boolean): KeyBounds | undefined {
    const domain = keyDomain(this.leaf.type);
    const { value, physical } = this.leaf.type;
    const isSigned = value.kind !== 'integer' || value.signed;
    const isNumber = physical === 'INT32' || physical === 'INT64';
    const pick = (bound: Bound): readonly [Uint8Array, Uint8Array] | undefined => {
      if (typeOrder && bound.min && bound.max) return [bound.min, bound.max];
      if (isNumber && isSigned && bound.oldMin && bound.oldMax) return [bound.oldMin, bound.oldMax];
      return undefined;
    };
    const bounds = this.#found.map(pick);
    const hasBounds = bounds.some((bound) => bound !== undefined);
    if (domain === undefined || !hasBounds) return undefined;
    const nulls = this.#found.map((bound) => bound.nulls);
    return domain === 'integer'
      ? integerBounds(bounds, nulls, this.leaf)
      : byteBounds(bounds, nulls);
  }
}

export type RawBounds = readonly (readonly [Uint8Array, Uint8Array] | undefined)[];
export type NullCounts = readonly (number | undefined)[];

function integerBounds(bounds: RawBounds, nulls: NullCounts, leaf: Leaf): KeyBounds | undefined {
  const parse = (bytes: Uint8Array): bigint => parseInteger(bytes, leaf);
  const values = bounds.map((bound) => bound && ([parse(bound[0]), parse(bound[1])] as const));
  const fits = values.every((pair) => !pair || pair.every((key) => BigInt.asIntN(64, key) === key));
  if (!fits) return undefined;
  return integerKeyBounds(values, nulls);
}

/** Returns bounds of row groups whose keys are integers of 64 bits. */
export function integerKeyBounds(
  values: readonly (readonly [min: bigint, max: bigint] | undefined)[],
  nulls: NullCounts = [],
): KeyBounds {
  const mins = BigInt64Array.from(values, (pair) => pair?.[0] ?? minInt64);
  const maxs = BigInt64Array.from(values, (pair) => pair?.[1] ?? maxInt64);
  const known = Uint8Array.from(values, (pair) => (pair ? 1 : 0));
  return {
    retainedBytes: mins.byteLength + maxs.byteLength + known.byteLength + nulls.length * 8,
    mayHold(group, first, last = first) {
      const min = mins[group];
      const max = maxs[group];
      return typeof first === 'bigint' &&
        typeof last === 'bigint' &&
        min !== undefined &&
        max !== undefined
        ? min <= last && first <= max
        : false;
    },
    boundsOf: (group) =>
      known[group] === 1 ? [mins[group] ?? minInt64, maxs[group] ?? maxInt64] : undefined,
    nullsOf: (group) => nulls[group],
  };
}

const minInt64 = -(2n ** 63n);
const maxInt64 = 2n ** 63n - 1n;

function parseInteger(bytes: Uint8Array, { name, type }: Leaf): bigint {
  const { physical, value } = type;
  if (physical !== 'INT32' && physical !== 'INT64') return bigEndian(bytes);
  const width = physical === 'INT32' ? 4 : 8;
  check(
    bytes.length === width,
    () => `the statistics of "${name}" have ${bytes.length} bytes for ${physical}`,
  );
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const signed = width === 4 ? BigInt(view.getInt32(0, true)) : view.getBigInt64(0, true);
  return value.kind === 'integer' && !value.signed ? BigInt.asUintN(value.bits, signed) : signed;
}

/**
 * Copies the bounds into one buffer, because thousands of small views would take more memory than the bytes they
 * show.
 */
export function byteBounds(bounds: RawBounds, nulls: NullCounts = []): KeyBounds {
  const parts = bounds.flatMap((bound) => bound ?? []);
  const packed = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  const starts = new Uint32Array(bounds.length * 2 + 1);
  const known = new Uint8Array(bounds.length);
  let offset = 0;
  bounds.forEach((bound, group) => {
    for (const [side, part] of (bound ?? [new Uint8Array(), new Uint8Array()]).entries()) {
      packed.set(part, offset);
      offset += part.length;
      starts[group * 2 + side + 1] = offset;
    }
    known[group] = bound ? 1 : 0;
  });
  const part = (index: number): Uint8Array =>
    packed.subarray(starts[index] ?? 0, starts[index + 1] ?? 0);
  return {
    retainedBytes: packed.byteLength + starts.byteLength + known.byteLength + nulls.length * 8,
    mayHold(group, first, last = first) {
      if (!(first instanceof Uint8Array) || !(last instanceof Uint8Array)) return false;
      if (known[group] === 0) return true;
      return (
        compareBytes(part(group * 2), last) <= 0 && compareBytes(first, part(group * 2 + 1)) <= 0
      );
    },
    boundsOf: (group) => (known[group] === 1 ? [part(group * 2), part(group * 2 + 1)] : undefined),
    nullsOf: (group) => nulls[group],
  };
}
