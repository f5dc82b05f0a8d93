import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { defineEvent, type EventType, type JsonSchema } from '@sluice/event-schema';
import { readParquetTable } from './read-parquet';
import { RowSet } from './row-set';
import { withJsonMembers } from '@sluice/values';

const eventType = (properties: Readonly<Record<string, JsonSchema>>): EventType =>
  defineEvent({
    name: 'evt',
    version: '1.0.0',
    key: 'id',
    schema: {
      type: 'object',
      required: ['id'],
      properties: { id: { type: 'string' }, ...properties },
    },
  });

/** Returns the rows of a file from DuckDB as compaction stores them. */
async function compacted(select: string, definition: EventType): Promise<readonly object[]> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-unnamed-'));
  try {
    const connection = await (await DuckDBInstance.create()).connect();
    const file = join(folder, 'f.parquet');
    await connection.run(`COPY (${select}) TO '${file}' (FORMAT parquet)`);
    const rows = new RowSet(definition);
    rows.append(readParquetTable(readFileSync(file)));
    return rows
      .take(rows.sortedOrder())
      .toArray()
      .map((row) => (row as { toJSON(): object }).toJSON());
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('values of a column that the definition no longer has stay in unmapped, beside what was there', async () => {
  const rows = await compacted(
    `SELECT * FROM (VALUES ('a', 'e1', 'kept', '{"x":1.10}'), ('b', 'e2', NULL, '{"x":2}'), ('c', 'e3', 'too', NULL))
       AS t(id, event_id, gone, unmapped)`,
    eventType({}),
  );
  expect(rows).toMatchObject([
    { id: 'a', unmapped: '{"x":1.10,"gone":"kept"}' },
    { id: 'b', unmapped: '{"x":2}' },
    { id: 'c', unmapped: '{"gone":"too"}' },
  ]);
});

test('values of a column whose type is another now stay in unmapped, and the column is null', async () => {
  const rows = await compacted(
    `SELECT 'a' AS id, 'e1' AS event_id, 'abc' AS w, 9007199254740993::BIGINT AS v`,
    eventType({ w: { type: 'integer' }, v: { type: 'boolean' } }),
  );
  expect(rows).toMatchObject([{ w: null, v: null, unmapped: '{"w":"abc","v":9007199254740993}' }]);
});

test('values of every type have their digits', async () => {
  const [row] = await compacted(
    `SELECT 'a' AS id, 'e1' AS event_id, 0.1::DOUBLE AS d, 'NaN'::DOUBLE AS n, 12345678901234567.89::DECIMAL(38,2) AS dec,
       true AS b, DATE '2026-01-31' AS day, TIMESTAMP '2026-01-31 12:00:00.120' AS at, TIMESTAMP '2026-01-31 00:00:00' AS midnight,
       [1, NULL, 3] AS list, 'x'::BLOB AS bytes, '\\xFF'::BLOB AS binary, {'n': 9007199254740993::BIGINT} AS struct`,
    eventType({}),
  );
  const { unmapped } = row as { readonly unmapped: string };
  expect(unmapped).toBe(
    '{"d":0.1,"n":"NaN","dec":12345678901234567.89,"b":true,"day":"2026-01-31","at":"2026-01-31T12:00:00.12Z",' +
      '"midnight":"2026-01-31T00:00:00Z","list":[1,null,3],"bytes":"x","binary":"/w==","struct":{"n":9007199254740993}}',
  );
});

test('a file whose key is of another type is refused', async () => {
  await expect(
    compacted(
      `SELECT true AS n, 'e1' AS event_id`,
      defineEvent({
        name: 'evt',
        version: '1.0.0',
        key: 'n',
        schema: { type: 'object', required: ['n'], properties: { n: { type: 'integer' } } },
      }),
    ),
  ).rejects.toThrow(/column n is Bool and can't be read as bigint/);
});

test('a member that has the name already keeps its value', () => {
  expect(withJsonMembers('{ "a" : 1 }', [{ name: 'a', text: '2' }])).toBe('{"a" : 1,"a_stored":2}');
  expect(withJsonMembers('{}', [{ name: 'a', text: '2' }])).toBe('{"a":2}');
  expect(withJsonMembers(null, [])).toBeNull();
});
