import type { ColumnType } from '@sluice/event-schema';
import { quoted, type RowPlace } from './problem-list';
import { TableTooLargeError } from './table-file';

/** The most keys that a JavaScript map holds. */
const maxKeys = 16_000_000;

/** Checks that every row has a key of its own. Remembers all keys: some 100 bytes each. */
export class RowKeys {
  readonly #numbers = new Map<string, number>();

  constructor(private readonly type: ColumnType) {}

  /** Takes a row's key. @returns what is wrong with it, or undefined. @throws TableTooLargeError */
  check(key: unknown, { unit, number }: RowPlace): string | undefined {
    const text = this.#text(key);
    if (text === '') return 'the key is missing';
    const first = this.#numbers.get(text);
    if (first !== undefined) return `the key ${quoted(text)} is also that of ${unit} ${first}`;
    if (this.#numbers.size === maxKeys)
      throw new TableTooLargeError(`the keys of more than ${maxKeys} rows can't be checked`);
    this.#numbers.set(text, number);
    return undefined;
  }

  /** Returns one text for each value; the empty one where there is none. */
  #text(key: unknown): string {
    if (typeof key === 'number') return String(key);
    if (typeof key !== 'string') return '';
    return this.type.kind === 'decimal' && key.includes('.') ? key.replace(/\.?0+$/, '') : key;
  }
}
