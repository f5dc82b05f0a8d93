import { decodeSegment, Problem } from '@sluice/lambda-http';

export type Route =
  | { readonly at: 'lake' | 'event-types' | 'inferences' | 'failures' | 'replays' | 'erasures' }
  | {
      readonly at: 'days' | 'rows' | 'definitions' | 'snapshots' | 'compactions';
      readonly table: string;
    }
  | { readonly at: 'compaction'; readonly table: string; readonly id: string }
  | { readonly at: 'replay' | 'erasure'; readonly id: string }
  | { readonly at: 'subject'; readonly subject: string };

const tableParts = ['days', 'rows', 'definitions', 'snapshots', 'compactions'] as const;

/** Returns the route of a path. @throws Problem where the API has no such path */
export function matchRoute(path: string): Route {
  const [, below = ''] = /\/v1\/(.+?)\/?$/.exec(path) ?? [];
  const segments = below.split('/').map(decodeSegment);
  const [first, second, third, fourth, ...more] = segments;
  // A slash in the name of a person may arrive decoded.
  if (first === 'subjects' && second !== undefined)
    return { at: 'subject', subject: segments.slice(1).join('/') };
  if (more.length === 0) {
    if (second === undefined) {
      if (
        first === 'lake' ||
        first === 'event-types' ||
        first === 'failures' ||
        first === 'replays' ||
        first === 'erasures'
      )
        return { at: first };
      if (first === 'inferences') return { at: first };
    }
    if (first === 'replays' && second !== undefined && third === undefined)
      return { at: 'replay', id: second };
    if (first === 'erasures' && second !== undefined && third === undefined)
      return { at: 'erasure', id: second };
    if (first === 'lake' && second !== undefined) {
      const part = tableParts.find((name) => name === third);
      if (part !== undefined && fourth === undefined) return { at: part, table: second };
      if (third === 'compactions' && fourth !== undefined)
        return { at: 'compaction', table: second, id: fourth };
    }
  }
  throw new Problem(
    404,
    'there is nothing here; try /v1/lake, /v1/lake/{table}/days, /v1/failures, /v1/replays, /v1/erasures or /v1/subjects/{subject}',
  );
}

/** Returns a path without the name of a person, for logs. */
export const loggedPath = (path: string): string =>
  path.replace(/(\/v1\/subjects\/).*/, '$1{subject}');
