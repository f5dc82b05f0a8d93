import type { FixStep } from './facts';

/** Kinds of repair steps, with the words that a person chooses from. */
export const fixKinds = [
  ['to number', 'read as a number'],
  ['to integer', 'read as an integer'],
  ['to text', 'write as text'],
  ['to boolean', 'read as true or false'],
  ['to timestamp', 'read as a time'],
  ['default', 'set where it is missing'],
  ['set', 'replace by'],
  ['rename', 'rename to'],
  ['remove', 'remove'],
] as const;
type FixType = Extract<FixStep, { readonly to: unknown }>['to'];
export type FixKind = (typeof fixKinds)[number][0];

/** A step that is being edited, with the contents of its fields. */
export interface FixDraft {
  readonly at: string;
  readonly kind: FixKind;
  /** The value as JSON, or as plain text where it is not JSON. */
  readonly value: string;
}

export const needsValue = (kind: FixKind): boolean =>
  kind === 'default' || kind === 'set' || kind === 'rename';

export function draftOf(step: FixStep): FixDraft {
  if ('to' in step) return { at: step.at, kind: `to ${step.to}`, value: '' };
  if ('remove' in step) return { at: step.at, kind: 'remove', value: '' };
  if ('rename' in step) return { at: step.at, kind: 'rename', value: step.rename };
  return 'set' in step
    ? { at: step.at, kind: 'set', value: JSON.stringify(step.set) }
    : { at: step.at, kind: 'default', value: JSON.stringify(step.default) };
}

export function stepOf({ at, kind, value }: FixDraft): FixStep {
  switch (kind) {
    case 'remove':
      return { at, remove: true };
    case 'rename':
      return { at, rename: value };
    case 'set':
      return { at, set: jsonOr(value) };
    case 'default':
      return { at, default: jsonOr(value) };
    default:
      return { at, to: kind.slice(3) as FixType };
  }
}

function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
