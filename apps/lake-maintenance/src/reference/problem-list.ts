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
    this.#listed.push(`${place.unit} ${place.number}${where}: ${detail}`);
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

/** Somebody's text as a message shows it: shortened, and with nothing in it that a terminal would obey. */
export const quoted = (text: string): string =>
  JSON.stringify(
    text.length > maxShownCharacters ? `${text.slice(0, maxShownCharacters)}…` : text,
  ).replace(
    // What JSON leaves as it is: controls above the ASCII ones, line separators, and what turns the direction of writing.
    /[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
