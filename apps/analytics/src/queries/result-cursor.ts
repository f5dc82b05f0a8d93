import { Problem } from '@sluice/lambda-http';

/** The beginning of a page of a result, given as a page of the engine and the number of its rows to skip. */
export interface ResultPosition {
  /** Token of the engine's page; absent for the first one. */
  readonly token?: string;
  /** Number of rows of the engine's page that have been answered already. */
  readonly skip: number;
}

export const firstPosition: ResultPosition = { skip: 0 };

const version = 1;
/** Longest cursor in characters. The longest token of Athena has 1,024 (API reference: GetQueryResults). */
const maxCursorLength = 2_048;

export const encodeCursor = (id: string, { token, skip }: ResultPosition): string =>
  Buffer.from(JSON.stringify([version, id, skip, token ?? null])).toString('base64url');

/** Decodes a cursor. @throws Problem where it is not a cursor of this execution */
export function decodeCursor(text: string, id: string): ResultPosition {
  const fields = text.length > maxCursorLength ? undefined : parse(text);
  if (!Array.isArray(fields) || fields[0] !== version || fields.length !== 4) throw notOurs();
  const [, of, skip, token] = fields as unknown[];
  if (of !== id) throw new Problem(400, '"cursor" belongs to another execution');
  if (!Number.isSafeInteger(skip) || (skip as number) < 0) throw notOurs();
  if (token !== null && typeof token !== 'string') throw notOurs();
  return { skip: skip as number, ...(token !== null && { token }) };
}

export const notOurs = (): Problem =>
  new Problem(400, '"cursor" is not one that this API gave out for this execution');

function parse(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}
