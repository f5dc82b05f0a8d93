import { decodeSegment, jsonObject, Problem, type HttpRequest } from '@sluice/lambda-http';

export type Route =
  | { readonly at: 'queries' | 'jobs' }
  /** A name to start, or the id of an execution. */
  | { readonly at: 'query'; readonly query: string }
  | { readonly at: 'runs'; readonly join: string }
  | { readonly at: 'run'; readonly join: string; readonly id: string };

/** Returns what a path asks for. @throws Problem where the path is none of this API's */
export function matchRoute(path: string): Route {
  const [, kind, below] = /\/v1\/(queries|jobs)(?:\/(.+?))?\/?$/.exec(path) ?? [];
  const segments = below === undefined ? [] : below.split('/').map(decodeSegment);
  const [first = '', second, third = '', ...more] = segments;
  if (kind && segments.length === 0) return { at: kind as 'queries' | 'jobs' };
  if (kind === 'queries' && segments.length === 1) return { at: 'query', query: first };
  if (kind === 'jobs' && second === 'runs' && more.length === 0)
    return segments.length === 2
      ? { at: 'runs', join: first }
      : { at: 'run', join: first, id: third };
  throw new Problem(
    404,
    'there is nothing here; try /v1/queries, /v1/queries/{name}, /v1/jobs or /v1/jobs/{join}/runs',
  );
}

const maxBodyBytes = 64 << 10;

/** Returns the members of a request's body; an empty body has none. @throws Problem where it is no JSON object, or too long */
export function bodyMembers({ body }: HttpRequest): Readonly<Record<string, unknown>> {
  if (Buffer.byteLength(body) > maxBodyBytes)
    throw new Problem(413, `the body may have at most ${maxBodyBytes} bytes`);
  return body.trim() === '' ? {} : jsonObject(body);
}

/** Returns a name or id as it may stand in a message. */
export const quoted = (text: string): string => JSON.stringify(text.slice(0, 80));
