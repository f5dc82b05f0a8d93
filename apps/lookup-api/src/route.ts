import { decodeSegment, Problem } from '@sluice/lambda-http';

export interface Route {
  readonly eventType: string;
  readonly action: 'rows' | 'lookup';
}

/** Returns the route of a path. @throws Problem where the API has no such path */
export function matchRoute(path: string): Route {
  const match = /\/v1\/events\/([^/]+)(\/lookup)?\/?$/.exec(path);
  if (!match?.[1])
    throw new Problem(404, 'there is nothing here; try /v1/events/{event_type}?id=…');
  return { eventType: decodeSegment(match[1]), action: match[2] ? 'lookup' : 'rows' };
}
