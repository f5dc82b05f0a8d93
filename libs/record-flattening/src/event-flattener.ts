import type { KeyedHash } from '@sluice/privacy';
import {
  eventIdColumn,
  maxKeyBytes,
  systemColumns,
  unmappedColumn,
  type RecordOrigin,
} from '@sluice/event-schema';
import {
  byteSource,
  ByteSink,
  copySlackBytes,
  packedText,
  type ByteSource,
  type PackedText,
} from './byte-sink';
import type { FlattenFault, Violation } from './fault';
import {
  closeBrace,
  colon,
  comma,
  letterN,
  malformed,
  openBrace,
  quote,
  skipLiteral,
  skipSpace,
  skipString,
  skipValue,
  sourceOf,
  sourcePadding,
} from './json-scanner';
import { Kind, type FlattenPlan, type PlanNode } from './plan';
import { PrivateColumns } from './private-columns';
import { Privacy, type PrivateValues } from './private-values';
import { UnmappedMembers } from './unmapped-members';
import { nullWhere, ValueWriter } from './value-writer';

interface LocatedFault extends FlattenFault {
  readonly nodeId: number;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const eventIdPrefix = `"${eventIdColumn.name}":`;
const eventIdMember = packedText(eventIdPrefix);
const unmappedPrefix = `,"${unmappedColumn.name}":`;

const membersOfRecord = systemColumns.flatMap(({ name, ofRecord }) =>
  ofRecord ? [{ prefix: `"${name}":`, ofRecord }] : [],
);

/** Writes the members that all rows of a record share: system columns whose values come from the record's arrival. */
export function recordMembers(origin: RecordOrigin): PackedText {
  let text = '';
  for (const { prefix, ofRecord } of membersOfRecord)
    text += `${text && ','}${prefix}${ofRecord(origin)}`;
  return packedText(text);
}

export interface EventFlattenerOptions {
  /** Same as the flattener's option of this name. */
  readonly systemColumns?: boolean;
  /** Applies the event type's privacy rules to values that have no column; undefined where there are no rules. */
  readonly privateValues?: PrivateValues | undefined;
  readonly hash?: KeyedHash | undefined;
}

/**
 * Flattens one event after another from `source` into `sink`. Values are copied from the source text unchanged, in
 * the order of the text. The fields below hold the state of one event.
 *
 * A value that breaks a rule does not stop the scan, because the rest must still be valid JSON, and a later member of
 * the same name may replace the value.
 */
export class EventFlattener {
  readonly sink = new ByteSink();
  /** Pointer of the member that was begun last, which locates a syntax fault. */
  pointer = '';

  private readonly systemColumns: boolean;
  readonly #plan: FlattenPlan;
  readonly #values: ValueWriter;
  readonly #unmapped: UnmappedMembers;
  readonly #faults: LocatedFault[] = [];
  /** Ranges of the sink, start and end by turns, that have to be removed from the row. */
  readonly #replaced: number[] = [];
  /** For each node id, the number of the last event that had the node. Nothing needs to be cleared between events. */
  readonly #seen: Int32Array;
  readonly #valueStart: Int32Array;
  readonly #valueEnd: Int32Array;
  #event = 0;
  #source: ByteSource = byteSource(new Uint8Array(sourcePadding));
  /** End of the text in the source, exclusive. */
  #end = 0;

  readonly #privateColumns: PrivateColumns;

  constructor(
    plan: FlattenPlan,
    { systemColumns = true, privateValues, hash }: EventFlattenerOptions = {},
  ) {
    this.systemColumns = systemColumns;
    this.#plan = plan;
    const count = plan.nodes.length;
    this.#seen = new Int32Array(count);
    this.#valueStart = new Int32Array(count);
    this.#valueEnd = new Int32Array(count);
    this.#unmapped = new UnmappedMembers(plan.root, privateValues);
    const reserve = (at: number): void => this.#reserve(at);
    this.#values = new ValueWriter(this.sink, reserve);
    this.#privateColumns = new PrivateColumns({
      sink: this.sink,
      valueEnd: this.#valueEnd,
      rules: privateValues,
      hash,
      reserve,
    });
  }

  /** Sets the text that {@link event} reads. @param end of the text; {@link sourcePadding} zeros must follow it */
  read(source: ByteSource, end: number): void {
    this.#source = source;
    this.#end = end;
  }

  /**
   * Writes the row of the event at `start`, or nothing where the event has a fault.
   *
   * @param start index of the event's `{`
   * @param ownId returns the `event_id` of an event without identity
   * @param arrival result of {@link recordMembers}
   * @returns the index after the event's `}`.
   * @throws SyntaxFault
   */
  event(start: number, ownId: () => string, arrival: PackedText): number {
    this.#begin();
    const { sink } = this;
    const rowStart = sink.length;
    this.#reserve(start);
    sink.put(openBrace);
    const after = this.#object(this.#plan.root, start + 1);
    if (this.systemColumns) this.#checkKey();
    if (this.#faults.length > 0) {
      sink.length = rowStart;
      return after;
    }
    if (this.systemColumns) this.#eventId(start, ownId);
    if (this.#replaced.length > 0) this.#compact();
    if (this.systemColumns) {
      this.#unmapped.makePrivate(this.#source.bytes, sink);
      sink.packed(arrival.words, arrival.byteLength);
      this.#unmapped.write(this.#source.bytes, sink, unmappedPrefix);
    } else if (!this.#unmapped.write(this.#source.bytes, sink, '"":')) sink.text('"":null');
    sink.put(closeBrace);
    sink.put(0x0a);
    return after;
  }

  /** The reason why the last event has no row; undefined where it has one. */
  get fault(): FlattenFault | undefined {
    return this.#faults[0];
  }

  /**
   * Computes, for every node with a default in the schema, the text that replaces a missing value.
   *
   * @throws Error where a default does not conform to its own schema
   */
  compileDefaults(): void {
    // Innermost first, because an object's default may use those of its members.
    for (const node of this.#plan.nodes.toReversed()) {
      if (node.schema.default === undefined || !node.parent) continue;
      const { bytes, end } = sourceOf(JSON.stringify(node.schema.default));
      this.read(byteSource(bytes), end);
      this.#begin();
      this.sink.length = 0;
      this.#reserve(0);
      this.#value(node, 0, 0, 0);
      const refused = (why: string): Error =>
        new Error(
          `event type ${this.#plan.eventName}: the default of ${node.pointer} is refused: ${why}`,
        );
      if (this.fault) throw refused(this.fault.detail);
      if (this.#unmapped.holdsBelow(node))
        throw refused(
          'it holds members that the schema does not name, or more than its column keeps',
        );
      node.defaultLength = this.sink.length;
      node.defaultText = byteSource(this.sink.bytes.slice(0, this.sink.length + copySlackBytes));
      this.#plan.rowOverheadBytes += node.defaultLength;
    }
  }

  #begin(): void {
    this.#event++;
    this.#faults.length = 0;
    this.#replaced.length = 0;
    this.#unmapped.clear();
    this.#values.violation = undefined;
    this.#values.inexact = false;
    this.pointer = '';
  }

  /** Makes room for everything that the text from `at` on can become, including `unmapped`. */
  #reserve(at: number): void {
    this.sink.reserve(2 * (this.#end - at) + this.#plan.rowOverheadBytes);
  }

  #object(node: PlanNode, start: number): number {
    const { bytes, view } = this.#source;
    let at = skipSpace(bytes, start);
    let known = 0;
    if (bytes[at] === closeBrace) at++;
    else {
      let guess = node.members[0];
      let previous: PlanNode | undefined;
      for (;;) {
        const keyStart = at;
        let member = guess;
        if (guess?.packedKey.matches(view, at)) at += guess.packedKey.byteLength;
        else {
          if (bytes[at] !== quote) malformed(bytes, at, 'a member name in quotes');
          at = skipString(bytes, at);
          member = node.members[node.index.find(bytes, keyStart, at)];
          if (member !== undefined && previous !== undefined) previous.follower = member;
        }
        const keyEnd = at;
        if ((bytes[at] as number) <= 0x20) at = skipSpace(bytes, at);
        if (bytes[at] !== colon) malformed(bytes, at, 'a colon');
        at++;
        if ((bytes[at] as number) <= 0x20) at = skipSpace(bytes, at);

        if (member === undefined) {
          const valueStart = at;
          at = skipValue(bytes, at);
          this.#unmapped.add(node, -1, keyStart, keyEnd, valueStart, at);
        } else {
          if (this.#seen[member.id] === this.#event) this.#forget(member, at);
          else known++;
          this.#seen[member.id] = this.#event;
          this.pointer = member.pointer;
          at = this.#value(member, at, keyStart, keyEnd);
          previous = member;
          guess = member.follower;
        }

        if ((bytes[at] as number) <= 0x20) at = skipSpace(bytes, at);
        if (bytes[at] === comma) {
          at++;
          if ((bytes[at] as number) <= 0x20) at = skipSpace(bytes, at);
        } else if (bytes[at] === closeBrace) {
          at++;
          break;
        } else malformed(bytes, at, 'a comma or }');
      }
    }
    if (known < node.members.length) this.#missing(node);
    return at;
  }

  #missing(node: PlanNode): void {
    const { sink } = this;
    for (const member of node.members) {
      if (this.#seen[member.id] === this.#event) continue;
      if (member.defaultText) {
        this.#seen[member.id] = this.#event;
        this.#valueStart[member.id] = sink.length;
        sink.copy(member.defaultText, 0, member.defaultLength);
        this.#valueEnd[member.id] = sink.length;
      } else if (member.required)
        this.#fault(member, { code: 'required', detail: 'the value is missing' });
    }
  }

  /** Removes what an earlier member of the same name wrote, because the last one counts, as in `JSON.parse`. */
  #forget(node: PlanNode, at: number): void {
    for (let id = node.id; id <= node.lastId; id++) {
      if (this.#seen[id] !== this.#event) continue;
      this.#seen[id] = 0;
      const start = this.#valueStart[id] as number;
      const end = this.#valueEnd[id] as number;
      if (end > start) this.#replaced.push(start, end);
    }
    const kept = this.#faults.filter(({ nodeId }) => nodeId < node.id || nodeId > node.lastId);
    this.#faults.splice(0, this.#faults.length, ...kept);
    this.#unmapped.forget(node);
    this.#reserve(at);
  }

  #compact(): void {
    const { sink } = this;
    const ranges: (readonly [start: number, end: number])[] = [];
    for (let index = 0; index < this.#replaced.length; index += 2)
      ranges.push([this.#replaced[index] as number, this.#replaced[index + 1] as number]);
    ranges.sort(([a], [b]) => a - b);
    let to = ranges[0]?.[0] ?? sink.length;
    ranges.forEach(([, end], index) => {
      const next = ranges[index + 1]?.[0] ?? sink.length;
      sink.bytes.copyWithin(to, end, next);
      to += next - end;
    });
    sink.length = to;
  }

  /** Checks that the key can be looked up. A longer one would be stored, but no look-up could ask for it. */
  #checkKey(): void {
    const { key } = this.#plan;
    if (!key || this.#seen[key.id] !== this.#event) return;
    // The range includes the quotes, and the comma after it.
    const start = (this.#valueStart[key.id] as number) + key.prefix.byteLength;
    const end = (this.#valueEnd[key.id] as number) - 1;
    if (end - start <= maxKeyBytes + 2 || this.sink.bytes[start] !== quote) return;
    const text = JSON.parse(decoder.decode(this.sink.bytes.subarray(start, end))) as string;
    if (encoder.encode(text).length > maxKeyBytes)
      this.#fault(key, {
        code: 'maxLength',
        detail: `the key has more than ${maxKeyBytes} bytes, and look-ups ask for no longer one`,
      });
  }

  /** Writes `event_id`: the text of the identity, or else the event's position in the stream. */
  #eventId(eventStart: number, ownId: () => string): void {
    const { identity } = this.#plan;
    const { sink } = this;
    if (identity && this.#seen[identity.id] === this.#event) {
      const valueStart = this.#valueStart[identity.id] as number;
      const valueEnd = this.#valueEnd[identity.id] as number;
      const start = valueStart + identity.prefix.byteLength;
      const end = valueEnd - 1;
      const quoted = sink.bytes[start] === quote;
      const isSystemColumn = identity.column === eventIdColumn.name;
      // An empty identity would make all such events one; they get their position instead.
      const usable = end > start && !(quoted && end - start === 2);
      if (usable && quoted && isSystemColumn) return;
      if (isSystemColumn && valueEnd > valueStart) this.#replaced.push(valueStart, valueEnd);
      if (usable) {
        sink.packed(eventIdMember.words, eventIdMember.byteLength);
        if (!quoted) sink.put(quote);
        sink.copy(sink, start, end);
        if (!quoted) sink.put(quote);
        sink.put(comma);
        return;
      }
    }
    const text = encoder.encode(`${eventIdPrefix}${JSON.stringify(ownId())},`);
    this.#reserve(eventStart - text.length);
    for (const byte of text) sink.put(byte);
  }

  /**
   * Says why a value can't be shortened or replaced: it is part of the identity or key, and two different events or
   * rows would get the same one.
   */
  #mixUp(node: PlanNode): Violation | undefined {
    const { identity, key } = this.#plan;
    const isText = node.kind === Kind.string;
    if (node === identity) return isText ? brokenIdentity : longIdentity;
    return node === key && isText ? brokenKey : undefined;
  }

  #fault(node: PlanNode, { code, detail }: Violation, below = ''): void {
    this.#faults.push({ nodeId: node.id, code, path: node.pointer + below, detail });
  }

  /** Writes a member's value: `"name":value,` for a column, the members' values for an object. */
  #value(node: PlanNode, start: number, keyStart: number, keyEnd: number): number {
    const { sink } = this;
    const source = this.#source;
    const values = this.#values;
    const valueStart = sink.length;
    this.#valueStart[node.id] = valueStart;
    this.#valueEnd[node.id] = valueStart;
    if (source.bytes[start] === letterN) {
      if (!node.nullable) this.#fault(node, nullWhere(node));
      return skipLiteral(source.bytes, start);
    }
    let end: number;
    if (node.kind === Kind.object) {
      if (source.bytes[start] === openBrace) {
        end = this.#object(node, start + 1);
        if (node.parent && isEmptyObject(source.bytes, start, end))
          this.#unmapped.add(node.parent, node.id, keyStart, keyEnd, start, end);
        return end;
      }
      end = values.wrongType(node, source, start);
    } else {
      sink.packed(node.prefix.words, node.prefix.byteLength);
      if (node.kind === Kind.json) end = values.json(node, source, start);
      else if (node.items) end = values.array(node, node.items, source, start);
      else end = values.scalar(node, source, start);
      sink.put(comma);
      this.#valueEnd[node.id] = sink.length;
    }
    if (values.inexact) {
      values.inexact = false;
      const mixedUp = this.#mixUp(node);
      if (mixedUp) values.violation ??= mixedUp;
      else if (node.parent && node.privacy === Privacy.none)
        this.#unmapped.add(node.parent, node.id, keyStart, keyEnd, start, end);
    }
    if (values.violation !== undefined) {
      this.#fault(node, values.violation, values.below);
      values.violation = undefined;
      values.below = '';
    } else if (node.privacy !== Privacy.none) this.#privateColumns.replace(node, valueStart, end);
    return end;
  }
}

const brokenText =
  "the text holds half of a surrogate pair, which UTF-8 can't hold, and without it two values could be one";
const brokenIdentity: Violation = { code: 'format', detail: `${brokenText} identity` };
const brokenKey: Violation = { code: 'format', detail: `${brokenText} key` };
const longIdentity: Violation = {
  code: 'range',
  detail:
    'the time has more digits than its column keeps, and cut off two values could be one identity',
};

const isEmptyObject = (source: Uint8Array, start: number, end: number): boolean =>
  skipSpace(source, start + 1) === end - 1;
