import { counted } from '@sluice/values/figures';
import { InferenceError } from './inference-error';
import type { Decision } from './decide-field';
import type { ObservedField } from './observed-field';

const plainTypes = ['bigint', 'double', 'boolean', 'string'] as const;

type PlainType = (typeof plainTypes)[number];

/** A type that a field can be asked to have, by the name of the column's type. */
export type AskableType = PlainType | `decimal(${number},${number})`;

/** Types that a field can be asked to have, for people: P digits, S of them after the point. */
export const askableTypes = [...plainTypes, 'decimal(P,S)'] as const;

/** Largest number of digits of a decimal (Glue, Iceberg and Parquet alike). */
const maxPrecision = 38;

/** Reads the name of a type that can be asked for; undefined for any other text. */
export function askableType(text: string): AskableType | undefined {
  const plain = plainTypes.find((type) => type === text);
  if (plain !== undefined) return plain;
  const decimal = decimalOf(text);
  return decimal ? `decimal(${decimal.precision},${decimal.scale})` : undefined;
}

interface Digits {
  readonly precision: number;
  readonly scale: number;
}

function decimalOf(text: string): Digits | undefined {
  const [, digits, after] = /^decimal\((\d{1,2}), ?(\d{1,2})\)$/.exec(text) ?? [];
  if (digits === undefined || after === undefined) return undefined;
  const [precision, scale] = [Number(digits), Number(after)];
  return precision >= 1 && precision <= maxPrecision && scale <= precision
    ? { precision, scale }
    : undefined;
}

/** Type of JSON Schema of each. */
const schemaTypes = {
  bigint: 'integer',
  double: 'number',
  boolean: 'boolean',
  string: 'string',
} as const satisfies Record<PlainType, string>;

/**
 * A type that most values of a field of mixed types have, or a decimal for numbers that seem to be amounts of money,
 * whose sums are exact then.
 */
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
const minShare = 0.9;

/** Counts what of a field's values each type holds. */
const fitting = (field: ObservedField): Readonly<Record<PlainType, number>> => ({
  bigint: field.integers - field.hugeIntegers,
  double: field.integers + field.fractions - field.inexactNumbers,
  boolean: field.booleans,
  string: field.strings - field.brokenStrings,
});

const valueCount = (field: ObservedField): number =>
  field.integers + field.fractions + field.booleans + field.strings + field.arrays + field.objects;

/** Counts the numbers that a decimal holds; 0 where one of them has more digits before the point. */
function fittingDecimal(field: ObservedField, { precision, scale }: Digits): number {
  if (field.wholeDigits > precision - scale) return 0;
  const fractions = field.scales.slice(0, scale + 1).reduce((sum, count) => sum + count, 0);
  return field.integers + fractions;
}

const amountName =
  /amount|balance|budget|charge|cost|discount|fee|fare|price|revenue|salary|(?:sub)?total|tax|tip|turnover|wage/i;
/** Digits of a proposed decimal, and the most after the point with which numbers still seem to be money. */
const [amountPrecision, amountScale] = [18, 4];

/** Returns a decimal for a field of numbers that seem to be amounts of money. */
function proposeDecimal(field: ObservedField): Omit<TypeProposal, 'path'> | undefined {
  const values = valueCount(field);
  const scale = Math.max(2, field.scales.length - 1);
  const digits = { precision: amountPrecision, scale };
  const isAmount = field.fractions > 0 && scale <= amountScale && amountName.test(field.name);
  return isAmount && fittingDecimal(field, digits) === values
    ? { type: `decimal(${amountPrecision},${scale})`, fits: values, values, firstOther: undefined }
    : undefined;
}

function firstOther(field: ObservedField, type: PlainType): number | undefined {
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

/**
 * Returns the type that at least nine of ten values have, where the others keep the field from having it; or a decimal
 * for amounts of money.
 */
export function proposeType(field: ObservedField): Omit<TypeProposal, 'path'> | undefined {
  const values = valueCount(field);
  const fits = fitting(field);
  const type = plainTypes.reduce((best, other) => (fits[other] > fits[best] ? other : best));
  if (fits[type] === values) return proposeDecimal(field);
  return fits[type] < values && fits[type] >= values * minShare
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
  const decimal = decimalOf(type);
  const plain = decimal ? 'double' : (type as PlainType);
  const fits = decimal ? fittingDecimal(field, decimal) : fitting(field)[plain];
  if (fits === 0)
    throw new InferenceError(
      'unfit-type',
      decimal && field.wholeDigits > decimal.precision - decimal.scale
        ? `"${field.text}" can't be ${type}: one of its numbers has ${counted(field.wholeDigits, 'digit')} before the point`
        : `"${field.text}" can't be ${type}: none of its ${values} values is one`,
    );
  const others = values - fits;
  // A number with too many digits after its point is of the same kind as one that fits.
  const line = firstOther(field, plain);
  const schemaType = schemaTypes[plain];
  return {
    becomes: 'column',
    schema: {
      type: field.nulls ? [schemaType, 'null'] : schemaType,
      ...(decimal && { format: 'decimal', ...decimal }),
    },
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
