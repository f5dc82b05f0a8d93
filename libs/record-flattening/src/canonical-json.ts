import { canonicalNumber } from '@sluice/values';

/** A text that two JSON values share exactly where they are equal, whatever the order of their members. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join()}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const members = Object.entries(value).map(
    ([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`,
  );
  return `{${members.sort().join()}}`;
}

/** The same for the source text of a value. A number that stands alone keeps all of its digits. */
export function canonicalText(json: string): string {
  return /^-?\d/.test(json) ? canonicalNumber(json) : canonicalJson(JSON.parse(json));
}
