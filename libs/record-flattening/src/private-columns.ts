import { maskAscii, maskedText, truncatedIp, truncateIpv4, type KeyedHash } from '@sluice/privacy';
import type { ByteSink } from './byte-sink';
import { backslash, comma, quote } from './json-scanner';
import { Kind, type PlanNode } from './plan';
import { Privacy, type PrivateValues } from './private-values';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export interface PrivateColumnsOptions {
  /** Sink in which the value of a column was just written. */
  readonly sink: ByteSink;
  /** Indexes in the sink after the value and comma of each node, by its id. */
  readonly valueEnd: Int32Array;
  /** Applies rules to JSON text; undefined where there are no rules. */
  readonly rules: PrivateValues | undefined;
  readonly hash: KeyedHash | undefined;
  /** Makes room for everything that the source from an index on can become. */
  readonly reserve: (sourceAt: number) => void;
}

/** Replaces values of columns in the sink by what their privacy rules leave of them. */
export class PrivateColumns {
  readonly #sink: ByteSink;
  readonly #valueEnd: Int32Array;
  readonly #private: PrivateValues | undefined;
  readonly #hash: KeyedHash | undefined;
  readonly #reserve: (sourceAt: number) => void;

  constructor({ sink, valueEnd, rules, hash, reserve }: PrivateColumnsOptions) {
    this.#sink = sink;
    this.#valueEnd = valueEnd;
    this.#private = rules;
    this.#hash = hash;
    this.#reserve = reserve;
  }

  /**
   * Replaces the value that was just written by what its privacy rule leaves of it.
   *
   * @param valueStart start of the column's name in the sink
   * @param sourceAt index in the source from which on room is still needed
   */
  replace(node: PlanNode, valueStart: number, sourceAt: number): void {
    const sink = this.#sink;
    const start = valueStart + node.prefix.byteLength;
    // Index of the comma.
    const end = sink.length - 1;
    const isText = sink.bytes[start] === quote;
    const { privacy } = node;
    if (privacy === Privacy.drop) this.#remove(node, valueStart);
    else if (privacy === Privacy.inside || node.kind === Kind.array || node.kind === Kind.json)
      this.#makeJsonPrivate(node, valueStart, sourceAt);
    else if (privacy === Privacy.hash) {
      // An empty text reveals nothing, and must stay recognisable as an empty identity.
      if (isText && end - start === 2) return;
      // The hash is complete before its first byte overwrites the value.
      let written: number;
      if (isText && hasEscape(sink.bytes, start, end)) {
        const text = encoder.encode(
          JSON.parse(decoder.decode(sink.bytes.subarray(start, end))) as string,
        );
        written = this.#hashInto(text, 0, text.length, start + 1);
      } else
        written = isText
          ? this.#hashInto(sink.bytes, start + 1, end - 1, start + 1)
          : this.#hashInto(sink.bytes, start, end, start + 1);
      sink.bytes[start] = quote;
      sink.length = written;
      sink.put(quote);
      sink.put(comma);
      this.#valueEnd[node.id] = sink.length;
    } else {
      // A number becomes a text, which begins one byte later.
      if (!isText) sink.bytes.copyWithin(start + 1, start, end);
      sink.bytes[start] = quote;
      const textEnd = isText ? end - 1 : end + 1;
      const inPlace = privacy === Privacy.mask ? maskAscii : truncateIpv4;
      const keptEnd = inPlace(sink.bytes, start + 1, textEnd);
      if (keptEnd >= 0) {
        sink.length = keptEnd;
        sink.put(quote);
        sink.put(comma);
        this.#valueEnd[node.id] = sink.length;
        return;
      }
      sink.bytes[textEnd] = quote;
      const text = JSON.parse(decoder.decode(sink.bytes.subarray(start, textEnd + 1))) as string;
      const kept = privacy === Privacy.mask ? maskedText(text) : truncatedIp(text);
      if (kept === undefined) this.#remove(node, valueStart);
      else this.#rewrite(node, start, JSON.stringify(kept));
    }
  }

  /** Does the same as `replace` for arrays and JSON text, of which only a part may be private. */
  #makeJsonPrivate(node: PlanNode, valueStart: number, sourceAt: number): void {
    const sink = this.#sink;
    const start = valueStart + node.prefix.byteLength;
    const isJson = node.kind === Kind.json;
    const token = decoder.decode(sink.bytes.subarray(start, sink.length - 1));
    const value = isJson ? (JSON.parse(token) as string) : token;
    const rules = this.#private;
    if (!rules) throw new Error(`there are no rules for ${node.path}`);
    const kept =
      node.privacy === Privacy.inside
        ? JSON.stringify(rules.inside(node.steps, value))
        : rules.column(ruleNames[node.privacy], isJson ? 'json' : 'array', value);
    if (kept === undefined) this.#remove(node, valueStart);
    else {
      // A hash is often longer than the value that it replaces.
      sink.length = start;
      sink.reserve(kept.length * maxUtf8Bytes);
      this.#rewrite(node, start, kept);
      this.#reserve(sourceAt);
    }
  }

  #hashInto(text: Uint8Array, start: number, end: number, at: number): number {
    if (!this.#hash) throw new Error('a value is to be hashed, and there is no key');
    return this.#hash.write(text, start, end, this.#sink.bytes, at);
  }

  #rewrite(node: PlanNode, start: number, json: string): void {
    const sink = this.#sink;
    const bytes = encoder.encode(json);
    sink.bytes.set(bytes, start);
    sink.length = start + bytes.length;
    sink.put(comma);
    this.#valueEnd[node.id] = sink.length;
  }

  #remove(node: PlanNode, valueStart: number): void {
    this.#sink.length = valueStart;
    this.#valueEnd[node.id] = valueStart;
  }
}

function hasEscape(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (bytes[at] === backslash) return true;
  return false;
}

/** Largest number of bytes of UTF-8 for one UTF-16 unit. */
const maxUtf8Bytes = 3;

const ruleNames = {
  [Privacy.none]: 'drop',
  [Privacy.inside]: 'drop',
  [Privacy.hash]: 'hash',
  [Privacy.drop]: 'drop',
  [Privacy.mask]: 'mask',
  [Privacy['truncate-ip']]: 'truncate-ip',
} as const;
