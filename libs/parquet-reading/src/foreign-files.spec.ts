import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bytesSource } from './byte-source';
import { readFooter } from './footer';
import { readColumns } from './read-rows';
import { differingRows } from './testing/differing-rows';
import { duckdb } from './testing/duckdb-files';
import { duckValue, parquetToDuck } from './testing/duckdb-values';
import { sharedDataFolder } from './testing/shared-data';

// Files of other writers lie beside the repository, for their licences; a clone without them skips these.
const folder = sharedDataFolder('parquet');
const files = folder ? readdirSync(folder).filter((name) => name.endsWith('.parquet')) : [];
const withFiles = folder ? describe : describe.skip;

withFiles('a file of another writer has the values that DuckDB reads', () => {
  it.each(folder ? files : ['none'])('%s', async (name) => {
    const path = join(folder ?? '', name);
    const source = bytesSource(readFileSync(path));
    const footer = await readFooter(source);
    const rows: (readonly unknown[])[] = [];
    // A batch ends within a page, and a page within a batch.
    for await (const batch of readColumns(source, footer, { batchRows: 1_000 }))
      for (let row = 0; row < batch.rows; row++)
        rows.push(batch.columns.map((values) => values[row]));

    const result = await (
      await duckdb()
    ).runAndReadAll(
      `SELECT * FROM read_parquet('${path.replaceAll("'", "''")}', binary_as_string = false)`,
    );
    expect(footer.columns.map(({ name }) => name)).toEqual(result.columnNames());
    const expected = result.getRows().map((row) => row.map(duckValue));
    const found = rows.map((row) =>
      row.map((value, index) => parquetToDuck(value as never, footer.columns[index]!.shape)),
    );
    expect(differingRows(found, expected)).toEqual([]);
  });
});
