import { dateOfKey, type ObjectStore } from '@sluice/lake-layout';

export interface LakeFiles {
  readonly raw: number;
  readonly compacted: number;
}

/** How many Parquet files a table has in the lake; all tables where none is named. */
export async function lakeFiles(lake: ObjectStore, table?: string): Promise<LakeFiles> {
  const files = { raw: 0, compacted: 0 };
  for await (const { key } of lake.list(table === undefined ? '' : `${table}/`)) {
    const kind = key.split('/')[1];
    if (dateOfKey(key) !== undefined && key.endsWith('.parquet'))
      if (kind === 'raw' || kind === 'compacted') files[kind]++;
  }
  return files;
}
