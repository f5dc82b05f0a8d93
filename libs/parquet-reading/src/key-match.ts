import { UnsupportedParquetError } from './errors';
import { chunkLocation, type ParquetFooter } from './footer';
import { keyDomain, type RawKey } from './key-bounds';
import { chunkPages, type Page } from './page';
import { ByteValues, DictionaryValues, NumberValues, type RawValues } from './raw-values';
import type { Leaf } from './shape';
import { bigEndian, int96Nanos, type LeafType, type RawValue } from './value-type';

/** Result of comparing some keys with the key column of a row group. */
export interface KeyMatches {
  /** Rows that have one of the keys, counted in the row group, ascending. */
  readonly rows: readonly number[];
  /** The decoded pages of the key column that hold these rows, so that nobody has to decode them again. */
  readonly pages: readonly Page[];
}

/**
 * Finds the rows of a row group whose key is among `keys`. Only the key column is decoded.
 *
 * @param anyCase treats the letters A to Z in the file as lower case. The keys must be in lower case.
 */
export function matchingRows(
  footer: ParquetFooter,
  group: number,
  leaf: Leaf,
  keys: readonly RawKey[],
  bytes: Uint8Array,
  anyCase = false,
): KeyMatches {
  if (leaf.maxRepetition > 0)
    throw new UnsupportedParquetError(`the key column "${leaf.name}" is a list`);
  const matches = keyTest(leaf.type, keys, anyCase);
  const rows: number[] = [];
  const pages: Page[] = [];
  for (const page of chunkPages(bytes, leaf, chunkLocation(footer, group, leaf))) {
    const before = rows.length;
    matchPage(page, leaf, matches, rows);
    if (rows.length > before) pages.push(page);
  }
  return { rows, pages };
}

type ValueTest = (values: RawValues, index: number) => boolean;

function matchPage(page: Page, leaf: Leaf, matches: ValueTest, rows: number[]): void {
  const test = pageTest(page.values, matches);
  const { definitions } = page;
  if (!definitions) {
    for (let index = 0; index < page.count; index++)
      if (test(index)) rows.push(page.firstRow + index);
    return;
  }
  let value = 0;
  for (let index = 0; index < page.count; index++)
    if (definitions[index] === leaf.maxDefinition && test(value++))
      rows.push(page.firstRow + index);
}

/** Returns the test of a page's values. A dictionary is searched once instead of once for each row. */
function pageTest(values: RawValues, matches: ValueTest): (index: number) => boolean {
  if (!(values instanceof DictionaryValues)) return (index) => matches(values, index);
  const { dictionary, indices } = values;
  const found = new Uint8Array(dictionary.length);
  for (let index = 0; index < dictionary.length; index++)
    if (matches(dictionary, index)) found[index] = 1;
  return (index) => found[indices[index] ?? 0] === 1;
}

function keyTest(type: LeafType, keys: readonly RawKey[], anyCase: boolean): ValueTest {
  if (keyDomain(type) === 'bytes') {
    const texts = keys.filter((key) => key instanceof Uint8Array);
    return anyCase && type.value.kind !== 'uuid' ? anyCaseTest(texts) : bytesTest(texts);
  }
  const integers = keys.filter((key) => typeof key === 'bigint');
  const wanted = new Set<RawValue>(integers);
  // Numbers of 32 bits are compared in the form in which the page holds them.
  const wantedNumbers = new Set<RawValue>(integers.map((key) => storedInt32(key, type)));
  return (values, index) => {
    if (values instanceof NumberValues) {
      const raw = values.array[index];
      if (typeof raw === 'number') return wantedNumbers.has(raw);
      return raw !== undefined && wanted.has(unsignedIfSo(raw, type));
    }
    return wanted.has(integerOf(values.at(index), type));
  };
}

const storedInt32 = (key: bigint, { value }: LeafType): number =>
  value.kind === 'integer' && !value.signed ? Number(key) | 0 : Number(key);

const unsignedIfSo = (raw: bigint, { value }: LeafType): bigint =>
  value.kind === 'integer' && !value.signed ? BigInt.asUintN(64, raw) : raw;

function integerOf(raw: RawValue, { physical, value }: LeafType): RawValue {
  if (!(raw instanceof Uint8Array)) return raw;
  if (physical === 'INT96') return int96Nanos(raw);
  return value.kind === 'decimal' ? bigEndian(raw) : raw;
}

function anyCaseTest(keys: readonly Uint8Array[]): ValueTest {
  const wanted = new Set(keys.map(latin1));
  const lengths = new Set(keys.map(({ length }) => length));
  return (values, index) => {
    if (!(values instanceof ByteValues)) return false;
    const length = (values.ends[index] ?? 0) - (values.starts[index] ?? 0);
    return lengths.has(length) && wanted.has(latin1(values.at(index)).toLowerCase());
  };
}

function bytesTest(keys: readonly Uint8Array[]): ValueTest {
  const byLength = new Map<number, Set<string>>();
  for (const key of keys) {
    const same = byLength.get(key.length) ?? new Set();
    byLength.set(key.length, same.add(latin1(key)));
  }
  const [only] = keys.length === 1 ? keys : [];
  return (values, index) => {
    if (!(values instanceof ByteValues)) return false;
    const start = values.starts[index] ?? 0;
    const length = (values.ends[index] ?? 0) - start;
    if (only) return length === only.length && sameBytes(values.bytes, start, only);
    const same = byLength.get(length);
    return same?.has(latin1(values.at(index))) === true;
  };
}

function sameBytes(bytes: Uint8Array, start: number, key: Uint8Array): boolean {
  // Compares from the end, because keys of one table often begin with the same bytes.
  for (let index = key.length - 1; index >= 0; index--)
    if (bytes[start + index] !== key[index]) return false;
  return true;
}

const latin1 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
