import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Draft4 from 'ajv-draft-04';
import {
  batchRequestModel,
  bindQuery,
  type BoundQuery,
  checkCatalog,
  dataDictionary,
  joinQuery,
  joinReportQuery,
  latestView,
  requestModel,
} from '@sluice/event-schema';
import { DuckDbCatalog, trinoFaults } from '@sluice/event-schema/testing';
import { shippedCatalog, sourceOf } from './shipped-catalog';

const { eventTypes, references, joins, queries } = shippedCatalog;
const root = join(__dirname, '../../..');

test('the names of all that ships go together', () => {
  expect(() => checkCatalog(shippedCatalog)).not.toThrow();
});

test('docs/data-dictionary.md describes all that ships', () => {
  // Written anew by `npx nx run event-types:docs`.
  expect(readFileSync(join(root, 'docs/data-dictionary.md'), 'utf8')).toBe(
    dataDictionary(shippedCatalog),
  );
});

test.each(
  [...eventTypes, ...references].map((definition) => [sourceOf(definition), definition.name]),
)('%s defines %s', (file, name) => {
  expect(existsSync(join(root, file))).toBe(true);
  expect(readFileSync(join(root, file), 'utf8')).toContain(`name: '${name}'`);
});

test.each(eventTypes.map((eventType) => [eventType.name, eventType] as const))(
  'the request models of %s are valid schemas of draft 4',
  (_, eventType) => {
    // Strict mode and draft 4's meta schema refuse a keyword that draft 4 does not have.
    const ajv = new Draft4({ allowUnionTypes: true });
    expect(ajv.validateSchema(requestModel(eventType))).toBe(true);
    ajv.compile(requestModel(eventType));
    ajv.compile(batchRequestModel(eventType));
  },
);

describe('SQL', () => {
  let lake: DuckDbCatalog;
  beforeAll(async () => {
    lake = await DuckDbCatalog.create(shippedCatalog);
  });
  afterAll(() => lake.close());

  const examples = {
    string: 'x',
    integer: 1,
    number: 0.5,
    boolean: true,
    date: '2026-01-01',
    timestamp: '2026-01-01T00:00:00Z',
  };

  test.each(queries.map((query) => [query.name, query] as const))(
    'of the query %s parses as Trino and runs on DuckDB',
    async (_, query) => {
      const values = Object.fromEntries(
        Object.entries(query.parameters).map(([name, { type }]) => [name, examples[type]]),
      );
      const bound = bindQuery(query, values) as BoundQuery;
      expect(trinoFaults(bound.sql)).toEqual([]);
      expect(await lake.rows(bound.sql, bound.values)).toEqual([]);
    },
  );

  test('of views and joins parses as Trino, and the joins run on DuckDB', async () => {
    for (const type of eventTypes) expect(trinoFaults(latestView(type))).toEqual([]);
    for (const sql of joins.flatMap((one) => [joinQuery(one), joinReportQuery(one)])) {
      expect(trinoFaults(sql)).toEqual([]);
      await lake.rows(sql, ['2026-01-01']);
    }
  });
});
