import { LosslessNumber, parse as parseLossless } from 'lossless-json';
import type { JsonPathStep } from './json-path';
import { javaDouble, JsonText, rewriteJson } from './json-text';

// An integer that a double may not hold, where a number can stand.
const longInteger = /(?:^|[[,:\s])-?\d{16,}/;

/** A JSON body, parsed at most once, for the validator and the templates alike. */
export class JsonBody {
  readonly #text: JsonText;
  readonly #hasLongIntegers: boolean;

  private constructor(
    text: string,
    /** Value as `JSON.parse` gives it: integers beyond 2^53 are rounded. */
    readonly value: unknown,
  ) {
    this.#text = new JsonText(text);
    this.#hasLongIntegers = longInteger.test(text);
  }

  /** @throws SyntaxError where the text is not JSON. An empty body counts as `{}`, as API Gateway has it. */
  static parse(text: string): JsonBody {
    const body = text.trim() === '' ? '{}' : text;
    return new JsonBody(body, JSON.parse(body));
  }

  /** Returns JSON text of the value at a path, as API Gateway writes it again; undefined when there is none. */
  jsonAt(path: readonly JsonPathStep[]): string | undefined {
    const text = this.#text.at(path);
    return text === undefined ? undefined : rewriteJson(text);
  }

  /** Returns the value at a path; integers beyond 2^53 are {@link LosslessNumber}s. Null counts as nothing. */
  valueAt(path: readonly JsonPathStep[]): unknown {
    const value = memberAt(this.value, path) ?? undefined;
    if (!this.#hasLongIntegers && typeof value !== 'number') return value;
    const text = this.#text.at(path);
    if (text === undefined) return undefined;
    // A number with a fraction or an exponent is a double, and prints as Java prints one: 1.0, 1.0E7.
    if (typeof value === 'number' && /[.eE]/.test(text))
      return new LosslessNumber(javaDouble(text));
    return exactValue(text) ?? undefined;
  }
}

const memberAt = (value: unknown, path: readonly JsonPathStep[]): unknown =>
  path.reduce(
    (parent, step) =>
      typeof parent === 'object' && parent !== null && Object.hasOwn(parent, step)
        ? (parent as Record<JsonPathStep, unknown>)[step]
        : undefined,
    value,
  );

function exactValue(text: string): unknown {
  if (!longInteger.test(text)) return JSON.parse(text);
  try {
    // Of names that are there twice the last counts, as everywhere on the way.
    return parseLossless(text, null, {
      parseNumber: exactNumber,
      onDuplicateKey: ({ newValue }) => newValue,
    });
  } catch (error) {
    // Nested deeper than its recursion goes; JSON.parse has no such limit.
    if (error instanceof RangeError) return JSON.parse(text);
    throw error;
  }
}

const exactNumber = (text: string): unknown =>
  /^-?\d{16,}$/.test(text) ? new LosslessNumber(text) : Number(text);
