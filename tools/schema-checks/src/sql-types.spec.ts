import type { DuckDBConnection } from '@duckdb/node-api';
import { Type } from '@sinclair/typebox';
import {
  catalogTables,
  defineEvent,
  defineReference,
  trinoType,
  tableColumns,
  tableName,
  type ColumnType,
} from '@sluice/event-schema';
import { rawTablePrefix, referencePrefix } from '@sluice/lake-layout';
import { queryRows, SqlLake } from './sql-lake';

const schema = Type.Object({
  id: Type.Integer(),
  text: Type.Optional(Type.String()),
  ratio: Type.Optional(Type.Number()),
  ok: Type.Optional(Type.Boolean()),
  day: Type.Optional(Type.String({ format: 'date' })),
  second: Type.Optional(Type.String({ format: 'date-time', digits: 0 })),
  millis: Type.Optional(Type.String({ format: 'date-time', digits: 3 })),
  micros: Type.Optional(Type.String({ format: 'date-time', digits: 6 })),
  price: Type.Optional(Type.String({ format: 'decimal', precision: 12, scale: 2 })),
  huge: Type.Optional(Type.String({ format: 'decimal', precision: 38, scale: 10 })),
  tags: Type.Optional(Type.Array(Type.String())),
  numbers: Type.Optional(Type.Array(Type.Integer())),
  days: Type.Optional(Type.Array(Type.String({ format: 'date' }))),
  free: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
});
const everyType = defineEvent({ name: 'every_type', version: '1.0.0', key: 'id', schema });
const everyValue = defineReference({ name: 'every_value', key: 'id', schema });

const row = {
  id: 9007199254740991n,
  text: "it's",
  ratio: 0.1,
  ok: true,
  day: '2026-01-31',
  second: '2026-01-31T12:00:00Z',
  millis: '2026-01-31T12:00:00.123Z',
  micros: '2026-01-31T12:00:00.123456Z',
  price: '12.50',
  huge: '1234567890123456789012345678.0123456789',
  tags: ['a', "b'"],
  numbers: [1, 2],
  days: ['2026-01-31'],
  free: { a: [1] },
};
const text = JSON.stringify({ ...row, id: 0 }).replace('"id":0', `"id":${row.id}`);

/** Returns DuckDB's name for a column type, which must be what DuckDB finds in our files. */
function duckDbName(type: ColumnType): string {
  switch (type.kind) {
    case 'array':
      return `${duckDbName(type.items)}[]`;
    case 'decimal':
      return `DECIMAL(${type.precision},${type.scale})`;
    case 'timestamp':
      return 'TIMESTAMP';
    case 'string':
    case 'json':
      return 'VARCHAR';
    default:
      return type.kind.toUpperCase();
  }
}

describe('a column of every type, in SQL', () => {
  const lake = new SqlLake({ eventTypes: [everyType], references: [everyValue], joins: [] });
  let duckdb: DuckDBConnection;

  beforeAll(async () => {
    lake.addEvents(everyType, '2026-01-31', [text]);
    lake.putReference(everyValue, [row]);
    duckdb = await lake.open();
  });
  afterAll(() => {
    duckdb.closeSync();
    lake.close();
  });

  test('has the type in the files that the catalog says', async () => {
    const described = await queryRows(duckdb, 'DESCRIBE every_type');
    const found = described.map((column) => [
      column['column_name'],
      // Milliseconds and microseconds are one type in Glue.
      String(column['column_type']).replace('TIMESTAMP_MS', 'TIMESTAMP'),
    ]);
    expect(found).toEqual([
      ...tableColumns(everyType).map(({ name, type }) => [name, duckDbName(type)]),
      ['dt', 'VARCHAR'],
    ]);
  });

  test('can be cast to what Trino calls it, without a change', async () => {
    const casts = tableColumns(everyType)
      // DuckDB has no other name for an array than its own.
      .filter(({ type }) => type.kind !== 'array')
      .map(({ name, type }) =>
        type.kind === 'timestamp'
          ? `CAST("${name}" AS ${trinoType(type)}) = date_trunc('millisecond', "${name}")`
          : `CAST("${name}" AS ${trinoType(type)}) IS NOT DISTINCT FROM "${name}"`,
      );
    const [same] = await queryRows(
      duckdb,
      `SELECT ${casts.join(' AND ')} AS "same" FROM every_type`,
    );
    expect(same).toEqual({ same: true });
  });

  test('has its value, in an event and in a reference table', async () => {
    const values = {
      id: String(row.id),
      text: row.text,
      ratio: row.ratio,
      ok: row.ok,
      day: row.day,
      second: '2026-01-31 12:00:00',
      millis: '2026-01-31 12:00:00.123',
      micros: '2026-01-31 12:00:00.123456',
      price: row.price,
      huge: row.huge,
      tags: row.tags,
      numbers: ['1', '2'],
      days: row.days,
      free: '{"a":[1]}',
    };
    expect(await queryRows(duckdb, 'SELECT * FROM every_value')).toEqual([values]);
    expect(await queryRows(duckdb, 'SELECT * FROM every_type')).toEqual([
      expect.objectContaining({ ...values, dt: '2026-01-31', unmapped: null }),
    ]);
  });

  test('has one name in Glue, in the raw files and in the view', () => {
    const [raw, latest] = catalogTables({
      eventTypes: [everyType],
      references: [],
      joins: [],
      bucket: 'lake',
      database: 'd',
    });
    const named = (table: typeof raw): readonly string[] =>
      (table?.tableInput.storageDescriptor.columns ?? []).map(
        ({ name, type }) => `${name} ${type}`,
      );
    expect(named(latest)).toEqual([...named(raw), 'dt string']);
  });
});

// The model makes the tables and does not know the lake's layout, which builds on it.
test('tables lie where the layout of the lake has their objects', () => {
  const table = tableName(everyType);
  const tables = catalogTables({
    eventTypes: [everyType],
    references: [defineReference({ name: 'players', key: 'id', schema })],
    joins: [],
    bucket: 'lake',
    database: 'd',
  });
  const locations = tables.flatMap(({ tableInput: { storageDescriptor } }) =>
    storageDescriptor.location === undefined ? [] : [storageDescriptor.location],
  );
  expect(locations).toEqual(
    [rawTablePrefix(table), referencePrefix('players')].map((prefix) => `s3://lake/${prefix}`),
  );
});
