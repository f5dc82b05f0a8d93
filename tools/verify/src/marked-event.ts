import {
  eventColumns,
  ruleOfPath,
  type Column,
  type EventType,
  type JsonSchema,
} from '@sluice/event-schema';
import { stringify, LosslessNumber } from 'lossless-json';
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';

/** An event that no other equals, with the values that its columns should have. */
export interface MarkedEvent {
  readonly eventType: EventType;
  /** Text of the event as it is posted. */
  readonly text: string;
  /** The parsed event, whose numbers keep the digits with which they are written. */
  readonly event: Readonly<Record<string, unknown>>;
  /** Key by which a look-up finds the event. */
  readonly key: string;
}

/**
 * Variant of an event: `full` has every member, with extreme values; `sparse` has nulls and leaves out optional
 * members.
 */
export type Variant = 'full' | 'sparse';

/** Member that no event type defines. It marks the row, in the column `unmapped`. */
export const markMember = 'sluice_verify';

/** Address for documentation (RFC 5737). */
const address = '203.0.113.77';

/** An integer beyond 2^53, where a double would round. The time makes it unique. */
const largeInteger = 2n ** 62n;

/**
 * Makes an event of any event type from its schema: 64-bit integers, decimals of every digit, dates, times, nulls and
 * text beyond ASCII.
 *
 * @param mark unique to the run; `number` identifies the event within it, from 0
 */
export function markedEvent({
  eventType,
  variant,
  mark,
  number,
  startedAtMs,
}: {
  readonly eventType: EventType;
  readonly variant: Variant;
  readonly mark: string;
  readonly number: number;
  readonly startedAtMs: number;
}): MarkedEvent {
  const unique = largeInteger + BigInt(startedAtMs) * 1_000n + BigInt(number);
  const unusual = new Set([eventType.key, eventType.identity]);
  const maker = new ValueMaker(variant, mark, unique, unusual, eventType);
  const event = {
    ...(maker.value(eventType.schema, []) as Record<string, unknown>),
    [markMember]: { mark, number: new LosslessNumber(String(number)), text: 'Zoë 東京' },
  };
  const text = stringify(event) ?? '';
  const key = valueAt(event, keyPath(eventType));
  return { eventType, text, event, key: String(key) };
}

const keyPath = (eventType: EventType): readonly string[] =>
  eventColumns(eventType).find(({ path }) => path.join('.') === eventType.key)?.path ?? [
    eventType.key,
  ];

/** Returns the value at a path; undefined where there is none. */
export const valueAt = (event: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>(
    (value, name) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, name)
        ? (value as Record<string, unknown>)[name]
        : undefined,
    event,
  );

class ValueMaker {
  constructor(
    readonly variant: Variant,
    readonly mark: string,
    readonly unique: bigint,
    /** Paths whose values have to differ between events. */
    readonly uniquePaths: ReadonlySet<string | undefined>,
    readonly eventType: Pick<EventType, 'privacy'>,
  ) {}

  value(schema: JsonSchema, path: readonly string[]): unknown {
    const isUnique = this.uniquePaths.has(path.join('.'));
    if (schema.anyOf) return this.#union(schema.anyOf, path, isUnique);
    if (schema.enum) return this.#pick(schema.enum);
    if ('const' in schema) return schema.const;
    const types = typeof schema.type === 'string' ? [schema.type] : (schema.type ?? []);
    if (types.includes('null') && this.variant === 'sparse' && !isUnique) return null;
    const type = types.find((name) => name !== 'null');
    switch (type) {
      case 'object':
        return this.#object(schema, path);
      case 'array':
        return this.#array(schema, path);
      case 'integer':
        return this.#integer(schema, isUnique);
      case 'number':
        return schema.format === 'decimal'
          ? new LosslessNumber(decimalText(schema))
          : this.#number(schema);
      case 'boolean':
        return this.variant === 'full';
      case 'string':
        return ruleOfPath(this.eventType, path) === 'truncate-ip'
          ? address
          : this.#string(schema, isUnique);
      default:
        return { any: 'value', 東京: [new LosslessNumber('1'), null] };
    }
  }

  #union(branches: readonly JsonSchema[], path: readonly string[], isUnique: boolean): unknown {
    const isNull = ({ type }: JsonSchema): boolean => type === 'null';
    if (this.variant === 'sparse' && !isUnique && branches.some(isNull)) return null;
    const [first] = branches.filter((branch) => !isNull(branch));
    return first ? this.value(first, path) : null;
  }

  #pick(values: readonly unknown[]): unknown {
    return this.variant === 'full' ? values[0] : values.at(-1);
  }

  #object(schema: JsonSchema, path: readonly string[]): unknown {
    const properties = Object.entries(schema.properties ?? {});
    if (properties.length === 0) return { 'any.name': 'é', n: new LosslessNumber('12.50') };
    const needed = new Set(schema.required);
    return Object.fromEntries(
      properties
        .filter(([name]) => {
          const there = [...path, name].join('.');
          return (
            this.variant === 'full' ||
            needed.has(name) ||
            [...this.uniquePaths].some((one) => one === there || one?.startsWith(`${there}.`))
          );
        })
        .map(([name, child]) => [name, this.value(child, [...path, name])]),
    );
  }

  #array(schema: JsonSchema, path: readonly string[]): unknown {
    const { minItems = 0, maxItems = 2 } = schema;
    const length = Math.max(minItems, this.variant === 'full' ? Math.min(2, maxItems) : 0);
    return Array.from({ length }, () => this.value(schema.items ?? {}, [...path, '*']));
  }

  #integer({ minimum, maximum }: JsonSchema, isUnique: boolean): unknown {
    const wanted = isUnique || this.variant === 'full' ? this.unique : 0n;
    return new LosslessNumber(String(clipped(wanted, minimum, maximum)));
  }

  #number({ minimum, maximum }: JsonSchema): unknown {
    const wanted = this.variant === 'full' ? 1234.5678901 : 0;
    const inside = Math.min(maximum ?? wanted, Math.max(minimum ?? wanted, wanted));
    return new LosslessNumber(JSON.stringify(inside));
  }

  #string(schema: JsonSchema, isUnique: boolean): unknown {
    const { format, pattern, minLength = 0, maxLength = Infinity } = schema;
    if (format === 'uuid') return randomUUID();
    if (format === 'date') return '2024-02-29';
    if (format === 'date-time')
      return `2024-02-29T23:59:58${['', '.999', '.999999'][digitsOf(schema) / 3] ?? ''}Z`;
    if (format === 'decimal') return decimalText(schema);
    if (pattern !== undefined)
      return fc.sample(matching(pattern, minLength, maxLength), {
        seed: Number(this.unique % 2_147_483_647n),
        numRuns: 1,
      })[0];
    if (isUnique) return `${this.mark}-${this.unique}-é`.slice(0, Math.min(maxLength, 120));
    const text = this.variant === 'full' ? `Zoë "東京" \\ 🏟 it's {${this.mark}}` : '';
    // Half of a surrogate pair is not a character.
    return text
      .padEnd(minLength, 'x')
      .slice(0, maxLength)
      .replace(/[\ud800-\udbff]$/, 'x');
  }
}

const madeMatching = new Map<string, fc.Arbitrary<string>>();

/**
 * Returns a source of texts that match a pattern. Building one takes milliseconds, so it is done once for each
 * pattern.
 */
function matching(pattern: string, minLength: number, maxLength: number): fc.Arbitrary<string> {
  const id = `${minLength} ${maxLength} ${pattern}`;
  const made =
    madeMatching.get(id) ??
    fc
      .stringMatching(new RegExp(pattern))
      .filter(({ length }) => length >= minLength && length <= maxLength);
  madeMatching.set(id, made);
  return made;
}

const digitsOf = ({ digits }: JsonSchema): number => (digits === 0 || digits === 6 ? digits : 3);

const clipped = (
  value: bigint,
  minimum: number | undefined,
  maximum: number | undefined,
): bigint => {
  if (maximum !== undefined && value > BigInt(Math.floor(maximum)))
    return BigInt(Math.floor(maximum));
  if (minimum !== undefined && value < BigInt(Math.ceil(minimum)))
    return BigInt(Math.ceil(minimum));
  return value;
};

/** Returns a decimal with as many digits as the column has, the last one not 0: `-1234.5679`. */
function decimalText({ precision = 38, scale = 9, minimum }: JsonSchema): string {
  const digits = Array.from({ length: precision }, (_, index) => ((index + 1) % 9) + 1).join('');
  const whole = digits.slice(0, precision - scale) || '0';
  const sign = minimum !== undefined && minimum >= 0 ? '' : '-';
  return `${sign}${whole}${scale > 0 ? `.${digits.slice(precision - scale)}` : ''}`;
}

/** Returns the columns whose values come from the event, with the event's values. */
export const eventValues = ({
  eventType,
  event,
}: Pick<MarkedEvent, 'eventType' | 'event'>): readonly {
  readonly column: Column;
  readonly value: unknown;
}[] => eventColumns(eventType).map((column) => ({ column, value: valueAt(event, column.path) }));
