import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { logger, type Tree } from '@nx/devkit';
import { createTreeWithEmptyWorkspace } from '@nx/devkit/testing';
import { Type } from '@sinclair/typebox';
import { columnName, schemaColumns, type Column, type JsonSchema } from '@sluice/event-schema';
import { createInference } from '@sluice/schema-inference';
import fc from 'fast-check';
import { exportName, indexWithEvent } from './event-files';
import { generateEvent, type GenerateEventOptions } from './generate-event';
import { salesOfCustomer, shop } from '@sluice/event-schema/testing/shop';
import { typeboxSource } from './typebox-source';

const eventsIndex = `import type { EventType } from '../definitions/define-event';
import { matchEvent } from './match-event';

export {
  matchEvent,
};

export const shippedEventTypes: readonly EventType[] = [
  matchEvent,
];
`;

const folder = mkdtempSync(join(tmpdir(), 'sluice-generator-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  jest.spyOn(logger, 'info').mockReturnValue();
});

const events = 'libs/event-types/src/events';

async function generated(options: GenerateEventOptions): Promise<Tree> {
  const tree = createTreeWithEmptyWorkspace({ formatter: 'none' });
  tree.write(`${events}/index.ts`, eventsIndex);
  tree.write(`${events}/samples.ts`, '');
  await generateEvent(tree, options, {
    catalog: shop,
    exportedNames: ['salesOfCustomer', 'topCustomers'],
  });
  return tree;
}

const fileOf = (lines: readonly string[], name = 'orders.ndjson'): string => {
  const file = join(folder, name);
  writeFileSync(file, lines.join('\n'));
  return file;
};

describe('npx nx g @sluice/generators:event', () => {
  test('writes definition, test, examples, list and dictionary from a file', async () => {
    const from = fileOf([
      '{"orderId":"a","total":1.5,"at":"2026-01-31T00:00:00Z"}',
      'oops',
      '{"orderId":"b","total":2}',
    ]);
    const tree = await generated({
      name: 'order_placed',
      from,
      key: 'orderId',
      identity: 'orderId',
    });

    // Nx formats the files of a real tree, not those of a virtual one.
    expect(tree.read(`${events}/order-placed.ts`, 'utf8')).toContain(
      `export const orderPlaced = defineEvent({
  name: "order_placed",
  version: "1.0.0",
  description: "Say here what the event is.",
  key: "orderId",
  identity: "orderId",
  schema: Type.Object({ "orderId": Type.String(), "total": Type.Number(), ` +
        `"at": Type.Optional(Type.String({ format: "date-time", digits: 0 })) }),
});`,
    );
    const examples = tree.read(`${events}/order-placed.examples.json`, 'utf8') ?? '';
    expect(JSON.parse(examples)).toHaveLength(2);
    expect(tree.read(`${events}/order-placed.spec.ts`, 'utf8')).toContain('takes its examples');
    expect(tree.read(`${events}/index.ts`, 'utf8')).toMatch(/\[\s*matchEvent, orderPlaced\s*\]/);
    expect(tree.read('docs/data-dictionary.md', 'utf8')).toContain('## order_placed');
  });

  test('writes a minimal definition without a file', async () => {
    const tree = await generated({ name: 'thing', key: 'code' });
    expect(tree.read(`${events}/thing.ts`, 'utf8')).toMatch(
      /key: "code",[\s\S]*"code": Type\.String/,
    );
  });

  test('keeps the digits of its examples, and has one where all are long', async () => {
    const from = fileOf(
      [
        `{"id":"a","n":12345678901234567890,"text":"${'x'.repeat(30_000)}"}`,
        `{"id":"b","n":1.10,"text":"${'x'.repeat(25_000)}"}`,
      ],
      'long.ndjson',
    );
    const tree = await generated({ name: 'long', from });
    const examples = tree.read(`${events}/long.examples.json`, 'utf8') ?? '';
    expect(examples).toMatch(/^\[{"id":"b","n":1\.10,.*\]\n$/s);
  });

  test('gives no event type a name in code that other content has', async () => {
    const tree = await generated({ name: salesOfCustomer.name });
    expect(tree.read(`${events}/sales-of-customer.ts`, 'utf8')).toContain(
      'export const salesOfCustomerEvent =',
    );
  });

  test('makes paths of a minimal definition, with its example', async () => {
    const tree = await generated({ name: 'thing', key: 'order.id', identity: 'event_id' });
    expect(tree.read(`${events}/thing.ts`, 'utf8')).toContain(
      'Type.Object({ "order": Type.Object({ "id": Type.String() }), "event_id": Type.String() })',
    );
    expect(tree.read(`${events}/thing.examples.json`, 'utf8')).toBe(
      '[{"order":{"id":"1"},"event_id":"1"}]\n',
    );
  });

  test.each<[string, GenerateEventOptions, RegExp]>([
    ['the name of a reference table', { name: 'customers' }, /reference table/],
    ['the name of a view of a join', { name: 'sale_customers' }, /join/],
    [
      'the name of a file that is none of an event type',
      { name: 'samples' },
      /samples\.ts is there/,
    ],
    ['a name that is no table', { name: 'Order-Placed' }, /a name matches/],
    ['a name that is taken', { name: 'sale' }, /already, in .*sale\.ts/],
    [
      'a file that is not there',
      { name: 'thing', from: join(folder, 'nope.json') },
      /there is no file/,
    ],
    [
      'a key that the events lack',
      { name: 'thing', from: fileOf(['{"a":1}'], 'a.ndjson'), key: 'b' },
      /none of the 1 events has it; every event has a/,
    ],
  ])('refuses %s', async (_, options, message) => {
    await expect(generated(options)).rejects.toThrow(message);
  });

  test('refuses an index that it does not understand', () => {
    expect(() => indexWithEvent('export const x = 1;', 'thing', 'thing')).toThrow(
      /does not look as expected/,
    );
  });

  test.each([
    ['order_placed', 'orderPlaced'],
    ['a__b_', 'aB'],
    ['x_2', 'x2'],
    ['delete', 'deleteEvent'],
    ['validate', 'validateEvent'],
  ])('calls %s %s in code', (name, variable) => {
    expect(exportName(name)).toBe(variable);
  });
});

describe('the TypeBox source of a schema', () => {
  const evaluated = (schema: JsonSchema): JsonSchema =>
    runInNewContext(typeboxSource(schema), { Type }) as JsonSchema;
  const shapes = (schema: JsonSchema): readonly unknown[] =>
    schemaColumns(schema).map(({ path, type, required, nullable }: Column) => [
      columnName(path),
      path,
      type,
      required,
      nullable,
    ]);

  test('gives the same columns for whatever is inferred', () => {
    const { object } = fc.letrec<{ value: unknown; object: unknown }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 3 },
        fc.jsonValue({ maxDepth: 2 }),
        tie('object'),
        fc.constantFrom('2024-01-01', '2024-01-01T00:00:00.000Z', 1.5, null),
      ),
      object: fc.dictionary(fc.string(), tie('value'), { maxKeys: 4 }),
    }));
    fc.assert(
      fc.property(fc.array(object, { minLength: 1, maxLength: 5 }), (samples) => {
        const inference = createInference({ name: 'sample' });
        samples.forEach((sample) => inference.add(sample));
        const { schema } = inference.finish().definition;
        expect(shapes(evaluated(schema))).toEqual(shapes(schema));
      }),
    );
  });

  test.each<[string, JsonSchema, string]>([
    [
      'literals',
      { enum: ['a', 1, null] },
      'Type.Union([Type.Literal("a"), Type.Literal(1), Type.Null()])',
    ],
    ['a constant', { const: 'a' }, 'Type.Literal("a")'],
    [
      'options',
      { type: 'string', pattern: '^a$', description: "it's" },
      'Type.String({ description: "it\'s", pattern: "^a$" })',
    ],
    [
      'alternatives',
      { anyOf: [{ type: 'string' }, { type: 'null' }], description: 'x' },
      'Type.Union([Type.String(), Type.Null()], { description: "x" })',
    ],
  ])('keeps %s', (_, schema, source) => {
    expect(typeboxSource(schema)).toBe(source);
  });
});
