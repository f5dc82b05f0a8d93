import type { TemplateCase } from './template-cases';

/** Result of rendering a template, by our engine or theirs. */
export interface Rendered {
  readonly text?: string;
  readonly status?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly error?: string;
}

/** A way in which the bytes may differ, while everything else is equal. */
export interface KnownDifference {
  readonly name: string;
  /** Reason for accepting the difference, for the report. */
  readonly reason: string;
  /** Decides whether two renderings of a case differ in exactly this way. */
  readonly covers: (one: TemplateCase, ours: string, theirs: string) => boolean;
}

export const knownDifferences: readonly KnownDifference[] = [
  {
    name: 'white space',
    reason:
      'Velocity 2 keeps other line ends of a template than 1.7 does, between the members of the request, where neither Kinesis nor a client looks.',
    covers: (_one, ours, theirs) => withoutSpace(ours) === withoutSpace(theirs),
  },
  {
    name: 'events written again',
    reason:
      'An event of a batch is written again by `$input.json`, by a library that AWS does not name: other escapes, a repeated member once, another spelling of a double. The local gateway keeps the text that was sent; read as JSON the two are the same.',
    covers: ({ template }, ours, theirs) =>
      template.includes('$input.json($at)') && meaning(ours) === meaning(theirs),
  },
  {
    name: 'keys that are no text',
    reason:
      'A key that is an object, an array or a number beyond what a double holds has another text in Java, which decides on the shard alone. The request model refuses it in a single event.',
    covers: ({ body }, ours, theirs) =>
      hasOtherKey(body) && meaning(ours, { keys: false }) === meaning(theirs, { keys: false }),
  },
];

/** Compares two renderings. @returns the known difference between them, if it is one */
export function compareRenderings(
  one: TemplateCase,
  ours: Rendered,
  theirs: Rendered,
): 'same bytes' | 'differs' | KnownDifference {
  if (ours.error !== undefined || theirs.error !== undefined)
    return ours.error !== undefined && theirs.error !== undefined ? 'same bytes' : 'differs';
  if (ours.status !== theirs.status) return 'differs';
  if (JSON.stringify(ours.headers) !== JSON.stringify(theirs.headers)) return 'differs';
  const [our = '', their = ''] = [ours.text, theirs.text];
  if (our === their) return 'same bytes';
  return knownDifferences.find(({ covers }) => covers(one, our, their)) ?? 'differs';
}

/** Removes the white space outside of strings from JSON text. */
const withoutSpace = (text: string): string =>
  text.replace(/"(?:[^"\\]|\\.)*"|\s+/g, (found) => (found.startsWith('"') ? found : ''));

/**
 * Returns the content of a rendered text, with the records in it parsed as JSON where possible.
 *
 * @param keys false to ignore the partition keys
 */
export function meaning(text = '', { keys = true }: { readonly keys?: boolean } = {}): string {
  try {
    return JSON.stringify(JSON.parse(text), (name, value: unknown) => {
      if (name === 'PartitionKey' && !keys) return undefined;
      if (name !== 'Data' || typeof value !== 'string') return value;
      const record = Buffer.from(value, 'base64').toString('utf8');
      try {
        return { lineFeed: record.endsWith('\n'), json: JSON.parse(record) as unknown };
      } catch {
        return record;
      }
    });
  } catch {
    return text;
  }
}

interface Keyed {
  readonly actor?: { readonly 'login-name'?: unknown };
}

/** Decides whether an event of a body has a key that is not a text. */
function hasOtherKey(body: string): boolean {
  try {
    const parsed = JSON.parse(body) as Keyed & { readonly events?: readonly Keyed[] };
    return (parsed.events ?? [parsed]).some(
      ({ actor }) => typeof (actor?.['login-name'] ?? '') !== 'string',
    );
  } catch {
    return false;
  }
}
