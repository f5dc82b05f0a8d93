import { eventName, type FoundRow, type Position } from './row-collector';

/** What decides between copies of an event: the first that was ingested counts, of several at once the one of the earliest moment. */
type Copy = Position & Pick<FoundRow, 'ingestedAtMicros'>;

/** Remembers of events which of their copies counts, as far as copies were seen. */
export class CopyLog {
  readonly #counted = new Map<string, CopyPlace>();

  add(copy: Copy): void {
    const name = eventName(copy);
    const known = this.#counted.get(name);
    const { ingestedAtMicros, moment } = copy;
    if (!known || isBefore(copy, known)) this.#counted.set(name, { ingestedAtMicros, moment });
  }

  /** Decides whether no copy was seen that comes before this one. */
  counts(copy: Copy): boolean {
    const known = this.#counted.get(eventName(copy));
    return !known || !isBefore(known, copy);
  }
}

type CopyPlace = Pick<Copy, 'ingestedAtMicros' | 'moment'>;

const isBefore = (a: CopyPlace, b: CopyPlace): boolean =>
  a.ingestedAtMicros < b.ingestedAtMicros ||
  (a.ingestedAtMicros === b.ingestedAtMicros && a.moment < b.moment);
