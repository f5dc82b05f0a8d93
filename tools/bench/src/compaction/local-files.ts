import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GetOptions, StoredObject } from '@sluice/lake-layout';
import { FolderObjectStore } from '@sluice/lake-layout/folder';

/**
 * A folder whose Parquet files nobody changes meanwhile: they are read at once and with no check of their version, as
 * DuckDB reads local files. To hand a small file to another thread and back takes several times as long as to read it.
 */
export class LocalFiles extends FolderObjectStore {
  constructor(private readonly root: string) {
    super(root);
  }

  override async get(key: string, options: GetOptions = {}): Promise<StoredObject> {
    if (options.range || !key.endsWith('.parquet')) return super.get(key, options);
    const bytes = readFileSync(join(this.root, key));
    return { bytes, etag: options.ifMatch ?? '', totalBytes: bytes.length };
  }
}
