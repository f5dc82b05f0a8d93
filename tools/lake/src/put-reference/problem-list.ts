import { printable } from '@sluice/terminal/printable-text';

/** Location of a row in its file; numbers count from 1. */
export interface RowLocation {
  readonly unit: 'line' | 'row';
  readonly number: number;
}

/** Number of problems that are listed; further ones are only counted. */
const maxListed = 20;

/** Collects the reasons why a file can't become a table, in sentences for a person. */
export class ProblemList {
  readonly #listed: string[] = [];
  #count = 0;

  /** Adds a problem of a row. @param column its name in the file */
  add(place: RowLocation, column: string | undefined, detail: string): void {
    this.#count++;
    if (this.#listed.length >= maxListed) return;
    const where = column === undefined ? '' : `, column ${quoted(column)}`;
    this.#listed.push(printable(`${place.unit} ${place.number}${where}: ${detail}`));
  }

  get count(): number {
    return this.#count;
  }

  /** Sentences about the first problems. */
  get listed(): readonly string[] {
    return this.#listed;
  }
}

const maxShownCharacters = 60;

/** Writes a client's text for a message: in quotes, shortened, and without characters that would control a terminal. */
export const quoted = (text: string): string =>
  printable(
    JSON.stringify(
      text.length > maxShownCharacters ? `${text.slice(0, maxShownCharacters)}…` : text,
    ),
  );
