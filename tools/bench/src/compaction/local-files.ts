import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GetOptions, StoredObject } from '@sluice/lake-layout';
import { FolderObjectStore } from '@sluice/lake-layout/folder';

/**
 * An object store over a folder whose Parquet files nothing changes. They are read synchronously and without checking
 * their version, as DuckDB reads local files, because passing a small file to another thread and back takes several
 * times as long as reading it.
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
