import { bytesSource } from './byte-source';
import { readFooter } from './footer';
import { readRows } from './read-rows';
import { differingRows } from './testing/differing-rows';
import { duckdb, duckdbFile } from './testing/duckdb-files';
import { duckValue, parquetToDuck } from './testing/duckdb-values';

/** Query with a column of every type, with nulls, extremes, and enough repetition for dictionaries. */
const everyType = `
  SELECT
    CASE WHEN i % 7 = 0 THEN NULL ELSE (i * 37 % 200 - 100)::TINYINT END AS "tinyint",
    (i * 97)::SMALLINT AS "smallint",
    CASE WHEN i = 3 THEN -2147483648 ELSE i * 1000003 % 2000000000 END::INTEGER AS "integer",
    CASE WHEN i = 3 THEN -9223372036854775808 WHEN i = 4 THEN 9223372036854775807
         ELSE i * 922337203685477 END::BIGINT AS "bigint",
    (i % 256)::UTINYINT AS "utinyint",
    (i * 61)::USMALLINT AS "usmallint",
    CASE WHEN i = 3 THEN 4294967295 ELSE i END::UINTEGER AS "uinteger",
    CASE WHEN i = 3 THEN 18446744073709551615 ELSE i END::UBIGINT AS "ubigint",
    (i * 0.1)::FLOAT AS "float",
    CASE WHEN i = 5 THEN 'infinity'::DOUBLE ELSE i / 3.0 END::DOUBLE AS "double",
    i % 3 = 0 AS "boolean",
    CASE WHEN i % 5 = 0 THEN NULL ELSE 'text ' || (i % 11) || ' é€😀' END AS "varchar",
    repeat('x', i % 40) || i AS "unique_varchar",
    ('\\x' || printf('%02x', i % 256) || '\\xFF')::BLOB AS "blob",
    (i * 1.5)::DECIMAL(4, 1) AS "decimal4",
    (i * -123.45)::DECIMAL(9, 2) AS "decimal9",
    (i * 1234567.891)::DECIMAL(18, 3) AS "decimal18",
    (i::DECIMAL(38, 10) * 12345678901234567890)::DECIMAL(38, 10) AS "decimal38",
    DATE '1899-12-31' + INTERVAL (i * 100) DAY AS "date_as_timestamp",
    (DATE '1899-12-31' + (i * 100)::INTEGER)::DATE AS "date",
    TIME '00:00:00.000001' + INTERVAL (i * 7919) MILLISECOND AS "time",
    TIMESTAMP '1969-12-31 23:59:59.999999' + INTERVAL (i * 86399999) MILLISECOND AS "timestamp",
    (TIMESTAMP '1950-01-01 00:00:00.123' + INTERVAL (i) HOUR)::TIMESTAMP_MS AS "timestamp_ms",
    (TIMESTAMP '2020-01-01 00:00:00' + INTERVAL (i) HOUR)::TIMESTAMP_NS AS "timestamp_ns",
    TIMESTAMPTZ '2020-01-01 00:00:00+02' + INTERVAL (i) HOUR AS "timestamptz",
    INTERVAL (i) MONTH + INTERVAL (i * 2) DAY + INTERVAL (i * 1000) MILLISECOND AS "interval",
    md5(i::VARCHAR)::UUID AS "uuid",
    CASE WHEN i % 4 = 0 THEN NULL ELSE [i, NULL, i + 1][1:i % 4] END AS "list",
    [['a' || i], [], NULL] AS "list_of_lists",
    {'a': i, 'b': {'c': CASE WHEN i % 3 = 0 THEN NULL ELSE 's' || i END}} AS "struct",
    MAP {'k' || (i % 3): i, 'z': NULL} AS "map",
    [{'x': i, 'y': [i]}] AS "list_of_structs"
  FROM range(300) AS t(i)`;

const layouts = [
  'COMPRESSION uncompressed',
  'COMPRESSION snappy, ROW_GROUP_SIZE 128',
  'COMPRESSION gzip',
  'COMPRESSION zstd, ROW_GROUP_SIZE 128',
  'COMPRESSION lz4_raw',
  'COMPRESSION brotli',
  'COMPRESSION snappy, PARQUET_VERSION V2',
  'COMPRESSION zstd, PARQUET_VERSION V2, ROW_GROUP_SIZE 128',
];

it.each(layouts)('reads every type as DuckDB does (%s)', async (layout) => {
  const connection = await duckdb();
  const source = bytesSource(await duckdbFile(connection, everyType, layout));
  const footer = await readFooter(source);
  const found: unknown[][] = [];
  for await (const rows of readRows(source, footer))
    for (const row of rows)
      found.push(row.map((value, index) => parquetToDuck(value, footer.columns[index]!.shape)));
  const expected = await connection.runAndReadAll(everyType);
  const expectedRows = expected.getRows().map((row) => row.map(duckValue));
  expect(expectedRows).toHaveLength(300);
  expect(differingRows(found, expectedRows)).toEqual([]);
});
