import type { Table } from 'apache-arrow';
import { parquetReadObjects, parquetMetadata } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { createRowTableBuilder } from '@sluice/columns';
import { streamParquet, writeParquet, type ParquetLayout } from '.';

const layout: ParquetLayout = { codec: 'zstd', rowGroupRows: 1_000, statistics: 'all' };

const builder = createRowTableBuilder([
  { name: 'id', type: { kind: 'bigint' } },
  { name: 'name', type: { kind: 'string' } },
]);

function tableOf(from: number, rows: number): Table {
  for (let id = from; id < from + rows; id++)
    builder.append({ id, name: id % 7 ? `n${id}` : null });
  return builder.finish();
}

async function written(tables: readonly Table[]): Promise<ArrayBuffer> {
  const chunks: Uint8Array[] = [];
  const stream = async function* (): AsyncGenerator<Table> {
    for (const table of tables) yield await Promise.resolve(table);
  };
  for await (const chunk of streamParquet(stream(), layout)) chunks.push(chunk);
  return Uint8Array.from(Buffer.concat(chunks)).buffer;
}

const rowsOf = (file: ArrayBuffer) => parquetReadObjects({ file, compressors });

describe('a file written as a stream', () => {
  test('has the rows of all tables in their order, in row groups that tables do not cut', async () => {
    const file = await written([tableOf(0, 700), tableOf(700, 1_600), tableOf(2_300, 1)]);
    const groups = parquetMetadata(file).row_groups.map(({ num_rows: rows }) => Number(rows));
    expect(groups).toEqual([1_000, 1_000, 301]);
    const whole = writeParquet(tableOf(0, 2_301), layout).bytes;
    expect(await rowsOf(file)).toEqual(await rowsOf(Uint8Array.from(whole).buffer));
  });

  test('has the columns also where there are no rows', async () => {
    const file = await written([tableOf(0, 0)]);
    expect(await rowsOf(file)).toEqual([]);
    expect(
      parquetMetadata(file)
        .schema.map(({ name }) => name)
        .slice(1),
    ).toEqual(['id', 'name']);
  });

  test.each([0, 1, 2])('passes on what fails after %d tables', async (count) => {
    const failing = async function* (): AsyncGenerator<Table> {
      for (let made = 0; made < count; made++) yield await Promise.resolve(tableOf(0, 2_000));
      throw new RangeError('the source broke');
    };
    const read = async (): Promise<void> => {
      for await (const chunk of streamParquet(failing(), layout)) expect(chunk).toBeDefined();
    };
    await expect(read()).rejects.toThrow(RangeError);
  });
});
