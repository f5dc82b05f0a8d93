import { pathText } from '@sluice/event-schema';
import type { TimestampDigits } from '@sluice/values';
import type { ValueSample } from './value-sample';

/** Largest number of distinct texts that are remembered of a field. A field that has more is not an enum. */
export const maxExamples = 16;

/** A path that the caller asked for, with the number of events in which it has a value. */
export interface WantedPath {
  /** Fields with this path text. `a.b` may be the member named `a.b` and also the member `b` of `a`. */
  readonly fields: ObservedField[];
  withValue: number;
  /** Line of the first event without a value. */
  firstWithout: number | undefined;
  /** True once the path was seen in the current event. */
  seen: boolean;
}

/** Statistics of one path. They count events, because arrays are not descended into. */
export class ObservedField {
  /** Number of events that have the member, whatever its value. */
  present = 0;
  nulls = 0;
  booleans = 0;
  /** Number of integer literals; `1.0` counts as a fraction. */
  integers = 0;
  fractions = 0;
  strings = 0;
  arrays = 0;
  objects = 0;

  /** Line of the first value of each kind. */
  readonly firstLines: Partial<
    Record<'boolean' | 'integer' | 'fraction' | 'string' | 'array' | 'object', number>
  > = {};

  /** Smallest and largest integer; rounded beyond 2^53. */
  minInteger = Infinity;
  maxInteger = -Infinity;
  /** Number of integers outside of 64 bits. */
  hugeIntegers = 0;
  /** Number of literals that a double would change. */
  inexactNumbers = 0;
  /** Numbers of literals with a fraction and no exponent, by the digits after their point. */
  readonly scales: number[] = [];
  /** Largest number of digits before the point. */
  wholeDigits = 0;
  /** Number of strings with half of a surrogate pair, which UTF-8 can't hold. */
  brokenStrings = 0;
  /** Fraction digits that all timestamps so far share; `none` once a string was not a timestamp. */
  timestamps: TimestampDigits | 'none' | undefined;
  allDates = true;
  /** True while every string was a time that names no zone, which is no moment. */
  allLocalTimes = true;

  /** Statistics of the elements of arrays, all together. */
  elements: ObservedField | undefined;

  /** Members by name, in the order in which they were first seen. */
  readonly members = new Map<string, ObservedField>();
  /** Set where members are not examined and the objects go into one column of JSON text; the value is the reason. */
  freeForm: 'depth' | 'names' | 'map' | 'repeated' | undefined;
  /** Number of members that were not examined because a limit was reached; they stay in `unmapped`. */
  untracked = 0;

  /** The last event that had the field, by which a repeated name in an object is noticed. */
  lastEvent = 0;
  /** Guesses that nearly always hold: the first member of the last object, and the member that followed this one. */
  firstMember: ObservedField | undefined;
  successor: ObservedField | undefined;

  wanted: WantedPath | undefined;
  sample: ValueSample | undefined;
  /**
   * The first distinct values as they stand in the text, with their counts, by hash; undefined once there are too
   * many.
   */
  examples: Map<number, { readonly text: string; count: number }> | undefined = new Map();

  /** The first distinct values as they stand in the text, kept once there are too many. */
  firstTexts: readonly string[] | undefined;

  constructor(
    readonly parent: ObservedField | undefined,
    readonly name: string,
    readonly depth: number,
  ) {}

  get path(): readonly string[] {
    const path: string[] = [];
    this.forEachLevel(({ name }) => path.push(name));
    return path.reverse();
  }

  get text(): string {
    return pathText(this.path);
  }

  /** True if every event has the field, as a key requires. */
  get always(): boolean {
    let always = true;
    this.forEachLevel((field, parent) => {
      if (field.present < parent.objects || field.nulls > 0) always = false;
    });
    return always;
  }

  /** Calls `visit` for this field and its ancestors, except the event itself. */
  private forEachLevel(visit: (field: ObservedField, parent: ObservedField) => void): void {
    if (!this.parent) return;
    visit(this, this.parent);
    this.parent.forEachLevel(visit);
  }
}
