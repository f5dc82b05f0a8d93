import { jsonObject, Problem, type HttpRequest, type HttpResponse } from '@sluice/lambda-http';

export const corsHeaders: Readonly<Record<string, string>> = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers':
    'location, retry-after, x-next-cursor, x-query-state, x-row-count',
};

/** An answer that is about one moment and nobody keeps. */
export const jsonAnswer = (
  status: number,
  members: object,
  headers: Readonly<Record<string, string>> = {},
): HttpResponse => ({
  status,
  headers: {
    ...corsHeaders,
    'content-type': 'application/json',
    'cache-control': 'no-store',
    ...headers,
  },
  body: JSON.stringify(members),
});

const maxBodyBytes = 64 << 10;

/** The members of a request's body; no body has none. @throws Problem where it is no JSON object. */
export function bodyMembers({ body }: HttpRequest): Readonly<Record<string, unknown>> {
  if (Buffer.byteLength(body) > maxBodyBytes)
    throw new Problem(413, `the body may have at most ${maxBodyBytes} bytes`);
  return body.trim() === '' ? {} : jsonObject(body);
}

/** A name or id as it may stand in a message. */
export const quoted = (text: string): string => JSON.stringify(text.slice(0, 80));
