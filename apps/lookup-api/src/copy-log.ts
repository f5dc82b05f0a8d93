import { eventName, type FoundRow, type Position } from './row-collector';

/**
 * A copy of an event. Of several copies, the first that was ingested counts; of those ingested together, the one with
 * the earliest moment.
 */
type Copy = Position & Pick<FoundRow, 'ingestedAtMicros'>;

/** Remembers for each event which of its copies counts, among the copies seen so far. */
export class CopyLog {
  readonly #counted = new Map<string, CopyPlace>();

  add(copy: Copy): void {
    const name = eventName(copy);
    const known = this.#counted.get(name);
    const { ingestedAtMicros, moment } = copy;
    if (!known || isBefore(copy, known)) this.#counted.set(name, { ingestedAtMicros, moment });
  }

  /** Decides whether no copy has been seen that precedes this one. */
  counts(copy: Copy): boolean {
    const known = this.#counted.get(eventName(copy));
    return !known || !isBefore(known, copy);
  }
}

type CopyPlace = Pick<Copy, 'ingestedAtMicros' | 'moment'>;

const isBefore = (a: CopyPlace, b: CopyPlace): boolean =>
  a.ingestedAtMicros < b.ingestedAtMicros ||
  (a.ingestedAtMicros === b.ingestedAtMicros && a.moment < b.moment);
