import type { HttpRequest } from './http';
import { refuseUnknown } from './parameters';
import { jsonObject, Problem } from './problem';

const maxBodyBytes = 64 << 10;

/**
 * Returns the members of a request's body; none for an empty body.
 *
 * @param known names that a body may have; without them it may have any
 * @throws Problem where it is not a JSON object with known members only, or has more than 64 KiB
 */
export function bodyMembers(
  { body }: Pick<HttpRequest, 'body'>,
  known?: readonly string[],
): Readonly<Record<string, unknown>> {
  if (Buffer.byteLength(body) > maxBodyBytes)
    throw new Problem(413, `the body may have at most ${maxBodyBytes} bytes`);
  const members = body.trim() === '' ? {} : jsonObject(body);
  if (known) refuseUnknown('member', Object.keys(members), known);
  return members;
}
