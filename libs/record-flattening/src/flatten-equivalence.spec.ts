import fc from 'fast-check';
import { columnName, defineEvent, type JsonSchema } from '@sluice/event-schema';
import { codePoint } from '@sluice/event-schema/testing/code-point';
import { compileFlattener } from './flattener';

// The flattener against a plain one over JSON.parse, on schemas and events made at random. The plain one
// is right wherever JSON.parse loses nothing, so the values here are such.

interface Field {
  readonly schema: JsonSchema;
  readonly value: fc.Arbitrary<unknown>;
}

const scalars: readonly Field[] = [
  { schema: { type: 'integer' }, value: fc.maxSafeInteger().map((value) => value + 0) },
  { schema: { type: 'number' }, value: fc.double({ noNaN: true, noDefaultInfinity: true }) },
  { schema: { type: 'boolean' }, value: fc.boolean() },
  { schema: { type: 'string' }, value: fc.string({ unit: codePoint }) },
  { schema: { type: ['string', 'null'] }, value: fc.option(fc.string()) },
];

const leaf: fc.Arbitrary<Field> = fc.oneof(
  fc.constantFrom(...scalars),
  fc.constantFrom(...scalars.slice(0, 4)).map(({ schema, value }) => ({
    schema: { type: 'array', items: schema },
    value: fc.array(value, { maxLength: 3 }),
  })),
  fc.constant({ schema: {}, value: fc.jsonValue({ maxDepth: 2 }) }),
  fc.constant({
    schema: { type: 'array', items: { type: 'object', properties: { x: {} } } },
    value: fc.array(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 1 }))),
  }),
);

const name = fc.oneof(
  fc.constantFrom(
    'a',
    'b',
    'Camel',
    'with space',
    'dot.ted',
    '__proto__',
    'constructor',
    'é',
    '"',
    '1',
  ),
  fc.string({ minLength: 1, maxLength: 8 }),
);

const { field } = fc.letrec<{ field: Field }>((tie) => ({
  field: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    leaf,
    fc
      .dictionary(name, tie('field'), { minKeys: 1, maxKeys: 5, noNullPrototype: false })
      .map(objectOf),
  ),
}));

function objectOf(fields: Record<string, Field>): Field {
  const members = Object.entries(fields);
  return {
    schema: {
      type: 'object',
      properties: Object.fromEntries(members.map(([member, { schema }]) => [member, schema])),
    },
    // Entries, not an object: its order and its duplicates are the event's.
    value: fc.shuffledSubarray(members).chain((chosen) =>
      fc
        .tuple(
          fc.tuple(
            ...chosen.map(([member, { value }]) => value.map((made) => [member, made] as const)),
          ),
          fc.array(
            fc.tuple(
              fc.constantFrom('extra', 'a b', '__proto__', '…'),
              fc.jsonValue({ maxDepth: 1 }),
            ),
            {
              maxLength: 2,
            },
          ),
        )
        .map(([known, unknown]) => new Members([...known, ...unknown])),
    ),
  };
}

/** An object of an event, with its members in order. */
class Members {
  constructor(readonly entries: readonly (readonly [string, unknown])[]) {}
}

const sourceOf = (value: unknown): string => {
  if (value instanceof Members)
    return `{${value.entries.map(([key, member]) => `${JSON.stringify(key)} :${sourceOf(member)}`).join(', ')}}`;
  if (Array.isArray(value)) return `[${value.map(sourceOf).join(' ,')}]`;
  // `JSON.stringify` drops the sign that an event may have written.
  if (Object.is(value, -0)) return '-0';
  return JSON.stringify(value);
};

type Row = Map<string, unknown>;

/** Flattens a value in the simplest way. @returns what no column takes; undefined where columns take everything */
function plainFlatten(
  schema: JsonSchema,
  value: Members,
  path: string[],
  row: Row,
): Map<string, unknown> | undefined {
  const rest = new Map<string, unknown>();
  const last = new Map(value.entries);
  for (const [key, member] of last) {
    const properties = schema.properties ?? {};
    const child = Object.hasOwn(properties, key) ? properties[key] : undefined;
    if (!child) rest.set(key, JSON.parse(sourceOf(member)));
    else if (member instanceof Members && child.properties) {
      const below = plainFlatten(child, member, [...path, key], row);
      if (member.entries.length === 0) rest.set(key, new Map());
      else if (below) rest.set(key, below);
    } else if (member !== null) {
      const isText =
        child.type === undefined || (child.type === 'array' && child.items?.properties);
      row.set(columnName([...path, key]), isText ? sourceOf(member) : member);
    }
  }
  return rest.size > 0 ? rest : undefined;
}

/** Returns a JSON value with its members as a map, so that `__proto__` is an ordinary member. */
const asMaps = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(asMaps);
  if (value === null || typeof value !== 'object' || value instanceof Map)
    return value instanceof Map
      ? new Map([...value].map(([key, member]) => [key, asMaps(member)]))
      : value;
  return new Map(Object.entries(value).map(([key, member]) => [key, asMaps(member)]));
};

const definable = (schema: JsonSchema) => {
  try {
    return defineEvent({
      name: 'any',
      version: '1.0.0',
      key: 'row_key',
      schema: {
        ...schema,
        properties: { ...schema.properties, row_key: { type: 'string', default: 'k' } },
        required: ['row_key'],
      },
    });
  } catch {
    // Names that collide, or that are a system column's.
    return undefined;
  }
};

test('every value is in its column or at its place in unmapped, as a plain flatten has it', () => {
  const root = fc
    .dictionary(name, field, { minKeys: 1, maxKeys: 5, noNullPrototype: false })
    .map(objectOf);
  fc.assert(
    fc.property(
      root.chain(({ schema, value }) =>
        fc.tuple(
          fc.constant(schema),
          fc.array(value as fc.Arbitrary<Members>, { minLength: 1, maxLength: 3 }),
        ),
      ),
      ([schema, events]) => {
        const eventType = definable(schema);
        fc.pre(eventType !== undefined);
        const flattener = compileFlattener(eventType);
        const record = new TextEncoder().encode(events.map(sourceOf).join('\n'));
        const result = flattener.flatten(record, {
          shardId: 's',
          sequenceNumber: '7',
          arrivalMs: 0,
        });
        if (result.status !== 'rows') throw new Error(JSON.stringify(result));
        const lines = new TextDecoder().decode(result.bytes).trimEnd().split('\n');
        expect(lines).toHaveLength(events.length);
        lines.forEach((line, position) => {
          const row = asMaps(JSON.parse(line)) as Row;
          const expected: Row = new Map();
          const rest = plainFlatten(schema, events[position]!, [], expected);
          const unmapped = row.get('unmapped') as string | undefined;
          expect(unmapped && asMaps(JSON.parse(unmapped))).toEqual(rest && asMaps(rest));
          expected
            .set('event_id', `s:7:${position}`)
            .set('ingested_at', '1970-01-01 00:00:00.000')
            .set('row_key', 'k');
          if (unmapped) expected.set('unmapped', unmapped);
          expect(new Map([...row].sort())).toEqual(new Map([...expected].sort()));
        });
      },
    ),
    { numRuns: 200 },
  );
});
