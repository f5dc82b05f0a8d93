// Applies an event type's `privacy` rules to values.
import {
  ruleOfPath,
  unmappedColumn,
  type Column,
  type EventType,
  type PrivacyRule,
} from '@sluice/event-schema';
import { int64Text } from '@sluice/values';
import { isKeyedHash, maskedText, truncatedIp, type KeyedHash } from '@sluice/privacy';
import { canonicalText } from './canonical-json';
import {
  closeBrace,
  closeBracket,
  comma,
  jsonTypeOf,
  openBrace,
  openBracket,
  quote,
  skipKeyColon,
  skipSpace,
  skipString,
  skipValue,
  sourceOf,
  stringOf,
  textOf,
} from './json-scanner';

/**
 * Privacy rules, as numbers because the flattener branches on them for every value. `inside` means that only members
 * of a column of JSON text have rules.
 */
export const Privacy = {
  none: 0,
  hash: 1,
  drop: 2,
  mask: 3,
  'truncate-ip': 4,
  inside: 5,
} as const;
export type Privacy = (typeof Privacy)[keyof typeof Privacy];

/** Returns the privacy rule for the values of one column. */
export function privacyOf(eventType: EventType, path: readonly string[]): Privacy {
  const rule = ruleOfPath(eventType, path);
  if (rule !== undefined) return Privacy[rule];
  const text = `${path.join('.')}.`;
  const hasInside = Object.keys(eventType.privacy ?? {}).some((other) => other.startsWith(text));
  return hasInside ? Privacy.inside : Privacy.none;
}

/**
 * Largest depth of JSON text that may hold private values. Deeper text is left out: no client sends it on purpose,
 * and walking it takes stack.
 */
const maxDepth = 500;

const noRules: Readonly<Record<string, PrivacyRule>> = {};

/**
 * Applies an event type's rules to values without a column of their own: members of JSON text, and values that the
 * schema does not name.
 *
 * Names are joined and compared by their letters and digits alone, ignoring case: `user.email` also covers
 * `User.E-Mail` and `user_email`, so that no spelling of a name evades its rule. Arrays on the path are ignored.
 */
export class PrivateValues {
  readonly dropsUnmapped: boolean;
  readonly #rules = new Map<string, PrivacyRule>();

  constructor(
    { privacy = noRules }: Pick<EventType, 'privacy'>,
    private readonly hash: KeyedHash | undefined,
    /** True where a text that looks like a hash counts as one, as it does in rows that were flattened before. */
    private readonly keepsHashes = false,
  ) {
    this.dropsUnmapped = privacy[unmappedColumn.name] !== undefined;
    const belowUnmapped = `${unmappedColumn.name}.`;
    for (const [path, rule] of Object.entries(privacy)) {
      const of = path.startsWith(belowUnmapped) ? path.slice(belowUnmapped.length) : path;
      this.#rules.set(plainName(of), rule);
    }
  }

  /**
   * Returns a member's JSON text after its rules; undefined where nothing remains.
   *
   * @param path names from the event's root to the value
   */
  member(path: readonly string[], value: string): string | undefined {
    const { bytes } = sourceOf(value);
    return this.#value(bytes, 0, plainPaths(path), true, 0).text;
  }

  /** Returns a column's JSON text after the rules of its members. */
  inside(path: readonly string[], value: string): string {
    const { bytes } = sourceOf(value);
    return this.#value(bytes, 0, plainPaths(path), false, 0).text ?? 'null';
  }

  /** Returns the JSON text of a column's value after the column's rule; undefined where nothing remains. */
  column(rule: PrivacyRule, type: Column['type']['kind'], value: string): string | undefined {
    if (rule === 'drop') return undefined;
    if (value === 'null') return value;
    const { bytes } = sourceOf(value);
    if (type === 'array' && bytes[0] === openBracket) return this.#items(rule, bytes, 0).text;
    return this.#whole(rule, value);
  }

  #value(
    bytes: Uint8Array,
    start: number,
    paths: readonly string[],
    looksUp: boolean,
    depth: number,
  ): { readonly text: string | undefined; readonly end: number } {
    if (depth > maxDepth) return { text: undefined, end: skipValue(bytes, start) };
    if (looksUp) {
      const rule = paths.map((path) => this.#rules.get(path)).find((found) => found !== undefined);
      if (rule === 'drop') return { text: undefined, end: skipValue(bytes, start) };
      if (rule !== undefined) {
        if (bytes[start] === openBracket) return this.#items(rule, bytes, start);
        const end = skipValue(bytes, start);
        return { text: this.#whole(rule, textOf(bytes, start, end)), end };
      }
    }
    if (bytes[start] === openBrace) return this.#object(bytes, start, paths.at(-1) ?? '', depth);
    if (bytes[start] === openBracket) {
      const items: string[] = [];
      const end = eachItem(bytes, start, (at) => {
        const item = this.#value(bytes, at, paths, false, depth + 1);
        items.push(item.text ?? 'null');
        return item.end;
      });
      return { text: `[${items.join()}]`, end };
    }
    const end = skipValue(bytes, start);
    return { text: textOf(bytes, start, end), end };
  }

  #object(
    bytes: Uint8Array,
    start: number,
    path: string,
    depth: number,
  ): { readonly text: string; readonly end: number } {
    const members: string[] = [];
    let at = skipSpace(bytes, start + 1);
    while (bytes[at] !== closeBrace) {
      const keyEnd = skipString(bytes, at);
      const name = plainName(stringOf(bytes, at, keyEnd));
      const valueStart = skipKeyColon(bytes, keyEnd);
      const { text, end } = this.#value(bytes, valueStart, [path + name], true, depth + 1);
      if (text !== undefined) members.push(`${textOf(bytes, at, keyEnd)}:${text}`);
      at = skipSpace(bytes, end);
      if (bytes[at] === comma) at = skipSpace(bytes, at + 1);
    }
    return { text: `{${members.join()}}`, end: at + 1 };
  }

  #items(
    rule: PrivacyRule,
    bytes: Uint8Array,
    start: number,
  ): { readonly text: string; readonly end: number } {
    const items: string[] = [];
    const end = eachItem(bytes, start, (at) => {
      const itemEnd = skipValue(bytes, at);
      items.push(this.#whole(rule, textOf(bytes, at, itemEnd)) ?? 'null');
      return itemEnd;
    });
    return { text: `[${items.join()}]`, end };
  }

  /**
   * Applies a rule to one value. Nothing of an object stays readable, because its names may reveal as much as its
   * values.
   */
  #whole(rule: PrivacyRule, value: string): string | undefined {
    if (value === 'null') return value;
    const text = plainText(value);
    switch (rule) {
      case 'drop':
        return undefined;
      case 'hash':
        return text === '' || (this.keepsHashes && isKeyedHash(text))
          ? JSON.stringify(text)
          : JSON.stringify(this.#hashOf(text));
      case 'mask':
        return /^[{[]/.test(value) ? '"***"' : JSON.stringify(maskedText(text));
      case 'truncate-ip': {
        const kept = truncatedIp(text);
        return kept === undefined ? undefined : JSON.stringify(kept);
      }
    }
  }

  #hashOf(text: string): string {
    if (!this.hash) throw new Error('a value is to be hashed, and there is no key');
    return this.hash.of(text);
  }
}

/** Calls `item` with the index of each item of an array. @returns the index after the array */
function eachItem(bytes: Uint8Array, start: number, item: (at: number) => number): number {
  let at = skipSpace(bytes, start + 1);
  while (bytes[at] !== closeBracket) {
    at = skipSpace(bytes, item(at));
    if (bytes[at] === comma) at = skipSpace(bytes, at + 1);
  }
  return at + 1;
}

/**
 * Returns the text of a scalar, which is the same for `42` and `"42"`; for other values, a text that equal values
 * share.
 */
function plainText(value: string): string {
  const { bytes, end } = sourceOf(value);
  if (bytes[0] === quote) return stringOf(bytes, 0, end);
  if (jsonTypeOf(bytes[0] as number) === 'number') {
    const integer = int64Text(value);
    return integer.ok ? integer.text : value;
  }
  try {
    return canonicalText(value);
  } catch (error) {
    // The value is nested more deeply than the stack allows.
    if (error instanceof RangeError) return value;
    throw error;
  }
}

/** Returns the letters and digits of a name, in lower case. */
const plainName = (name: string): string =>
  name
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');

/** Returns, for each prefix of a path from the event's root, its names as one plain text. */
const plainPaths = (path: readonly string[]): readonly string[] =>
  path.map((_, index) => plainName(path.slice(0, index + 1).join('')));

/** Decides whether an event type needs the key for hashing. */
export const needsHash = ({ privacy = noRules }: Pick<EventType, 'privacy'>): boolean =>
  Object.values(privacy).includes('hash');
