import { pathText } from '@sluice/event-schema';
import type { TimestampDigits } from '@sluice/values';
import type { ValueSample } from './value-sample';

/** Distinct texts of a field are remembered up to here; a field that has more is no enum. */
export const maxExamples = 16;

/** A path that the caller asked for, and in how many events it has a value. */
export interface WantedPath {
  /** Fields whose path text it is: `a.b` is that of the name `a.b` and of `b` inside `a`. */
  readonly fields: ObservedField[];
  withValue: number;
  /** Line of the first event without a value. */
  firstWithout: number | undefined;
  /** True once it was seen in the event at hand. */
  seen: boolean;
}

/** What was seen at one path. Counts are of events, as arrays are not descended into. */
export class ObservedField {
  /** Counts the events in which the member was there, whatever its value. */
  present = 0;
  nulls = 0;
  booleans = 0;
  /** Integer literals; `1.0` counts as a fraction. */
  integers = 0;
  fractions = 0;
  strings = 0;
  arrays = 0;
  objects = 0;

  /** Least and largest integer; rounded beyond 2^53. */
  minInteger = Infinity;
  maxInteger = -Infinity;
  /** Integers outside 64 bits. */
  hugeIntegers = 0;
  /** Numbers that a double would change. */
  inexactNumbers = 0;
  /** Strings with half of a surrogate pair, which UTF-8 can't hold. */
  brokenStrings = 0;
  /** Fraction digits that all timestamps so far share; `none` once a string was something else. */
  timestamps: TimestampDigits | 'none' | undefined;
  allDates = true;

  /** What was seen in the arrays, all elements together. */
  elements: ObservedField | undefined;

  /** Members by name, in the order in which they were first seen. */
  readonly members = new Map<string, ObservedField>();
  /** Members are not looked at, and the objects go into one column of JSON text; with the reason. */
  freeForm: 'depth' | 'names' | 'map' | 'repeated' | undefined;
  /** Members that were not looked at, as a limit was reached; they stay in `unmapped`. */
  untracked = 0;

  /** The event in which the field was last seen, to notice a name that an object has twice. */
  lastEvent = 0;
  /** Guesses that nearly always hold: what the object began with last time, and what followed this member. */
  firstMember: ObservedField | undefined;
  successor: ObservedField | undefined;

  wanted: WantedPath | undefined;
  sample: ValueSample | undefined;
  /** The first distinct values as they stand in the text, with their counts, by hash; undefined when there are too many. */
  examples: Map<number, { readonly text: string; count: number }> | undefined = new Map();

  /** The first distinct values once there are too many, as they stand in the text. */
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

  /** True where every event has it, as a key must be. */
  get always(): boolean {
    let always = true;
    this.forEachLevel((field, parent) => {
      if (field.present < parent.objects || field.nulls > 0) always = false;
    });
    return always;
  }

  /** Visits this field and those around it, up to the event itself, which is left out. */
  private forEachLevel(visit: (field: ObservedField, parent: ObservedField) => void): void {
    if (!this.parent) return;
    visit(this, this.parent);
    this.parent.forEachLevel(visit);
  }
}
