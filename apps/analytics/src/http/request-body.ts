import { jsonObject, Problem, type HttpRequest } from '@sluice/lambda-http';

const maxBodyBytes = 64 << 10;

/** Returns the members of a request's body; an empty body has none. @throws Problem where it is no JSON object, or too long */
export function bodyMembers({ body }: HttpRequest): Readonly<Record<string, unknown>> {
  if (Buffer.byteLength(body) > maxBodyBytes)
    throw new Problem(413, `the body may have at most ${maxBodyBytes} bytes`);
  return body.trim() === '' ? {} : jsonObject(body);
}

/** Returns a name or id as it may stand in a message. */
export const quoted = (text: string): string => JSON.stringify(text.slice(0, 80));
