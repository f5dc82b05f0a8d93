/** Where a row is in its file; both numbers count from 1. */
export interface RowPlace {
  readonly unit: 'line' | 'row';
  readonly number: number;
}

/** Problems that are told one by one; of the others the number is. */
const maxListed = 20;

/** What keeps a file from becoming a table, in sentences for a person. */
export class ProblemList {
  readonly #listed: string[] = [];
  #count = 0;

  /** @param column what the file calls it */
  add(place: RowPlace, column: string | undefined, detail: string): void {
    this.#count++;
    if (this.#listed.length >= maxListed) return;
    const where = column === undefined ? '' : `, column ${quoted(column)}`;
    this.#listed.push(printable(`${place.unit} ${place.number}${where}: ${detail}`));
  }

  get count(): number {
    return this.#count;
  }

  /** The first of them. */
  get listed(): readonly string[] {
    return this.#listed;
  }
}

const maxShownCharacters = 60;

/** Somebody's text as a message shows it: in quotes, shortened, and with nothing in it that a terminal would obey. */
export const quoted = (text: string): string =>
  printable(
    JSON.stringify(
      text.length > maxShownCharacters ? `${text.slice(0, maxShownCharacters)}…` : text,
    ),
  );

/** Controls, line separators, and what turns the direction of writing. */
// eslint-disable-next-line no-control-regex -- these are meant.
const unprintable = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** A text with what a terminal would obey as escapes. */
export const printable = (text: string): string =>
  text.replace(
    unprintable,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
