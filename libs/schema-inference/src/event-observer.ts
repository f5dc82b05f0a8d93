import { exactTimeDigits, isExactDate, numberTraits } from '@sluice/values';
import { hasDataAsNames } from './data-as-names';
import {
  endOfContainer,
  endOfString,
  endOfValue,
  endOfWord,
  skipSpace,
} from '@sluice/values/json-scan';
import { maxExamples, ObservedField, type WantedPath } from './observed-field';
import { soundsLikeId } from './sounds-like-id';
import { hashOf, ValueSample } from './value-sample';

/** Depth down to which objects are followed; deeper ones are kept as JSON text. */
export const maxDepth = 32;
/** Number of names above which an object is taken to have data for names. */
const maxMembers = 1_000;
/** The same limit for the event itself, which can't become one column and so may have more names. */
const maxRootMembers = 5_000;
/** Largest number of fields remembered, which bounds the memory. */
const maxFields = 10_000;
/**
 * Longest name of a member. Column names are made of member names, and Glue allows 255 characters (API reference:
 * Column).
 */
const maxNameLength = 255;

/** Distinct values remembered of each field. The fields that are asked for by name get more. */
const sampleCapacity = 512;
const wantedSampleCapacity = 16_384;
const maxSampledFields = 2_000;
/**
 * Events after which a field with few distinct values is ruled out as the key, so that its values are no longer
 * counted.
 */
const keyVerdictEvents = 10_000;
const keyMinShare = 0.02;

const openBrace = 0x7b;
const openBracket = 0x5b;
const closeBrace = 0x7d;
const closeBracket = 0x5d;
const quote = 0x22;
const minus = 0x2d;
/** First letters of `null`, `true` and `false`. */
const letterN = 0x6e;
const letterT = 0x74;
const letterF = 0x66;

/** Matches a time of RFC 3339, with or without seconds, that names no zone. */
const localTime = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?$/;

/** Collects the shapes and sample values of events. Its memory depends on the number of shapes, not of events. */
export class EventObserver {
  readonly root = new ObservedField(undefined, '', 0);
  /** The paths that were asked for, by their texts. */
  readonly wanted: ReadonlyMap<string, WantedPath>;
  /** Line of the event that is read. */
  private line = 0;
  private fieldCount = 0;
  private sampledCount = 0;
  /** Number of events from which on a further search for room may succeed. */
  private nextSearch = 0;

  /** @param wantedPaths path texts whose values are to be sampled closely */
  constructor(wantedPaths: readonly string[]) {
    this.wanted = new Map(
      wantedPaths.map((path) => [
        path,
        { fields: [], withValue: 0, firstWithout: undefined, seen: false },
      ]),
    );
  }

  /** Adds one event. @param text one JSON object, known to be valid */
  observe(text: string, line: number): void {
    this.line = line;
    this.root.present++;
    this.root.objects++;
    this.readObject(text, skipSpace(text, 0), this.root);
    for (const path of this.wanted.values()) {
      if (path.seen) path.withValue++;
      else path.firstWithout ??= line;
      path.seen = false;
    }
  }

  /** Reads the members of the object that opens at `start`. @returns the position after it */
  private readObject(text: string, start: number, field: ObservedField): number {
    let at = skipSpace(text, start + 1);
    let previous: ObservedField | undefined;
    while (text.charCodeAt(at) !== closeBrace) {
      const expected = previous ? previous.successor : field.firstMember;
      let member: ObservedField | undefined;
      if (expected && isName(text, at, expected.name)) {
        member = expected;
        at += expected.name.length + 2;
      } else {
        const end = endOfString(text, at);
        member = this.memberOf(field, text.slice(at, end));
        at = end;
        if (member && !member.name.includes('\\')) {
          if (previous) previous.successor = member;
          else field.firstMember = member;
        }
      }
      at = skipSpace(text, skipSpace(text, at) + 1);
      if (member) {
        at = this.readMember(text, at, member);
        previous = member;
      } else {
        field.untracked++;
        at = endOfValue(text, at);
      }
      at = skipSpace(text, at);
      if (text.charCodeAt(at) !== closeBrace) at = skipSpace(text, at + 1);
    }
    return at + 1;
  }

  /**
   * Returns the field of a member, created if there is room.
   *
   * @param quoted the name as it stands in the text, with its quotes
   */
  private memberOf(parent: ObservedField, quoted: string): ObservedField | undefined {
    // Parsed even where nothing is escaped, because a slice would keep the whole event's text in memory.
    const name = quoted.includes('\\') ? (JSON.parse(quoted) as string) : quoted.slice(1, -1);
    const known = parent.members.get(name);
    if (known) return known;
    if (name.length > maxNameLength) return undefined;
    const limit = parent.parent ? maxMembers : maxRootMembers;
    if (parent.members.size >= limit) {
      if (parent.parent) this.collapse(parent, 'names');
      return undefined;
    }
    if (this.fieldCount >= maxFields && !this.makeRoom()) return undefined;
    if (parent.freeForm) return undefined;
    const member = new ObservedField(parent, JSON.parse(quoted) as string, parent.depth + 1);
    parent.members.set(member.name, member);
    this.fieldCount++;
    this.startSample(member);
    return member;
  }

  private startSample(field: ObservedField): void {
    const wanted = this.wanted.get(field.text);
    if (wanted) {
      wanted.fields.push(field);
      field.wanted = wanted;
    }
    // Only a field that the first event has can be a key; an id of any event can be an index.
    const maybeAsked = this.root.objects === 1 || soundsLikeId(field.name);
    if (!wanted && !(maybeAsked && this.sampledCount < maxSampledFields)) return;
    if (!wanted) this.sampledCount++;
    field.sample = new ValueSample(wanted ? wantedSampleCapacity : sampleCapacity);
  }

  private readMember(text: string, at: number, field: ObservedField): number {
    const event = this.root.objects;
    if (field.wanted && text.charCodeAt(at) !== letterN) field.wanted.seen = true;
    if (field.lastEvent === event) return this.readRepeated(text, at, field);
    field.lastEvent = event;
    field.present++;
    return this.readValue(text, at, field);
  }

  /**
   * Reads a member whose name the object has already. Counting both values would make some members look required that
   * are not.
   */
  private readRepeated(text: string, at: number, field: ObservedField): number {
    if (text.charCodeAt(at) !== openBrace && field.objects === 0)
      return this.readValue(text, at, field);
    this.collapse(field, 'repeated');
    return this.readValue(text, at, field);
  }

  private readValue(text: string, at: number, field: ObservedField): number {
    switch (text.charCodeAt(at)) {
      case openBrace:
        if (field.objects++ === 0) field.firstLines.object = this.line;
        if (!field.freeForm && field.depth >= maxDepth) field.freeForm = 'depth';
        return field.freeForm ? endOfContainer(text, at) : this.readObject(text, at, field);
      case openBracket:
        if (field.arrays++ === 0) field.firstLines.array = this.line;
        return this.readArray(text, at, field);
      case quote: {
        const end = endOfString(text, at);
        this.readString(text, at, end, field);
        return end;
      }
      default: {
        const end = endOfWord(text, at);
        this.readWord(text, at, end, field);
        return end;
      }
    }
  }

  private readArray(text: string, start: number, field: ObservedField): number {
    field.elements ??= new ObservedField(field, '[]', field.depth + 1);
    const elements = field.elements;
    let at = skipSpace(text, start + 1);
    while (text.charCodeAt(at) !== closeBracket) {
      elements.present++;
      const first = text.charCodeAt(at);
      if (first === openBrace || first === openBracket) {
        if (first === openBrace) elements.objects++;
        else elements.arrays++;
        at = endOfContainer(text, at);
      } else at = this.readValue(text, at, elements);
      at = skipSpace(text, at);
      if (text.charCodeAt(at) !== closeBracket) at = skipSpace(text, at + 1);
    }
    return at + 1;
  }

  private readString(text: string, start: number, end: number, field: ObservedField): void {
    if (field.strings++ === 0) field.firstLines.string = this.line;
    const length = end - start - 2;
    if (field.allDates || field.timestamps !== 'none') {
      const maybeTime = length === 10 || length === 20 || length === 24 || length === 27;
      const value = maybeTime ? text.slice(start + 1, end - 1) : '';
      if (field.allDates) field.allDates = isExactDate(value);
      if (field.timestamps !== 'none') {
        const digits = exactTimeDigits(value);
        if (digits === undefined) field.timestamps = 'none';
        else if (field.timestamps === undefined) field.timestamps = digits;
        else if (field.timestamps !== digits) field.timestamps = 'none';
      }
    }
    if (field.allLocalTimes)
      field.allLocalTimes =
        length >= 16 && length <= 32 && localTime.test(text.slice(start + 1, end - 1));
    const escape = text.indexOf('\\u', start);
    if (escape !== -1 && escape < end && isBroken(text.slice(start, end))) field.brokenStrings++;
    this.countValue(text, start, end, field);
  }

  private readWord(text: string, start: number, end: number, field: ObservedField): void {
    switch (text.charCodeAt(start)) {
      case letterN:
        field.nulls++;
        return;
      case letterT:
      case letterF:
        if (field.booleans++ === 0) field.firstLines.boolean = this.line;
        return;
    }
    const literal = text.slice(start, end);
    const { integer, fitsInt64, fitsDouble } = numberTraits(literal);
    if (integer) {
      if (field.integers++ === 0) field.firstLines.integer = this.line;
      const value = Number(literal);
      if (value < field.minInteger) field.minInteger = value;
      if (value > field.maxInteger) field.maxInteger = value;
    } else if (field.fractions++ === 0) field.firstLines.fraction = this.line;
    countDigits(literal, field);
    if (integer && !fitsInt64) field.hugeIntegers++;
    if (!fitsDouble) field.inexactNumbers++;
    this.countValue(text, start, end, field);
  }

  private countValue(text: string, start: number, end: number, field: ObservedField): void {
    const { sample, examples } = field;
    if (!sample && !examples) return;
    const hash = hashOf(text, start, end);
    if (examples) {
      const known = examples.get(hash);
      if (known) known.count++;
      else if (examples.size < maxExamples && end - start <= maxNameLength)
        examples.set(hash, { text: copyOf(text.slice(start, end)), count: 1 });
      else {
        field.firstTexts = [...examples.values()].map((example) => example.text);
        field.examples = undefined;
      }
    }
    if (!sample) return;
    sample.add(hash);
    const hopeless =
      field.present === keyVerdictEvents && sample.distinct < keyVerdictEvents * keyMinShare;
    if (hopeless && !field.wanted) field.sample = undefined;
  }

  private collapse(field: ObservedField, reason: NonNullable<ObservedField['freeForm']>): void {
    field.freeForm = reason;
    this.fieldCount -= sizeOf(field);
    field.members.clear();
    field.firstMember = undefined;
  }

  /** Frees the members of objects that have data for names. @returns whether there is room again */
  private makeRoom(): boolean {
    // Searching all fields in vain for every new name would take quadratic time.
    if (this.root.objects < this.nextSearch) return false;
    this.collapseMaps(this.root);
    const found = this.fieldCount < maxFields;
    if (!found) this.nextSearch = 2 * this.root.objects;
    return found;
  }

  private collapseMaps(field: ObservedField): void {
    for (const member of field.members.values())
      if (hasDataAsNames(member)) this.collapse(member, 'map');
      else this.collapseMaps(member);
  }
}

/** Counts a number's digits before and after its point; one with an exponent has none to count. */
function countDigits(literal: string, field: ObservedField): void {
  const signs = literal.charCodeAt(0) === minus ? 1 : 0;
  const point = literal.indexOf('.');
  const whole = (point === -1 ? literal.length : point) - signs;
  if (point !== -1 || whole > field.wholeDigits) {
    if (/e/i.test(literal)) return;
    if (whole > field.wholeDigits) field.wholeDigits = whole;
    if (point === -1) return;
    const scale = literal.length - point - 1;
    field.scales[scale] = (field.scales[scale] ?? 0) + 1;
  }
}

const isName = (text: string, at: number, name: string): boolean =>
  text.startsWith(name, at + 1) && text.charCodeAt(at + 1 + name.length) === quote;

const sizeOf = (field: ObservedField): number => {
  let size = 0;
  for (const member of field.members.values()) size += 1 + sizeOf(member);
  return size;
};

/** Copies a slice of a text. A slice itself would keep the whole event's text in memory. */
const copyOf = (slice: string): string => JSON.parse(JSON.stringify(slice)) as string;

const isBroken = (quoted: string): boolean => /\p{Surrogate}/u.test(JSON.parse(quoted) as string);
