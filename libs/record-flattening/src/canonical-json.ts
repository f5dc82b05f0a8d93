import { canonicalNumber } from '@sluice/values';

/**
 * Returns the same text for JSON values that are equal, whatever the order of their members, and different texts for
 * others.
 */
function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join()}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const members = Object.entries(value).map(
    ([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`,
  );
  return `{${members.sort().join()}}`;
}

/** Does the same as {@link canonicalJson} for JSON text. A number on its own keeps all of its digits. */
export function canonicalText(json: string): string {
  return /^-?\d/.test(json) ? canonicalNumber(json) : canonicalJson(JSON.parse(json));
}
