import { Problem } from './problem';

/**
 * The members of a body that is to be one JSON object.
 *
 * @param example of one, for who sent something else
 * @throws Problem where it is none
 */
export function jsonObject(body: string, example?: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch (cause) {
    throw new Problem(400, `the body is not JSON: ${(cause as Error).message}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Problem(400, `the body must be a JSON object${example ? ` such as ${example}` : ''}`);
  return value as Readonly<Record<string, unknown>>;
}
