/** Error for a request that can't be served: an HTTP status, and a sentence that the client may see. */
export class Problem extends Error {
  override readonly name = 'Problem';
  constructor(
    readonly status: 400 | 403 | 404 | 405 | 406 | 409 | 410 | 413 | 429,
    message: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }
}

const maxQuotedLength = 80;

/** Quotes and shortens a client's text for a message. */
export const quoted = (text: string): string =>
  JSON.stringify(text.length > maxQuotedLength ? `${text.slice(0, maxQuotedLength)}…` : text);

/** Largest number of names that a sentence lists. */
const maxListed = 20;

/** Lists names for a sentence: the first 20, and how many more there are. */
export const listedNames = (names: readonly string[]): string =>
  names.length <= maxListed
    ? names.join(', ')
    : `${names.slice(0, maxListed).join(', ')} and ${names.length - maxListed} more`;

/** Checks a method against those of a path. @throws Problem 405, naming both */
export function checkMethod(method: string, allowed: readonly string[]): void {
  if (!allowed.includes(method))
    throw new Problem(405, `${method} is not for this path; use ${allowed.join(', ')}`, {
      allow: allowed.join(', '),
    });
}

/** Decodes one segment of a path. @throws Problem 400 where it is not percent-encoded UTF-8 */
export function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new Problem(400, 'the path is not percent-encoded UTF-8');
  }
}

/**
 * Parses a body that has to be one JSON object.
 *
 * @param example of such an object, for the message of the problem
 * @throws Problem 400 where the body is anything else
 */
export function jsonObject(body: string, example?: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch (cause) {
    throw new Problem(400, `the body is not JSON: ${(cause as Error).message}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Problem(400, `the body must be a JSON object${example ? ` such as ${example}` : ''}`);
  return value as Readonly<Record<string, unknown>>;
}
