import type { JsonSchema } from '@sluice/event-schema';
import { isBooleanText, timeInUtc } from '@sluice/event-files/tables';
import { exactTimeDigits, isExactDate, isJsonNumber, numberTraits } from '@sluice/values';
import { quoted } from './problem-list';

/** Types of a column of texts, the narrowest first. */
const typeTests = {
  boolean: isBooleanText,
  integer: (text) => isJsonNumber(text) && numberTraits(text).fitsInt64,
  number: (text) => isJsonNumber(text) && numberTraits(text).fitsDouble,
  date: isExactDate,
  time: (text) => timeInUtc(text) !== undefined,
} as const satisfies Record<string, (text: string) => boolean>;

type CsvType = keyof typeof typeTests;

const typeNames = Object.keys(typeTests) as readonly CsvType[];

/** Determines the type of one column from all its cells: the narrowest that suits every value, or else text. */
export class CsvColumnType {
  #left: readonly CsvType[] = typeNames;
  #values = 0;
  #nulls = 0;
  #digits = 0;
  /** The value that ruled out the last type other than text; undefined while there is none. */
  #misfit: { readonly text: string; readonly line: number; readonly was: CsvType } | undefined;

  observe(cell: string, line: number): void {
    if (cell === '') {
      this.#nulls++;
      return;
    }
    this.#values++;
    const [was] = this.#left;
    if (was === undefined) return;
    const left = this.#left.filter((type) => typeTests[type](cell));
    if (left.length < this.#left.length) this.#left = left;
    if (left.length === 0 && this.#values > 1) this.#misfit = { text: cell, line, was };
    if (left[0] === 'time')
      this.#digits = Math.max(this.#digits, exactTimeDigits(timeInUtc(cell) ?? '') ?? 0);
  }

  get schema(): JsonSchema {
    const typed = (type: string, more: JsonSchema = {}): JsonSchema => ({
      type: this.#nulls > 0 || this.#values === 0 ? [type, 'null'] : type,
      ...more,
    });
    switch (this.#values > 0 ? this.#left[0] : undefined) {
      case 'boolean':
      case 'integer':
      case 'number':
        return typed(this.#left[0] ?? '');
      case 'date':
        return typed('string', { format: 'date' });
      case 'time':
        return typed('string', { format: 'date-time', digits: this.#digits });
      default:
        return typed('string');
    }
  }

  /** The reason for the column's type. */
  get reason(): string {
    if (this.#values === 0) return 'no value so far; kept as text';
    if (this.#misfit) {
      const { text, line, was } = this.#misfit;
      return `text, since ${quoted(text)} in line ${line} is no ${was} as the values before it`;
    }
    const [type] = this.#left;
    return type === undefined ? 'text' : `every value is a ${type}`.replace('a i', 'an i');
  }
}
