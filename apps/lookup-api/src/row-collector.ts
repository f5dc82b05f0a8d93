import { createHash } from 'node:crypto';
import { compareUtf8, type KeyOrder, type KeyText } from '@sluice/lake-layout';
import type { Row } from '@sluice/row-formats';
import type { Cell } from '@sluice/values';

/** A row's place in the order of answers: by key, then by what tells rows of one key apart. */
export interface Position {
  readonly keyText: KeyText;
  readonly rowToken: string;
}

export interface FoundRow extends Position, Row {
  readonly ingestedAtMicros: bigint;
}

/**
 * Keeps the first rows in the order of answers, each event once; memory is bounded by `maxRows`, however many
 * rows are added. Of two copies of an event the one that arrived first stays.
 */
export class RowCollector {
  #rows = new Map<string, FoundRow>();
  /** Beyond this position nothing can be among the first rows any more. */
  #bar: Position | undefined;
  readonly #order: KeyOrder;
  readonly #maxRows: number;
  readonly #after: Position | undefined;

  constructor(keyOrder: KeyOrder, maxRows: number, after?: Position) {
    this.#order = keyOrder;
    this.#maxRows = maxRows;
    this.#after = after;
  }

  readonly compare = (a: Position, b: Position): number =>
    this.#order(a.keyText, b.keyText) || compareUtf8(a.rowToken, b.rowToken);

  add(row: FoundRow): void {
    if (this.#after && this.compare(row, this.#after) <= 0) return;
    if (this.#bar && this.compare(row, this.#bar) > 0) return;
    const id = `${row.keyText.length}:${row.keyText}${row.rowToken}`;
    const known = this.#rows.get(id);
    if (known && known.ingestedAtMicros <= row.ingestedAtMicros) return;
    this.#rows.set(id, row);
    if (this.#rows.size > this.#maxRows * 2) this.#cut();
  }

  #cut(): void {
    const first = [...this.#rows]
      .sort(([, a], [, b]) => this.compare(a, b))
      .slice(0, this.#maxRows);
    this.#rows = new Map(first);
    this.#bar = first.at(-1)?.[1];
  }

  /** At most `maxRows`, in order. */
  rows(): readonly FoundRow[] {
    return [...this.#rows.values()].sort(this.compare).slice(0, this.#maxRows);
  }
}

/** Tells the rows of one key apart: by event, or where a file has no `event_id` by their content. */
export class RowTokens {
  readonly #seen = new Map<string, number>();

  of(eventId: string | null, cells: readonly Cell[]): string {
    if (eventId !== null) return `e${eventId}`;
    const text = JSON.stringify(cells, (_, value: unknown) =>
      typeof value === 'bigint' ? String(value) : value,
    );
    const hash = createHash('sha256').update(text).digest('base64url').slice(0, 22);
    const count = this.#seen.get(hash) ?? 0;
    this.#seen.set(hash, count + 1);
    return `n${hash}.${String(count).padStart(6, '0')}`;
  }
}
