import type { SubjectPageOptions } from './page-options';
import type { SubjectCursor } from './subject-cursor';

export interface TableCounts {
  rows: number;
  failedRecords: number;
  /** Number of failed records that are sealed and can't be opened without their key. */
  unreadRecords: number;
  /** Number of failed records of the person that are not shown. */
  restrictedRecords: number;
}

export interface SubjectPage {
  readonly lines: readonly string[];
  /** What was found in each table that was searched. */
  readonly tables: ReadonlyMap<string, TableCounts>;
  /** Position at which the next page begins; undefined where this is the last. */
  readonly next: SubjectCursor | undefined;
}

/** Lines while they fit, with their counts. */
export class Page {
  readonly #lines: string[] = [];
  readonly #tables = new Map<string, TableCounts>();
  #bytes = 0;
  #hasWorked = false;

  constructor(private readonly options: SubjectPageOptions) {}

  countsOf(table: string): TableCounts {
    const counts = this.#tables.get(table) ?? {
      ...{ rows: 0, failedRecords: 0, unreadRecords: 0, restrictedRecords: 0 },
    };
    this.#tables.set(table, counts);
    return counts;
  }

  /** Adds a line. @returns false where it does not fit */
  add(line: string): boolean {
    const { maxLines, maxBytes } = this.options;
    const bytes = Buffer.byteLength(JSON.stringify(line));
    if (this.#lines.length >= maxLines) return false;
    if (this.#lines.length > 0 && this.#bytes + bytes > maxBytes) return false;
    this.#lines.push(line);
    this.#bytes += bytes;
    return true;
  }

  /**
   * Notes that some work is done, so that the page may end when its time is up. Thus each page gets further than the
   * one before.
   */
  worked(): void {
    this.#hasWorked = true;
  }

  get mustEnd(): boolean {
    return this.#hasWorked && this.options.now() >= this.options.deadlineMs;
  }

  ended(next: SubjectCursor | undefined): SubjectPage {
    return { lines: this.#lines, tables: this.#tables, next };
  }
}
