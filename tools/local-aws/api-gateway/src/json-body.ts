import { LosslessNumber, parse as parseLossless } from 'lossless-json';
import type { JsonPathStep } from './json-path';
import { javaDouble, JsonText, rewriteJson } from './json-text';

// Matches an integer that a double may not hold, at a place where JSON can have a number.
const longInteger = /(?:^|[[,:\s])-?\d{16,}/;

/** A JSON body, parsed at most once for the validator and the templates together. */
export class JsonBody {
  readonly #text: JsonText;
  readonly #hasLongIntegers: boolean;

  private constructor(
    text: string,
    /** Value as `JSON.parse` returns it: integers beyond 2^53 are rounded. */
    readonly value: unknown,
  ) {
    this.#text = new JsonText(text);
    this.#hasLongIntegers = longInteger.test(text);
  }

  /**
   * Parses a body. An empty one counts as `{}`, as it does in API Gateway.
   *
   * @throws SyntaxError where the text is not JSON
   */
  static parse(text: string): JsonBody {
    const body = text.trim() === '' ? '{}' : text;
    return new JsonBody(body, JSON.parse(body));
  }

  /** Returns the JSON text of the value at a path in API Gateway's spelling; undefined where there is no value. */
  jsonAt(path: readonly JsonPathStep[]): string | undefined {
    const text = this.#text.at(path);
    return text === undefined ? undefined : rewriteJson(text);
  }

  /** Returns the value at a path; integers beyond 2^53 are {@link LosslessNumber}s. Returns undefined for null. */
  valueAt(path: readonly JsonPathStep[]): unknown {
    const value = memberAt(this.value, path) ?? undefined;
    if (!this.#hasLongIntegers && typeof value !== 'number') return value;
    const text = this.#text.at(path);
    if (text === undefined) return undefined;
    // A number with a fraction or an exponent is a double, which is printed as Java prints it: 1.0, 1.0E7.
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
    // Where a name occurs twice, its last value counts, as in all other parsers of the pipeline.
    return parseLossless(text, null, {
      parseNumber: exactNumber,
      onDuplicateKey: ({ newValue }) => newValue,
    });
  } catch (error) {
    // The text is nested more deeply than lossless-json's recursion allows; JSON.parse has no such limit.
    if (error instanceof RangeError) return JSON.parse(text);
    throw error;
  }
}

const exactNumber = (text: string): unknown =>
  /^-?\d{16,}$/.test(text) ? new LosslessNumber(text) : Number(text);
