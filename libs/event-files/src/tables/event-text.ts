/** A candidate event of a file. */
export interface EventText {
  /** Number of the line, element or row, from 1; unique in the file. */
  readonly position: number;
  /** JSON text: unchanged from the file, or made from a row of a table. */
  readonly text: string;
  /** Reason why a row of a table has no complete JSON text; `text` then holds as much of it as there is. */
  readonly fault?: string;
}
