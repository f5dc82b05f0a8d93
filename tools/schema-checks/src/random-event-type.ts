import { defineEvent, type EventType, type JsonSchema } from '@sluice/event-schema';
import fc from 'fast-check';

/** An event type, and JSON texts of conforming events. Each event has its own `id`, which is key and identity. */
export interface TypeWithEvents {
  readonly eventType: EventType;
  readonly events: readonly string[];
}

interface Node {
  readonly schema: JsonSchema;
  /** Generates conforming values; bigints represent integer literals. */
  readonly value: fc.Arbitrary<unknown>;
}

const constant = (schema: JsonSchema, value: fc.Arbitrary<unknown>): fc.Arbitrary<Node> =>
  fc.constant({ schema, value });

const text = fc.string({ unit: 'grapheme', maxLength: 8 });
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const double = fc.double({ noNaN: true, noDefaultInfinity: true });
const time = fc.date({
  min: new Date('1900-01-01'),
  max: new Date('2200-01-01'),
  noInvalidDate: true,
});

const decimalText = (precision: number, scale: number): fc.Arbitrary<string> =>
  fc
    .bigInt({ min: 1n - 10n ** BigInt(precision), max: 10n ** BigInt(precision) - 1n })
    .map((unscaled) => {
      const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0');
      const whole = digits.slice(0, digits.length - scale);
      return `${unscaled < 0n ? '-' : ''}${whole}${scale > 0 ? `.${digits.slice(-scale)}` : ''}`;
    });

const timestamp = (digits: 0 | 3 | 6): fc.Arbitrary<Node> =>
  constant(
    { type: 'string', format: 'date-time', digits },
    fc.tuple(time, fc.nat(999)).map(([date, micros]) => {
      const fraction = `${date.toISOString().slice(20, 23)}${String(micros).padStart(3, '0')}`;
      return (
        date.toISOString().slice(0, 19) + (digits === 0 ? 'Z' : `.${fraction.slice(0, digits)}Z`)
      );
    }),
  );

const scalar: fc.Arbitrary<Node> = fc.oneof(
  constant({ type: 'integer' }, int64),
  constant({ type: 'integer', minimum: -5, maximum: 5 }, fc.bigInt({ min: -5n, max: 5n })),
  constant({ type: 'number' }, double),
  constant({ type: 'integer', default: 7 }, int64),
  constant({ type: 'string', default: 'none' }, text),
  constant({ type: 'boolean' }, fc.boolean()),
  constant({ type: 'string' }, text),
  constant(
    { type: 'string', minLength: 1, maxLength: 3, pattern: '^[a-c]+$' },
    fc.stringMatching(/^[a-c]{1,3}$/),
  ),
  constant({ type: 'string', enum: ['on', 'off', ''] }, fc.constantFrom('on', 'off', '')),
  constant(
    {
      anyOf: [
        { const: 'x', type: 'string' },
        { const: 'y', type: 'string' },
      ],
    },
    fc.constantFrom('x', 'y'),
  ),
  constant({ type: 'string', format: 'uuid' }, fc.uuid()),
  constant(
    { type: 'string', format: 'date' },
    time.map((date) => date.toISOString().slice(0, 10)),
  ),
  timestamp(0),
  timestamp(3),
  timestamp(6),
  fc
    .tuple(fc.integer({ min: 1, max: 38 }), fc.integer({ min: 0, max: 38 }))
    .filter(([precision, scale]) => scale <= precision)
    .map(([precision, scale]) => ({
      schema: { type: 'string', format: 'decimal', precision, scale },
      value: decimalText(precision, scale),
    })),
);

const freeForm: fc.Arbitrary<Node> = fc.oneof(
  constant({ type: 'object' }, fc.dictionary(text, fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 })),
  constant({ type: ['integer', 'string'] }, fc.oneof(int64, text)),
  constant({}, fc.jsonValue({ maxDepth: 2 })),
  constant(
    { type: 'array', items: { type: 'object', properties: { a: { type: 'integer' } } } },
    fc.array(fc.record({ a: fc.nat() }), { maxLength: 3 }),
  ),
);

const arrayOf = (item: Node): Node => ({
  schema: { type: 'array', items: item.schema, maxItems: 4 },
  value: fc.array(item.value, { maxLength: 4 }),
});

const nullable = ({ schema, value }: Node): Node => ({
  schema: { anyOf: [schema, { type: 'null' }] },
  value: fc.oneof(value, fc.constant(null)),
});

const { node } = fc.letrec<{ node: Node; object: Node }>((tie) => ({
  node: fc
    .tuple(
      fc.oneof(
        { maxDepth: 3 },
        scalar,
        scalar.map(arrayOf),
        scalar.map(nullable).map(arrayOf),
        freeForm,
        tie('object'),
      ),
      fc.boolean(),
    )
    .map(([inner, mayBeNull]) => (mayBeNull ? nullable(inner) : inner)),
  object: fc
    .array(fc.tuple(tie('node'), fc.boolean(), fc.constantFrom('f', 'Ü', 'a.b', 'x y', '日')), {
      minLength: 1,
      maxLength: 4,
    })
    .map((members) =>
      objectOf(
        members.map(([member, required, prefix], index) => ({
          name: `${prefix}${index}`,
          member,
          required,
        })),
      ),
    ),
}));

function objectOf(
  members: readonly { readonly name: string; readonly member: Node; readonly required: boolean }[],
): Node {
  const required = members.filter((member) => member.required).map(({ name }) => name);
  const values = Object.fromEntries(members.map(({ name, member }) => [name, member.value]));
  return {
    schema: {
      type: 'object',
      properties: Object.fromEntries(members.map(({ name, member }) => [name, member.schema])),
      ...(required.length > 0 && { required }),
    },
    value: fc.record(values, {
      // A required member with a default may be left out.
      requiredKeys: members
        .filter((member) => member.required && member.member.schema.default === undefined)
        .map(({ name }) => name),
    }),
  };
}

/** Generates event types of up to eight members, each with up to `maxEvents` conforming events. */
export const randomEventType = (maxEvents: number): fc.Arbitrary<TypeWithEvents> =>
  fc
    .array(fc.tuple(node, fc.boolean()), { minLength: 1, maxLength: 8 })
    .map((members) =>
      objectOf([
        {
          name: 'id',
          member: { schema: { type: 'string' }, value: fc.constant('') },
          required: true,
        },
        ...members.map(([member, required], index) => ({ name: `m${index}`, member, required })),
      ]),
    )
    .chain(({ schema, value }) =>
      fc
        .array(fc.tuple(value, fc.option(fc.jsonValue({ maxDepth: 1 }))), {
          minLength: 1,
          maxLength: maxEvents,
        })
        .map((events) => ({
          eventType: defineEvent({
            name: 'random',
            version: '1.0.0',
            key: 'id',
            identity: 'id',
            schema,
          }),
          events: events.map(([event, extra], index) =>
            jsonText({
              ...(event as object),
              id: `event-${index}`,
              ...(extra !== null && { extra }),
            }),
          ),
        })),
    );

/** Writes JSON with bigints as integer literals. */
function jsonText(value: unknown): string {
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value)) return `[${value.map(jsonText).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(
    ([name, member]) => `${JSON.stringify(name)}:${jsonText(member)}`,
  );
  return `{${members.join(',')}}`;
}
