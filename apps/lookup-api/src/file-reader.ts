import type { ObjectStore } from '@sluice/lake-layout';
import {
  bytesSource,
  readFooter,
  rowGroupCount,
  rowGroupRange,
  unpackFooter,
  type ByteSource,
  type KeyReadOptions,
  type ParquetFooter,
  type ReadOptions,
} from '@sluice/parquet-reading';
import { versionId, type LakeFile } from './lake-file';
import { LruCache } from './lru-cache';
import { boundColumns } from './moments';
import { openFile, readable, type OpenFile } from './open-file';
import type { RowQuery } from './row-query';

type Store = Pick<ObjectStore, 'get'>;

/** Size in bytes up to which raw files are fetched whole, in one round trip instead of three. */
const wholeFileBytes = 1 << 20;
/** Largest size in bytes of footers and small files that are kept between look-ups. */
const maxCacheBytes = 32 << 20;
/** Size in bytes up to which a row group is read before it is certain that it has a wanted row. */
const maxEarlyBytes = 1 << 20;

/**
 * Reads matching rows of one file after the other, and keeps footers and small raw files between look-ups. They are
 * kept by key and ETag, because Firehose may write a key again after a partial failure.
 */
export class FileReader {
  readonly #footers = new LruCache<ParquetFooter>(maxCacheBytes / 2);
  readonly #rawFiles = new LruCache<Uint8Array>(maxCacheBytes / 2);

  /** Opens a file. @throws UnreadableFileError */
  async open(
    store: Store,
    file: LakeFile,
    query: RowQuery,
    options: KeyReadOptions = {},
  ): Promise<OpenFile> {
    return readable(file, async () => {
      const source = await this.#source(store, file, options);
      const footer = await this.#footer(source, file, query, options);
      return openFile(source, footer, file, query);
    });
  }

  /** Decides whether any of the raw files has to be fetched before it can be read. */
  mustFetch(files: readonly LakeFile[]): boolean {
    return files.some((file) => !this.#rawFiles.get(versionId(file)));
  }

  /**
   * Returns the bytes of a row group of a compacted file whose manifest has its footer; undefined where they are not
   * known without a request, or too many to be read at once.
   */
  groupRange(
    file: LakeFile,
    group: number,
    keyColumn: string,
  ): { readonly start: number; readonly end: number } | undefined {
    const footer = this.#packedFooter(file, keyColumn);
    if (!footer || group >= rowGroupCount(footer)) return undefined;
    const range = rowGroupRange(footer, group);
    return range.end - range.start <= maxEarlyBytes ? range : undefined;
  }

  #packedFooter(file: LakeFile, keyColumn: string): ParquetFooter | undefined {
    const id = footerId(file, keyColumn);
    const known = this.#footers.get(id);
    if (known || file.packedFooter === undefined) return known;
    const footer = unpackFooter(Buffer.from(file.packedFooter, 'base64'), { keyColumn });
    if (footer) this.#footers.set(id, footer, footer.retainedBytes);
    return footer;
  }

  async #source(store: Store, file: LakeFile, { signal }: ReadOptions): Promise<ByteSource> {
    const { key, etag, bytes } = file;
    if (file.footerBytes !== undefined || bytes > wholeFileBytes) return objectSource(store, file);
    const id = versionId(file);
    const known = this.#rawFiles.get(id);
    if (known) return bytesSource(known);
    const object = await store.get(key, { ifMatch: etag, ...(signal && { signal }) });
    this.#rawFiles.set(id, object.bytes, object.bytes.length);
    return bytesSource(object.bytes);
  }

  async #footer(
    source: ByteSource,
    file: LakeFile,
    { keyColumn, eventType }: RowQuery,
    { signal }: ReadOptions,
  ): Promise<ParquetFooter> {
    const known = this.#packedFooter(file, keyColumn.name);
    if (known) return known;
    const { footerBytes, footerCrc32 } = file;
    const footer = await readFooter(source, {
      keyColumn: keyColumn.name,
      boundColumns: boundColumns(eventType),
      ...(signal && { signal }),
      ...(footerBytes !== undefined && { footerBytes }),
      ...(footerCrc32 !== undefined && { footerCrc32 }),
    });
    this.#footers.set(footerId(file, keyColumn.name), footer, footer.retainedBytes);
    return footer;
  }
}

/** Returns the id of a footer in the cache. A footer holds the bounds of one column, so the column is part of it. */
const footerId = (file: LakeFile, keyColumn: string): string => `${keyColumn} ${versionId(file)}`;

const objectSource = (store: Store, { key, etag, bytes }: LakeFile): ByteSource => ({
  bytes,
  async read(range, { signal } = {}) {
    const object = await store.get(key, { range, ifMatch: etag, ...(signal && { signal }) });
    return object.bytes;
  },
});
