import { nodeShape, supportedKeywords, type JsonSchema } from '@sluice/event-schema';

/** Keywords that a builder's name and arguments express already. */
const structural: ReadonlySet<string> = new Set<keyof JsonSchema>([
  'type',
  'properties',
  'patternProperties',
  'required',
  'additionalProperties',
  'items',
  'anyOf',
  'enum',
  'const',
]);

/** Keywords that a TypeBox builder accepts as options, unchanged. */
const optionNames = [...supportedKeywords].filter(
  (name): name is keyof JsonSchema => !structural.has(name),
);

/** Returns TypeScript source that builds a schema with TypeBox. The result has the same columns as the schema. */
export function typeboxSource(schema: JsonSchema): string {
  if (schema.anyOf)
    return call('Union', `[${schema.anyOf.map(typeboxSource).join(', ')}]`, options(schema));
  const literals = schema.enum ?? ('const' in schema ? [schema.const] : undefined);
  if (literals) return literalSource(literals, schema);
  const types = typeof schema.type === 'string' ? [schema.type] : (schema.type ?? []);
  const [only] = types;
  if (types.length > 1) {
    const { description, ...rest } = schema;
    const branches = types.map((type) =>
      typeboxSource(type === 'null' ? { type } : { ...rest, type }),
    );
    return call(
      'Union',
      `[${branches.join(', ')}]`,
      options({ ...(description !== undefined && { description }) }),
    );
  }
  switch (only) {
    case undefined:
      return call('Unknown', options(schema));
    case 'object':
      return nodeShape(schema).shape === 'object' || schema.properties
        ? objectSource(schema)
        : call('Record', 'Type.String()', 'Type.Unknown()', options(schema));
    case 'array':
      return call('Array', typeboxSource(schema.items ?? {}), options(schema));
    default:
      return call(builders[only] ?? 'Unknown', options(schema));
  }
}

const builders: Readonly<Record<string, string>> = {
  string: 'String',
  integer: 'Integer',
  number: 'Number',
  boolean: 'Boolean',
  null: 'Null',
};

function objectSource(schema: JsonSchema): string {
  const members = Object.entries(schema.properties ?? {}).map(([name, child]) => {
    const source = typeboxSource(child);
    const required = schema.required?.includes(name) ?? false;
    return `${JSON.stringify(name)}: ${required ? source : `Type.Optional(${source})`}`;
  });
  return call('Object', `{ ${members.join(', ')} }`, options(schema));
}

function literalSource(literals: readonly unknown[], schema: JsonSchema): string {
  const [first, ...more] = literals.map((value) =>
    value === null ? 'Type.Null()' : `Type.Literal(${JSON.stringify(value)})`,
  );
  if (more.length === 0 && first !== undefined) return first;
  return call('Union', `[${[first, ...more].join(', ')}]`, options(schema));
}

const call = (builder: string, ...parts: readonly string[]): string =>
  `Type.${builder}(${parts.filter((part) => part !== '').join(', ')})`;

function options(schema: JsonSchema): string {
  const given = optionNames
    .filter((name) => schema[name] !== undefined)
    .map((name) => `${name}: ${JSON.stringify(schema[name])}`);
  return given.length > 0 ? `{ ${given.join(', ')} }` : '';
}
