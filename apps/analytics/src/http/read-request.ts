import { decodeSegment, Problem } from '@sluice/lambda-http';

export type Route =
  | { readonly at: 'queries' | 'jobs' }
  /** A query to start, or the id of an execution. */
  | { readonly at: 'query'; readonly query: string }
  | { readonly at: 'runs'; readonly join: string }
  | { readonly at: 'run'; readonly join: string; readonly id: string };

/** Returns the route of a path. @throws Problem where the API has no such path */
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
