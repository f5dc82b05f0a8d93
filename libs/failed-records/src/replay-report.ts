import type { ErrorKind } from './error-line';

/** Result of the replay for one record. */
export type Verdict =
  /** The record was sent, or would be in a dry run. */
  | 'sent'
  /** The schema still refuses the record. It is left for a replay after the schema was fixed. */
  | 'still-failing'
  /** The stream refused the record, or it is too large. */
  | 'refused'
  /** The line of the error output can't be read. */
  | 'unreadable';

export interface ReportGroup {
  readonly kind: ErrorKind;
  readonly verdict: Verdict;
  /** Firehose's own code. */
  readonly errorCode: string;
  /** Reason for the failure, as far as it is known. */
  readonly reason: string;
  readonly records: number;
  /** The first of these records. */
  readonly example: ReportExample;
  /** The first records, as many as were asked for; absent where none were. */
  readonly examples?: readonly ReportExample[];
}

/** A failed record of a group. */
export interface ReportExample {
  readonly key: string;
  /** Number of the line in the object, from 0. */
  readonly line: number;
  /** The record as text, fixed where steps apply; present where bodies were asked for. */
  readonly body?: string;
  /** The record before it was fixed; present where it was fixed and bodies were asked for. */
  readonly before?: string;
}

export interface ReplayReport {
  readonly table: string;
  readonly dryRun: boolean;
  /** Number of objects of the error output in the requested range. */
  readonly objects: number;
  /** Number of objects that need no further work, or that another replay is processing. */
  readonly skippedObjects: number;
  readonly sent: number;
  readonly left: number;
  /** False where the deadline came first; the next run continues. */
  readonly complete: boolean;
  /** Groups, the largest first. */
  readonly groups: readonly ReportGroup[];
}

/** Counts records by result and reason. */
export class ReportGroups {
  readonly #groups = new Map<string, ReportGroup>();

  /** @param maxExamples of each group */
  constructor(private readonly maxExamples = 0) {}

  add(group: Omit<ReportGroup, 'records' | 'examples'>): void {
    const id = JSON.stringify([group.kind, group.verdict, group.errorCode, group.reason]);
    const known = this.#groups.get(id);
    const examples = known?.examples ?? [];
    this.#groups.set(id, {
      ...(known ?? group),
      records: (known?.records ?? 0) + 1,
      ...(this.maxExamples > 0 && {
        examples: examples.length < this.maxExamples ? [...examples, group.example] : examples,
      }),
    });
  }

  count(...verdicts: readonly Verdict[]): number {
    return [...this.#groups.values()]
      .filter(({ verdict }) => verdicts.includes(verdict))
      .reduce((sum, { records }) => sum + records, 0);
  }

  list(): readonly ReportGroup[] {
    return [...this.#groups.values()].sort((a, b) => b.records - a.records);
  }
}
