import { defineEvent } from '../definitions/define-event';
import { defineJoin } from '../definitions/define-join';
import { defineReference } from '../definitions/define-reference';
import { kitchenSink } from '../testing/kitchen-sink';
import { lakeQueries } from '../derived/rows-by-key';
import { shop } from '../testing/shop';
import { catalogTables, type CatalogTable } from './catalog-tables';
import { checkCatalog } from './check-catalog';

const tables = catalogTables({
  ...shop,
  eventTypes: [...shop.eventTypes, kitchenSink],
  bucket: 'lake',
  database: 'sluice_dev',
});

const table = (name: string): CatalogTable =>
  tables.find(({ tableInput }) => tableInput.name === name)!;

test('every name is there once', () => {
  const names = tables.map(({ tableInput }) => tableInput.name);
  expect(new Set(names).size).toBe(names.length);
  // Compaction makes the tables of the rows.
  expect(names).not.toContain('sale');
  expect(names).toEqual(
    expect.arrayContaining([
      'sale_raw',
      'sale_latest',
      'kitchen_sink_v2_latest',
      'customers',
      'sale_customers',
    ]),
  );
});

test.each([
  ['sale_raw', 'raw', 's3://lake/sale/raw/', 's3://lake/sale/raw/dt=${dt}/hour=${hour}/'],
  [
    'sale_customers',
    'result',
    's3://lake/results/sale_customers/symlinks/',
    's3://lake/results/sale_customers/symlinks/dt=${dt}/',
  ],
])('the days of %s follow from their place', (name, kind, location, template) => {
  expect(table(name)).toMatchObject({
    kind,
    tableInput: {
      parameters: {
        'projection.enabled': 'true',
        'projection.dt.range': '2024-01-01,NOW',
        'storage.location.template': template,
      },
      storageDescriptor: { location },
    },
  });
  expect(table(name).tableInput.partitionKeys[0]).toMatchObject({ name: 'dt', type: 'string' });
});

test('lists of files are read as such, Parquet in their place by itself', () => {
  const format = (name: string): string =>
    table(name).tableInput.storageDescriptor.inputFormat!.split('.').at(-1)!;
  expect(['sale_customers', 'sale_raw', 'customers'].map(format)).toEqual([
    'SymlinkTextInputFormat',
    'MapredParquetInputFormat',
    'MapredParquetInputFormat',
  ]);
});

test('a view is stored as Athena stores one', () => {
  const { tableInput, sql } = table('kitchen_sink_v2_latest');
  const [, text] = /^\/\* Presto View: (.*) \*\/$/.exec(tableInput.viewOriginalText!)!;
  const stored = JSON.parse(Buffer.from(text!, 'base64').toString()) as {
    readonly columns: readonly { readonly name: string; readonly type: string }[];
  };
  expect(stored).toMatchObject({
    originalSql: sql,
    catalog: 'awsdatacatalog',
    schema: 'sluice_dev',
  });
  expect(
    stored.columns.map(({ name, type }, index) => [
      name,
      tableInput.storageDescriptor.columns[index]?.type,
      type,
    ]),
  ).toEqual([
    ['key_id', 'bigint', 'bigint'],
    // Of an Iceberg table Athena reads microseconds.
    ['at', 'timestamp', 'timestamp(6)'],
    ['second', 'timestamp', 'timestamp(6)'],
    ['day', 'date', 'date'],
    ['price', 'decimal(12,2)', 'decimal(12,2)'],
    ['ratio', 'double', 'double'],
    ['count', 'bigint', 'bigint'],
    ['ok', 'boolean', 'boolean'],
    ['code', 'string', 'varchar'],
    ['state', 'string', 'varchar'],
    ['tags', 'array<string>', 'array(varchar)'],
    ['numbers', 'array<bigint>', 'array(bigint)'],
    ['lines', 'string', 'varchar'],
    ['mixed', 'string', 'varchar'],
    ['free', 'string', 'varchar'],
    ['place_city', 'string', 'varchar'],
    ['event_id', 'string', 'varchar'],
    ['ingested_at', 'timestamp', 'timestamp(6)'],
    ['unmapped', 'string', 'varchar'],
    ['dt', 'string', 'varchar'],
  ]);
  expect(tableInput).toMatchObject({
    tableType: 'VIRTUAL_VIEW',
    parameters: { presto_view: 'true' },
  });
});

test('texts outside ASCII come through the encoding of a view', () => {
  const { tableInput } = catalogTables({
    eventTypes: [{ ...kitchenSink, description: 'ä' }],
    references: [],
    joins: [],
    bucket: 'b',
    database: 'ключ',
  }).find(({ kind }) => kind === 'latest')!;
  const [, text] = /: (.*) \*/.exec(tableInput.viewOriginalText!)!;
  expect(JSON.parse(Buffer.from(text!, 'base64').toString())).toMatchObject({ schema: 'ключ' });
});

test('an hour of the event is no partition of its raw table', () => {
  const eventType = defineEvent({
    name: 'visit',
    version: '1.0.0',
    key: 'event_id',
    schema: { type: 'object', properties: { hour: { type: 'integer' } } },
  });
  const [raw] = catalogTables({
    eventTypes: [eventType],
    references: [],
    joins: [],
    bucket: 'b',
    database: 'd',
  });
  expect(raw?.tableInput.partitionKeys.map(({ name }) => name)).toEqual(['dt']);
  expect(raw?.tableInput.parameters['storage.location.template']).toBe(
    's3://b/visit/raw/dt=${dt}/',
  );
});

describe('the names of a catalog', () => {
  const visit = defineEvent({
    name: 'visit',
    version: '1.0.0',
    key: 'event_id',
    schema: { type: 'object', properties: { page: { type: 'string' } } },
  });
  const named = (name: string) => defineReference({ name, schema: visit.schema });
  const pages = named('pages');
  const joined = (name: string) =>
    defineJoin({
      name,
      left: visit,
      right: pages,
      on: { left: 'page', right: 'page' },
      type: 'left',
      columns: { right: [] },
    });
  const whole = {
    eventTypes: [visit],
    references: [pages],
    joins: [joined('visit_pages')],
    queries: lakeQueries([visit], []),
  };

  test('are taken together', () => {
    expect(() => checkCatalog(whole)).not.toThrow();
    expect(() => checkCatalog(shop)).not.toThrow();
  });

  test.each([
    [
      'a reference table and a view',
      { references: [pages, named('visit_latest')] },
      'reference table "visit_latest", at /name: its table "visit_latest" is also that of the event type "visit"',
    ],
    [
      'a join and a reference table',
      { joins: [joined('pages')] },
      'join "pages", at /name: its table "pages" is also that of the reference table "pages"',
    ],
    [
      'two event types',
      { eventTypes: [visit, { ...visit, name: 'visit_raw' }] },
      'event type "visit_raw", at /name: its table "visit_raw" is also that of the event type "visit"',
    ],
    [
      'two queries',
      { queries: lakeQueries([visit], lakeQueries([visit], [])) },
      'query "visit_by_key", at /name: its query "visit_by_key"',
    ],
    [
      'a join of an event type that is not served',
      { eventTypes: [] },
      'join "visit_pages", at /left: "visit" is not among what is served',
    ],
    [
      'a join with a reference table that is not served',
      { references: [] },
      'join "visit_pages", at /right: "pages" is not among what is served',
    ],
  ])('refuse %s', (_, change, message) => {
    expect(() => checkCatalog({ ...whole, ...change })).toThrow(message);
  });
});
