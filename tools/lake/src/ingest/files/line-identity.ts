import { createHash } from 'node:crypto';

/** Name of the member for an identity that was made from an event's position in its file. */
export const lineIdentityField = 'ingest_line_id';

/**
 * Length of an identity in characters: 132 bits in base64url, so that no two lines of all files ever posted can be
 * expected to share one.
 */
const identityLength = 22;

/**
 * Returns the text of an event with an identity made from the name of its file, its line there and its text. The same
 * file posted again gives the same identities, and equal lines of a file stay separate events. A text that is not a
 * JSON object is returned unchanged.
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
