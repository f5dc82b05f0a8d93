import { pathText, type EventDefinition } from '@sluice/event-schema';
import { typeboxSource } from './typebox-source';

/** Returns the file name of an event type: `order_placed` → `order-placed`. */
export const fileStem = (name: string): string => name.replaceAll('_', '-');

/** Returns the name of an event type's definition in code: `order_placed` → `orderPlaced`. */
export function exportName(name: string, taken: ReadonlySet<string> = new Set()): string {
  const camel = name
    .replace(/_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
    .replace(/_+$/, '');
  return unusable.has(camel) || taken.has(camel) ? exportName(`${camel}_event`, taken) : camel;
}

/** Reserved words of JavaScript modules, and names that the generated files use. */
const unusable: ReadonlySet<string> = new Set(
  (
    'arguments await break case catch class const continue debugger default delete do else enum eval export extends ' +
    'false finally for function if implements import in instanceof interface let new null package private protected ' +
    'public return static super switch this throw true try typeof undefined var void while with yield ' +
    'afterAll afterEach beforeAll beforeEach describe expect fit it jest test xdescribe xit xtest ' +
    'defineEvent example examples keyColumn keyless members process global module require requestModel validate'
  ).split(' '),
);

/** Returns the source of a definition. @param variable name of the definition in code */
export function definitionSource(definition: EventDefinition, variable: string): string {
  const { name, version, description = name, key, identity, time, indexes, schema } = definition;
  const members = Object.entries({ name, version, description, key, identity, time, indexes })
    .filter(([, value]) => value !== undefined)
    .map(([member, value]) => `  ${member}: ${JSON.stringify(value)},`);
  return [
    "import { Type } from '@sinclair/typebox';",
    "import { defineEvent } from '@sluice/event-schema';",
    '',
    `/** ${description.replaceAll('*/', '* /')} */`,
    `export const ${variable} = defineEvent({`,
    ...members,
    `  schema: ${typeboxSource(schema)},`,
    '});',
    '',
  ].join('\n');
}

export function testSource(
  { name, key }: EventDefinition,
  { variable, keyPath }: { readonly variable: string; readonly keyPath: readonly string[] },
): string {
  const stem = fileStem(name);
  const [first = ''] = keyPath;
  // The sender can't leave out the id that Sluice gives.
  const refusal =
    keyPath.length === 0
      ? ''
      : `
  test('refuses an event without its key', () => {
    const members = Object.entries(examples[0] ?? {});
    const keyless = members.filter(([name]) => name !== ${JSON.stringify(first)});
    expect(keyless.length).toBe(members.length - 1);
    expect(validate(Object.fromEntries(keyless))).toBe(false);
  });
`;
  return `import Draft4 from 'ajv-draft-04';
import { keyColumn, requestModel } from '@sluice/event-schema';
import { ${variable} } from './${stem}';
import examples from './${stem}.examples.json';

describe(${JSON.stringify(name)}, () => {
  const validate = new Draft4({ allowUnionTypes: true, ownProperties: true }).compile(
    requestModel(${variable}),
  );

  test('takes its examples', () => {
    expect(examples.length).toBeGreaterThan(0);
    for (const example of examples)
      expect([validate(example), validate.errors]).toEqual([true, null]);
  });
${refusal}
  test(${JSON.stringify(`is looked up by ${pathText([key])}`)}, () => {
    expect(keyColumn(${variable}).name).toMatch(/^[a-z0-9_]+$/);
  });
});
`;
}

/** Adds an event type to the source of the list of event types. */
export function indexWithEvent(source: string, name: string, variable: string): string {
  const withImport = source.replace(
    /((?:^import .*\n)+)/m,
    `$1import { ${variable} } from './${fileStem(name)}';\n`,
  );
  const withExport = withImport.replace(/^(export \{[^}]*?),?(\s*\};)/m, `$1, ${variable}$2`);
  const withEntry = withExport.replace(
    /(shippedEventTypes: readonly EventType\[\] = \[)([^\]]*?),?(\s*\])/,
    `$1$2, ${variable}$3`,
  );
  if (withImport === source || withExport === withImport || withEntry === withExport)
    throw new Error(
      'libs/event-types/src/events/index.ts does not look as expected: it needs imports, one `export { … }` ' +
        'and the list `shippedEventTypes: readonly EventType[] = [ … ]`',
    );
  return withEntry;
}
