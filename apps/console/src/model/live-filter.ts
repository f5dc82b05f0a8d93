import type { LiveRecord } from './facts';

/**
 * Returns a function that decides whether a record matches a filter: any text, or the value of a field, such as
 * `user.id=u-17`. An event that can't be parsed has no fields.
 */
export function liveFilter(text: string): (record: Pick<LiveRecord, 'body'>) => boolean {
  const [, path, value = ''] = /^\s*([\w.-]+)\s*=\s*(.*?)\s*$/.exec(text) ?? [];
  if (path === undefined) {
    const wanted = text.toLowerCase();
    return ({ body }) => wanted === '' || body.toLowerCase().includes(wanted);
  }
  const wanted = value.toLowerCase();
  return ({ body }) => {
    // Most records end here, without being parsed.
    if (!body.toLowerCase().includes(wanted)) return false;
    const found = fieldOf(body, path);
    return found !== undefined && textOf(found).toLowerCase() === wanted;
  };
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** Returns the value of a field, such as `user.id`, in an event as JSON; undefined where it has none. */
export const fieldOf = (body: string, path: string): unknown =>
  path.split('.').reduce<unknown>(member, parsed(body));

const member = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;

/** Returns the text of a value of JSON: a text itself, and anything else as JSON writes it. */
const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : JSON.stringify(value);

/** Returns the newest records that match, the newest first, without examining older ones. */
export function newestThat<T>(
  records: readonly T[],
  fits: (record: T) => boolean,
  most: number,
): readonly T[] {
  const found: T[] = [];
  for (let at = records.length - 1; at >= 0 && found.length < most; at--) {
    const record = records[at];
    if (record !== undefined && fits(record)) found.push(record);
  }
  return found;
}
