import { createHash } from 'node:crypto';

/** Member that holds an identity which was made of an event's place in its file. */
export const lineIdentityField = 'ingest_line_id';

/** 132 bits in base64url: two lines of all files ever posted share one by no chance worth naming. */
const identityLength = 22;

/**
 * Returns the text of an event with an identity made of the name of its file, its line there and its text: the same file posted again gives the
 * same ones, and equal lines of a file stay events of their own. A text that is no JSON object stays as it is.
 *
 * @param file its name without its folder
 */
export function withLineIdentity(text: string, file: string, position: number): string {
  const begin = /^\s*\{\s*/.exec(text)?.[0];
  if (begin === undefined) return text;
  const identity = createHash('sha256')
    .update(JSON.stringify([file, position, text]))
    .digest('base64url')
    .slice(0, identityLength);
  const rest = text.slice(begin.length);
  const member = `"${lineIdentityField}":"${identity}"`;
  return `{${member}${rest.startsWith('}') ? '' : ','}${rest}`;
}
