export type Cells = readonly (string | null)[];

/** Cells of a result by row and column. */
export interface ResultTable {
  readonly rowCount: number;
  /** Returns a cell's text; null for NULL and outside of the result. */
  cell(row: number, column: number): string | null;
}

/** Number of rows in a block; packing one takes a few milliseconds. */
const blockRows = 4_096;

/** Column of a block, with all texts in one: the garbage collector visits one object instead of one for each cell. */
interface PackedColumn {
  readonly text: string;
  /** Place in `text` where each cell ends. */
  readonly ends: Uint32Array;
  /** Rows whose cell is NULL; most columns have none. */
  readonly nulls: ReadonlySet<number>;
}

/**
 * Rows of a result, appended as they arrive. Millions of rows as arrays of texts would make the garbage collector hold
 * up the page for a third of a second at a time; packed by blocks they are some thousand objects.
 */
export class ResultRows implements ResultTable {
  readonly #blocks: (readonly PackedColumn[])[] = [];
  /** The rows of the last block, which is not full. */
  #open: Cells[] = [];

  constructor(private readonly columnCount: number) {}

  get rowCount(): number {
    return this.#blocks.length * blockRows + this.#open.length;
  }

  append(rows: readonly Cells[]): void {
    for (const row of rows) {
      this.#open.push(row);
      if (this.#open.length < blockRows) continue;
      this.#blocks.push(
        Array.from({ length: this.columnCount }, (_, column) => packed(this.#open, column)),
      );
      this.#open = [];
    }
  }

  cell(row: number, column: number): string | null {
    const block = this.#blocks[Math.floor(row / blockRows)]?.[column];
    const at = row % blockRows;
    if (!block)
      return row >= this.#blocks.length * blockRows ? (this.#open[at]?.[column] ?? null) : null;
    if (block.nulls.has(at)) return null;
    return block.text.slice(at === 0 ? 0 : block.ends[at - 1], block.ends[at]);
  }
}

function packed(rows: readonly Cells[], column: number): PackedColumn {
  const ends = new Uint32Array(rows.length);
  const nulls = new Set<number>();
  let end = 0;
  const texts = rows.map((row, index) => {
    const cell = row[column] ?? null;
    if (cell === null) nulls.add(index);
    end += cell?.length ?? 0;
    ends[index] = end;
    return cell ?? '';
  });
  return { text: texts.join(''), ends, nulls };
}
