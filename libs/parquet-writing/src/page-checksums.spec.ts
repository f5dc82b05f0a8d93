import { isDeepStrictEqual } from 'node:util';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { bytesSource, readFooter, readRows } from '@sluice/parquet-reading';
import { createRowTableBuilder } from '@sluice/columns';
import { rawLayout, writeParquet, type ParquetLayout } from '.';

const layouts: Readonly<Record<string, ParquetLayout>> = {
  raw: rawLayout,
  compacted: { codec: 'zstd', rowGroupRows: 30, statistics: ['id'], plain: ['id'] },
  uncompressed: { codec: 'uncompressed', rowGroupRows: 1_000, statistics: 'all' },
};

function table(rows: number) {
  const builder = createRowTableBuilder([
    { name: 'id', type: { kind: 'bigint' } },
    { name: 'name', type: { kind: 'string' } },
    { name: 'tags', type: { kind: 'array', items: { kind: 'string' } } },
    { name: 'none', type: { kind: 'double' } },
  ]);
  for (let id = 0; id < rows; id++)
    builder.append({ id, name: id % 3 ? `name ${id % 50}` : null, tags: [`t${id}`, 'x'] });
  return builder.finish();
}

async function rowsOf(bytes: Uint8Array): Promise<readonly (readonly unknown[])[]> {
  const source = bytesSource(bytes);
  const rows: (readonly unknown[])[] = [];
  for await (const batch of readRows(source, await readFooter(source))) rows.push(...batch);
  return rows;
}

describe.each(Object.entries(layouts))('a file written in the layout %s', (_, layout) => {
  test.each([0, 1, 21_000])('of %d rows is read by other readers as before', async (rows) => {
    const { bytes } = writeParquet(table(rows), layout);
    const file = Uint8Array.from(bytes).buffer;
    const found = await parquetReadObjects({ file, compressors });
    expect(found).toHaveLength(rows);
    expect(found.at(-1)).toEqual(
      rows === 0
        ? undefined
        : {
            id: BigInt(rows - 1),
            name: (rows - 1) % 3 ? `name ${(rows - 1) % 50}` : null,
            tags: [`t${rows - 1}`, 'x'],
            none: null,
          },
    );
    expect(parquetMetadata(file).num_rows).toBe(BigInt(rows));
    expect(await rowsOf(bytes)).toHaveLength(rows);
  });

  test('never gives another value where a bit of a page flips', async () => {
    const { bytes, footerBytes } = writeParquet(table(40), layout);
    const expected = await rowsOf(bytes);
    let refused = 0;
    for (let at = 4; at < bytes.length - footerBytes; at++) {
      const flipped = bytes.slice();
      flipped[at]! ^= 1 << (at % 8);
      const found = await rowsOf(flipped).catch(() => undefined);
      if (!found) refused++;
      // Jest's matcher takes much longer to say that two values are equal.
      else if (!isDeepStrictEqual(found, expected)) expect(found).toEqual(expected);
    }
    expect(refused).toBeGreaterThan((bytes.length - footerBytes) * 0.7);
  });
});
