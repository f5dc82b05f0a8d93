import { InferenceError } from './inference-error';
import type { Decision } from './decide-field';
import type { ObservedField } from './observed-field';

/** Types that a field can be asked to have, by the names of the columns' types. */
export const askableTypes = ['bigint', 'double', 'boolean', 'string'] as const;

export type AskableType = (typeof askableTypes)[number];

/** Type of JSON Schema of each. */
const schemaTypes = {
  bigint: 'integer',
  double: 'number',
  boolean: 'boolean',
  string: 'string',
} as const satisfies Record<AskableType, string>;

/** A type that most values of a field of mixed types have. */
export interface TypeProposal {
  readonly path: string;
  readonly type: AskableType;
  /** Number of values that the type holds, and of all values but null. */
  readonly fits: number;
  readonly values: number;
  /** Line of the first value that the type does not hold; undefined where its kind alone does not tell. */
  readonly firstOther: number | undefined;
}

/** Least share of the values that a type must hold to be proposed. */
const leastShare = 0.9;

/** Counts what of a field's values each type holds. */
const fitting = (field: ObservedField): Readonly<Record<AskableType, number>> => ({
  bigint: field.integers - field.hugeIntegers,
  double: field.integers + field.fractions - field.inexactNumbers,
  boolean: field.booleans,
  string: field.strings - field.brokenStrings,
});

const valueCount = (field: ObservedField): number =>
  field.integers + field.fractions + field.booleans + field.strings + field.arrays + field.objects;

function firstOther(field: ObservedField, type: AskableType): number | undefined {
  const { firstLines } = field;
  const held: readonly (keyof typeof firstLines)[] = {
    bigint: ['integer'] as const,
    double: ['integer', 'fraction'] as const,
    boolean: ['boolean'] as const,
    string: ['string'] as const,
  }[type];
  const lines = Object.entries(firstLines).flatMap(([kind, line]) =>
    held.includes(kind as keyof typeof firstLines) ? [] : [line],
  );
  return lines.length > 0 ? Math.min(...lines) : undefined;
}

/** Returns the type that at least nine of ten values have, where the others keep the field from having it. */
export function proposeType(field: ObservedField): Omit<TypeProposal, 'path'> | undefined {
  const values = valueCount(field);
  const fits = fitting(field);
  const type = askableTypes.reduce((best, other) => (fits[other] > fits[best] ? other : best));
  return fits[type] < values && fits[type] >= values * leastShare
    ? { type, fits: fits[type], values, firstOther: firstOther(field, type) }
    : undefined;
}

/**
 * Returns the decision for a field that is asked to have a type: events with other values there will fail.
 *
 * @throws {@link InferenceError} where the type holds none of the values
 */
export function decideAsked(field: ObservedField, type: AskableType): Decision {
  const values = valueCount(field);
  const fits = fitting(field)[type];
  if (fits === 0)
    throw new InferenceError(
      'unfit-type',
      `"${field.text}" can't be ${type}: none of its ${values} values is one`,
    );
  const others = values - fits;
  const line = firstOther(field, type);
  const schemaType = schemaTypes[type];
  return {
    becomes: 'column',
    schema: { type: field.nulls ? [schemaType, 'null'] : schemaType },
    ...(others === 0
      ? { reason: 'as asked for' }
      : {
          reason:
            `as asked for; ${others} of ${values} values ${others === 1 ? 'is' : 'are'} none` +
            `${line === undefined ? '' : `, the first at line ${line}`}, and ${others === 1 ? 'its event fails' : 'their events fail'}`,
          warning: true,
        }),
  };
}
