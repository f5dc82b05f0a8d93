import { rawTablePrefix, type ObjectStore } from '@sluice/lake-layout';

/** How many files a table has in the lake. */
export async function lakeFiles(
  lake: ObjectStore,
  table: string,
): Promise<{ readonly raw: number; readonly compacted: number }> {
  const count = async (prefix: string): Promise<number> => {
    let files = 0;
    for await (const { key } of lake.list(prefix)) if (key.endsWith('.parquet')) files++;
    return files;
  };
  const [raw, compacted] = await Promise.all([
    count(rawTablePrefix(table)),
    count(`${table}/compacted/`),
  ]);
  return { raw, compacted };
}
