import { ByteSink } from './byte-sink';
import { fitsDecimal, int64Text, plainDecimal } from './decimal-text';
import type { FaultCode, FlattenFault } from './fault';
import {
  backslash,
  closeBrace,
  closeBracket,
  colon,
  comma,
  isDigit,
  letterF,
  letterN,
  letterT,
  malformed,
  minus,
  openBrace,
  openBracket,
  quote,
  skipLiteral,
  skipNumber,
  skipSpace,
  skipString,
  skipStringSpecial,
  skipValue,
  stringOf,
  stringStop,
  textOf,
  zero,
} from './json-scanner';
import { Kind, type FlattenPlan, type PlanNode, type ScalarPlan } from './plan';
import { isDate, maxTimestampBytes, writeTimestamp } from './timestamp-text';
import { UnmappedMembers } from './unmapped-members';

interface LocatedFault extends FlattenFault {
  readonly nodeId: number;
}

const encoder = new TextEncoder();
/** Digits of an integer that is inside the range of 64 bits whatever they are. */
const safeDigits = 18;
/** Characters of a number without exponent that is inside a double's range whatever they are. */
const safeDoubleLength = 300;
const eventIdPrefix = encoder.encode('"event_id":');

/**
 * Flattens one event after another from `source` into `sink`: values are copied from the source text as
 * they stand, in the order of the text. One event's state lives in the fields below.
 *
 * A value that breaks a rule does not stop the scan: the rest must still be valid JSON, and a later
 * member of the same name may take its place.
 */
export class EventFlattener {
  source = new Uint8Array(0);
  readonly sink = new ByteSink();
  /** The pointer of the member that was last begun: where a syntax fault is. */
  pointer = '';

  readonly #plan: FlattenPlan;
  readonly #identityNames: boolean;
  readonly #unmapped: UnmappedMembers;
  readonly #faults: LocatedFault[] = [];
  /** Ranges of the sink that a later member of the same name has replaced. */
  readonly #replaced: number[] = [];
  /** By node: the number of the event that had it, so that nothing is cleared between events. */
  readonly #seen: Int32Array;
  readonly #valueStart: Int32Array;
  readonly #valueEnd: Int32Array;
  readonly #timestamp = new Uint8Array(maxTimestampBytes);
  #event = 0;
  #end = 0;

  constructor(plan: FlattenPlan) {
    this.#plan = plan;
    const count = plan.nodes.length;
    this.#seen = new Int32Array(count);
    this.#valueStart = new Int32Array(count);
    this.#valueEnd = new Int32Array(count);
    this.#unmapped = new UnmappedMembers(plan.root);
    this.#identityNames =
      plan.identity !== undefined && equalBytes(plan.identity.prefix, eventIdPrefix);
  }

  /**
   * Writes the row of the event at `start`, or nothing where it is at fault.
   *
   * @param start index of the event's `{`.
   * @param end of the record's text; bounds the room that the row needs.
   * @param ownId `event_id` of an event without identity, as JSON text.
   * @param arrival `"ingested_at":"…"`.
   * @returns the index after the event's `}`. @throws SyntaxFault
   */
  event(start: number, end: number, ownId: () => string, arrival: Uint8Array): number {
    this.#event++;
    this.#faults.length = 0;
    this.#replaced.length = 0;
    this.#unmapped.clear();
    this.pointer = '';
    const { sink } = this;
    const rowStart = sink.length;
    this.#end = end;
    this.#reserve(start);
    sink.put(openBrace);
    const after = this.#object(this.#plan.root, start + 1);
    if (this.#faults.length > 0) {
      sink.length = rowStart;
      return after;
    }
    this.#eventId(start, ownId);
    if (this.#replaced.length > 0) this.#compact();
    sink.copy(arrival, 0, arrival.length);
    this.#unmapped.write(this.source, sink);
    sink.put(closeBrace);
    sink.put(0x0a);
    return after;
  }

  /** Why the event that was just scanned has no row. */
  get fault(): FlattenFault | undefined {
    return this.#faults[0];
  }

  /** The text that a missing value is given, `"name":value,…`. @throws Error where the schema refuses its own default. */
  defaultText(node: PlanNode): Uint8Array {
    const value = encoder.encode(JSON.stringify(node.schema.default));
    this.#event++;
    this.#faults.length = 0;
    this.#unmapped.clear();
    this.sink.length = 0;
    const source = new Uint8Array(value.length + 64);
    source.set(value);
    this.source = source;
    this.#end = value.length;
    this.#reserve(0);
    this.#value(node, 0, 0);
    const [fault] = this.#faults;
    if (fault) throw new Error(`the default of ${node.pointer} is refused: ${fault.detail}`);
    if (this.#unmapped.holdsBelow(node))
      throw new Error(`the default of ${node.pointer} holds members that the schema does not name`);
    return this.sink.bytes.slice(0, this.sink.length);
  }

  /** Makes room for all that the text from `at` on can become, `unmapped` included. */
  #reserve(at: number): void {
    this.sink.reserve(2 * (this.#end - at) + this.#plan.rowOverheadBytes);
  }

  #object(node: PlanNode, start: number): number {
    const { source } = this;
    let at = skipSpace(source, start);
    let known = 0;
    if (source[at] === closeBrace) at++;
    else {
      let guess = node.members[0];
      let previous: PlanNode | undefined;
      for (;;) {
        const keyStart = at;
        if (source[at] !== quote) malformed(source, at, 'a member name in quotes');
        let member = guess;
        let matched = 0;
        if (guess !== undefined) {
          const { key } = guess;
          while (matched < key.length && key[matched] === source[at + matched]) matched++;
          if (matched === key.length) at += matched;
          else matched = 0;
        }
        if (matched === 0) {
          at = skipString(source, at);
          member = this.#find(node, keyStart, at);
          if (member !== undefined && previous !== undefined) previous.follower = member;
        }
        const keyEnd = at;
        if ((source[at] as number) <= 0x20) at = skipSpace(source, at);
        if (source[at] !== colon) malformed(source, at, 'a colon');
        at++;
        if ((source[at] as number) <= 0x20) at = skipSpace(source, at);

        if (member === undefined) {
          const valueStart = at;
          at = skipValue(source, at);
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

        if ((source[at] as number) <= 0x20) at = skipSpace(source, at);
        if (source[at] === comma) {
          at++;
          if ((source[at] as number) <= 0x20) at = skipSpace(source, at);
        } else if (source[at] === closeBrace) {
          at++;
          break;
        } else malformed(source, at, 'a comma or }');
      }
    }
    if (known < node.members.length) this.#missing(node);
    return at;
  }

  #find(node: PlanNode, keyStart: number, keyEnd: number): PlanNode | undefined {
    const { source } = this;
    for (let at = keyStart; at < keyEnd; at++)
      if (source[at] === backslash) {
        // JSON.stringify gives the one spelling that the plan's keys have.
        const key = encoder.encode(JSON.stringify(stringOf(source, keyStart, keyEnd)));
        return node.members[node.index.find(key, 0, key.length)];
      }
    return node.members[node.index.find(source, keyStart, keyEnd)];
  }

  #missing(node: PlanNode): void {
    for (const member of node.members) {
      if (this.#seen[member.id] === this.#event) continue;
      const { sink } = this;
      if (member.defaultText) {
        this.#seen[member.id] = this.#event;
        this.#valueStart[member.id] = sink.length;
        sink.copy(member.defaultText, 0, member.defaultText.length);
        this.#valueEnd[member.id] = sink.length;
      } else if (member.required) this.#fault(member, 'required', 'the value is missing');
    }
  }

  /** Takes back what an earlier member of the same name left: the last one counts, as in `JSON.parse`. */
  #forget(node: PlanNode, at: number): void {
    for (let id = node.id; id <= node.lastId; id++) {
      if (this.#seen[id] !== this.#event) continue;
      this.#seen[id] = 0;
      const start = this.#valueStart[id] as number;
      const end = this.#valueEnd[id] as number;
      if (this.#plan.nodes[id]?.kind !== Kind.object && end > start)
        this.#replaced.push(start, end);
      this.#valueStart[id] = this.#valueEnd[id] = 0;
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

  #eventId(eventStart: number, ownId: () => string): void {
    const { identity } = this.#plan;
    const { sink } = this;
    const own = (): void => {
      const text = encoder.encode(ownId());
      this.#reserve(eventStart - text.length);
      sink.copy(eventIdPrefix, 0, eventIdPrefix.length);
      sink.copy(text, 0, text.length);
      sink.put(comma);
    };
    if (!identity || this.#seen[identity.id] !== this.#event) {
      own();
      return;
    }
    const start = (this.#valueStart[identity.id] as number) + identity.prefix.length;
    const end = (this.#valueEnd[identity.id] as number) - 1;
    const quoted = sink.bytes[start] === quote;
    // An empty identity would make all such events one.
    if (end <= start || (quoted && end - start === 2)) {
      if (this.#identityNames && end > start)
        this.#replaced.push(start - identity.prefix.length, end + 1);
      own();
      return;
    }
    if (this.#identityNames && quoted) return;
    if (this.#identityNames) this.#replaced.push(start - identity.prefix.length, end + 1);
    sink.copy(eventIdPrefix, 0, eventIdPrefix.length);
    if (!quoted) sink.put(quote);
    sink.copy(sink.bytes, start, end);
    if (!quoted) sink.put(quote);
    sink.put(comma);
  }

  #fault(node: PlanNode, code: FaultCode, detail: string, below = ''): void {
    this.#faults.push({ nodeId: node.id, code, path: node.pointer + below, detail });
  }

  /** Writes a member's value: `"name":value,` for a column, its members' for an object. */
  #value(node: PlanNode, start: number, keyStart: number, keyEnd = keyStart): number {
    const { source, sink } = this;
    const first = source[start] as number;
    if (first === letterN) {
      const end = skipLiteral(source, start);
      this.#valueStart[node.id] = this.#valueEnd[node.id] = sink.length;
      if (!node.nullable)
        this.#fault(node, 'null', `null is not allowed; the schema wants ${node.typeName}`);
      return end;
    }
    if (node.kind === Kind.object) {
      if (first !== openBrace) return this.#wrongType(node, node, start, '');
      const end = this.#object(node, start + 1);
      if (isEmptyObject(source, start, end) && node.parent)
        this.#unmapped.add(node.parent, node.id, keyStart, keyEnd, start, end);
      return end;
    }
    const valueStart = sink.length;
    const { prefix } = node;
    sink.copy(prefix, 0, prefix.length);
    let end: number;
    if (node.kind === Kind.json) {
      end = skipValue(source, start);
      sink.put(quote);
      sink.escaped(source, start, end);
      sink.put(quote);
    } else if (node.kind === Kind.array) end = this.#array(node, start);
    else {
      end = this.#scalar(node, node, start, '');
      if (this.#inexact) {
        this.#inexact = false;
        if (node.parent) this.#unmapped.add(node.parent, node.id, keyStart, keyEnd, start, end);
      }
    }
    sink.put(comma);
    this.#valueStart[node.id] = valueStart;
    this.#valueEnd[node.id] = sink.length;
    return end;
  }

  /** Set by a value of which the column holds only a part; the whole then goes to `unmapped`. */
  #inexact = false;

  #array(node: PlanNode, start: number): number {
    const { source, sink } = this;
    const items = node.items as ScalarPlan;
    if (source[start] !== openBracket) return this.#wrongType(node, node, start, '');
    sink.put(openBracket);
    let at = skipSpace(source, start + 1);
    let count = 0;
    if (source[at] === closeBracket) at++;
    else
      for (;;) {
        if (source[at] === letterN) {
          at = skipLiteral(source, at);
          sink.text('null');
          if (!items.nullable) this.#fault(node, 'null', 'null is not allowed here', `/${count}`);
        } else at = this.#scalar(node, items, at, `/${count}`);
        count++;
        at = skipSpace(source, at);
        if (source[at] === comma) {
          sink.put(comma);
          at = skipSpace(source, at + 1);
        } else if (source[at] === closeBracket) {
          at++;
          break;
        } else malformed(source, at, 'a comma or ]');
      }
    sink.put(closeBracket);
    return at;
  }

  #wrongType(node: PlanNode, scalar: ScalarPlan, start: number, below: string): number {
    const end = skipValue(this.source, start);
    this.#fault(
      node,
      'type',
      `${nameOfType(this.source[start] as number)} where the schema wants ${scalar.typeName}`,
      below,
    );
    return end;
  }

  #scalar(node: PlanNode, scalar: ScalarPlan, start: number, below: string): number {
    const { source } = this;
    const first = source[start] as number;
    let end: number;
    switch (scalar.kind) {
      case Kind.string:
        if (first !== quote) return this.#wrongType(node, scalar, start, below);
        end = this.#string(start);
        break;
      case Kind.bigint:
        if (first !== minus && !isDigit(first)) return this.#wrongType(node, scalar, start, below);
        end = this.#bigint(node, start, below);
        break;
      case Kind.double:
        if (first !== minus && !isDigit(first)) return this.#wrongType(node, scalar, start, below);
        end = this.#double(node, start, below);
        break;
      case Kind.boolean:
        if (first !== letterT && first !== letterF)
          return this.#wrongType(node, scalar, start, below);
        end = skipLiteral(source, start);
        this.sink.copy(source, start, end);
        return end;
      case Kind.decimal:
        if (first !== minus && first !== quote && !isDigit(first))
          return this.#wrongType(node, scalar, start, below);
        end = this.#decimal(node, scalar, start, below);
        break;
      default:
        if (first !== quote) return this.#wrongType(node, scalar, start, below);
        end = this.#time(node, scalar, start, below);
    }
    if (scalar.rule !== undefined) {
      const found = scalar.rule(source, start, end);
      if (found) this.#fault(node, found.code, found.detail, below);
    }
    return end;
  }

  #string(start: number): number {
    const { source, sink } = this;
    const { bytes } = sink;
    let length = sink.length;
    bytes[length++] = quote;
    let at = start + 1;
    for (;;) {
      let byte = source[at] as number;
      while (stringStop[byte] !== 1) {
        bytes[length++] = byte;
        byte = source[++at] as number;
      }
      if (byte === quote) break;
      const next = skipStringSpecial(source, at);
      while (at < next) bytes[length++] = source[at++] as number;
    }
    bytes[length++] = quote;
    sink.length = length;
    return at + 1;
  }

  #bigint(node: PlanNode, start: number, below: string): number {
    const { source, sink } = this;
    let at = source[start] === minus ? start + 1 : start;
    const digits = at;
    while (isDigit(source[at] as number)) at++;
    const next = source[at] as number;
    const count = at - digits;
    const plain = next !== 0x2e && next !== 0x65 && next !== 0x45;
    if (plain && count > 0 && count <= safeDigits && source[digits] !== zero) {
      sink.copy(source, start, at);
      return at;
    }
    const end = skipNumber(source, start);
    const integer = int64Text(textOf(source, start, end));
    if (integer.ok) {
      this.#reserve(start);
      sink.text(integer.text);
    } else if (integer.reason === 'fraction')
      this.#fault(
        node,
        'type',
        'a number with a fraction where the schema wants an integer',
        below,
      );
    else this.#fault(node, 'range', 'the integer does not fit into 64 bits', below);
    return end;
  }

  #double(node: PlanNode, start: number, below: string): number {
    const { source, sink } = this;
    const end = skipNumber(source, start);
    const mayOverflow = end - start > safeDoubleLength || hasExponent(source, start, end);
    if (mayOverflow && !Number.isFinite(Number(textOf(source, start, end))))
      this.#fault(node, 'range', 'the number is beyond the range of a double', below);
    sink.copy(source, start, end);
    return end;
  }

  #decimal(node: PlanNode, scalar: ScalarPlan, start: number, below: string): number {
    const { source, sink } = this;
    const quoted = source[start] === quote;
    const end = quoted ? skipString(source, start) : skipNumber(source, start);
    const text = quoted ? stringOf(source, start, end) : textOf(source, start, end);
    if (quoted && !decimalPattern.test(text))
      this.#fault(node, 'format', 'the text is not a decimal number', below);
    else if (!fitsDecimal(text, scalar.precision, scalar.scale))
      this.#fault(
        node,
        'range',
        `decimal(${scalar.precision},${scalar.scale}) can't hold every digit of the number`,
        below,
      );
    else {
      this.#reserve(start);
      const written = /[eE]/.test(text) ? plainDecimal(text) : text;
      sink.text(quoted ? `"${written}"` : written);
    }
    return end;
  }

  #time(node: PlanNode, scalar: ScalarPlan, start: number, below: string): number {
    const { source, sink } = this;
    const end = skipString(source, start);
    let text = source;
    let from = start + 1;
    let to = end - 1;
    for (let at = from; at < to; at++)
      if (source[at] === backslash) {
        const decoded = encoder.encode(stringOf(source, start, end));
        text = new Uint8Array(decoded.length + 64);
        text.set(decoded);
        from = 0;
        to = decoded.length;
        break;
      }
    if (scalar.kind === Kind.date) {
      if (!isDate(text, from, to))
        this.#fault(node, 'format', 'the text is not a date such as 2026-01-31 (RFC 3339)', below);
      sink.put(quote);
      sink.copy(text, from, to);
      sink.put(quote);
      return end;
    }
    const timestamp = this.#timestamp;
    const outcome = writeTimestamp(text, from, to, scalar.digits, timestamp, 0);
    if (outcome === 'invalid')
      this.#fault(
        node,
        'format',
        'the text is not a date-time such as 2026-01-31T12:00:00Z (RFC 3339)',
        below,
      );
    else if (outcome === 'out-of-range')
      this.#fault(node, 'range', 'the time in UTC is outside of the years 0000 to 9999', below);
    else {
      if (outcome === 'inexact') this.#inexact = true;
      sink.put(quote);
      sink.copy(timestamp, 0, scalar.digits === 0 ? 19 : 20 + scalar.digits);
      sink.put(quote);
    }
    return end;
  }
}

const decimalPattern = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

function hasExponent(source: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if ((source[at] as number) > 0x39) return true;
  return false;
}

function isEmptyObject(source: Uint8Array, start: number, end: number): boolean {
  return skipSpace(source, start + 1) === end - 1;
}

function nameOfType(first: number): string {
  switch (first) {
    case quote:
      return 'a string';
    case openBrace:
      return 'an object';
    case openBracket:
      return 'an array';
    case letterT:
    case letterF:
      return 'a boolean';
    case letterN:
      return 'null';
    default:
      return 'a number';
  }
}

const equalBytes = (left: Uint8Array, right: Uint8Array): boolean =>
  left.length === right.length && left.every((byte, index) => byte === right[index]);
