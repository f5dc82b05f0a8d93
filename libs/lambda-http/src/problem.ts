/** What a client did wrong, or asks for in vain: a status and a sentence that it may see. */
export class Problem extends Error {
  override readonly name = 'Problem';
  constructor(
    readonly status: 400 | 404 | 405 | 406 | 410 | 413 | 429,
    message: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }
}

/** One segment of a path. @throws Problem where it is not percent-encoded UTF-8. */
export function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new Problem(400, 'the path is not percent-encoded UTF-8');
  }
}
