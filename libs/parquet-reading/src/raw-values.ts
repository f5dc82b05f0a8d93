import { check, CorruptParquetError } from './errors';
import { textOf, toValue, type LeafType, type ParquetValue, type RawValue } from './value-type';

/** The values of a page without its nulls, decoded only as far as needed to address one of them. */
export interface RawValues {
  readonly length: number;
  at(index: number): RawValue;
}

/** Returns a value converted to its logical type. A dictionary's values are converted once, because rows share them. */
export function valueAt(values: RawValues, index: number, type: LeafType): ParquetValue {
  if (values instanceof DictionaryValues) return values.valueAt(index, type);
  const { kind } = type.value;
  return (kind === 'string' || kind === 'json') && values instanceof ByteValues
    ? values.textAt(index)
    : toValue(values.at(index), type);
}

export class NumberValues implements RawValues {
  constructor(readonly array: Int32Array | BigInt64Array | Float32Array | Float64Array) {}

  get length(): number {
    return this.array.length;
  }

  at(index: number): RawValue {
    return defined(this.array[index]);
  }
}

export class BooleanValues implements RawValues {
  constructor(readonly array: Uint8Array) {}

  get length(): number {
    return this.array.length;
  }

  at(index: number): RawValue {
    return defined(this.array[index]) !== 0;
  }
}

/** Byte strings, stored as positions in one buffer. */
export class ByteValues implements RawValues {
  #buffer: Buffer | undefined;

  constructor(
    readonly bytes: Uint8Array,
    readonly starts: Uint32Array,
    readonly ends: Uint32Array,
  ) {}

  get length(): number {
    return this.starts.length;
  }

  at(index: number): Uint8Array {
    return this.bytes.subarray(defined(this.starts[index]), defined(this.ends[index]));
  }

  /**
   * Returns a value as text, like {@link toValue}, but without an object for its bytes.
   *
   * @throws CorruptParquetError where it is not UTF-8
   */
  textAt(index: number): string {
    const { buffer, byteOffset, length } = this.bytes;
    this.#buffer ??= Buffer.from(buffer, byteOffset, length);
    const start = defined(this.starts[index]);
    const end = defined(this.ends[index]);
    const text = this.#buffer.toString('utf8', start, end);
    // Bytes that are not UTF-8 became this character, which may also be one of the text.
    return text.includes('\ufffd') ? textOf(this.at(index)) : text;
  }
}

/** Converted values of each dictionary. They live as long as the dictionary, which is that of one column chunk. */
const knownValues = new WeakMap<RawValues, ParquetValue[]>();

export class DictionaryValues implements RawValues {
  readonly #known: ParquetValue[];

  constructor(
    readonly indices: Uint32Array,
    readonly dictionary: RawValues,
  ) {
    this.#known = knownValues.get(dictionary) ?? [];
    knownValues.set(dictionary, this.#known);
  }

  valueAt(index: number, type: LeafType): ParquetValue {
    const entry = defined(this.indices[index]);
    return (this.#known[entry] ??= toValue(this.dictionary.at(entry), type));
  }

  get length(): number {
    return this.indices.length;
  }

  at(index: number): RawValue {
    return this.dictionary.at(defined(this.indices[index]));
  }
}

function defined<T>(value: T | undefined): T {
  if (value === undefined) throw new CorruptParquetError('a page points beyond its values');
  return value;
}

/**
 * Returns the values of indices into a dictionary. Checks all indices at once, so that a wrong one is found even by a
 * reader of one row.
 */
export function dictionaryValues(indices: Uint32Array, dictionary: RawValues): DictionaryValues {
  const { length } = dictionary;
  for (const index of indices)
    check(index < length, () => `a page points at entry ${index} of a dictionary of ${length}`);
  return new DictionaryValues(indices, dictionary);
}
