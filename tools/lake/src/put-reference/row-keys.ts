import type { ColumnType } from '@sluice/event-schema';
import { quoted, type RowLocation } from './problem-list';
import { TableTooLargeError } from './table-file';

/** Largest number of keys that a JavaScript map can hold. */
const maxKeys = 16_000_000;

/** Checks that every row has a unique key. It remembers all keys, which takes some 100 bytes for each. */
export class RowKeys {
  readonly #numbers = new Map<string, number>();

  constructor(private readonly type: ColumnType) {}

  /** Checks a row's key. @returns what is wrong with it, or undefined. @throws TableTooLargeError */
  check(key: unknown, { unit, number }: RowLocation): string | undefined {
    const text = this.#text(key);
    if (text === '') return 'the key is missing';
    const first = this.#numbers.get(text);
    if (first !== undefined) return `the key ${quoted(text)} is also that of ${unit} ${first}`;
    if (this.#numbers.size === maxKeys)
      throw new TableTooLargeError(`the keys of more than ${maxKeys} rows can't be checked`);
    this.#numbers.set(text, number);
    return undefined;
  }

  /** Returns one text for each value; the empty text where there is none. */
  #text(key: unknown): string {
    if (typeof key === 'number') return String(key);
    if (typeof key !== 'string') return '';
    return this.type.kind === 'decimal' && key.includes('.') ? key.replace(/\.?0+$/, '') : key;
  }
}
