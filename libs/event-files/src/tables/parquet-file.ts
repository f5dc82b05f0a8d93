import { open } from 'node:fs/promises';
import { ParquetError, type ByteSource } from '@sluice/parquet-reading';
import { SourceFileError, type ReadOptions } from '../text-file';

/** A Parquet file on disk, open until it is closed. */
export interface OpenParquetFile {
  readonly source: ByteSource;
  close(): Promise<void>;
}

/** Opens a file for a reader of Parquet. @throws {@link SourceFileError} where there is no file that can be read */
export async function openParquetFile(
  path: string,
  { onBytesRead }: ReadOptions = {},
): Promise<OpenParquetFile> {
  const handle = await open(path, 'r').catch((error: unknown) => {
    const { code } = error as NodeJS.ErrnoException;
    throw new SourceFileError(
      code === 'ENOENT' ? `there is no file ${path}` : `${path} can't be read: ${String(code)}`,
    );
  });
  const info = await handle.stat();
  if (!info.isFile()) {
    await handle.close();
    throw new SourceFileError(`${path} is not a file`);
  }
  const source: ByteSource = {
    bytes: info.size,
    read: async ({ start, end }) => {
      const buffer = Buffer.alloc(end - start);
      const { bytesRead } = await handle.read(buffer, 0, end - start, start);
      if (bytesRead < end - start) throw new SourceFileError(`${path} ends early`);
      onBytesRead?.(bytesRead);
      return buffer;
    },
  };
  return { source, close: () => handle.close() };
}

/**
 * Reads something of a Parquet file, such as its footer.
 *
 * @throws {@link SourceFileError} where it can't be read, or is not Parquet
 */
export async function readParquetFile<T>(
  path: string,
  read: (source: ByteSource) => Promise<T>,
): Promise<T> {
  const file = await openParquetFile(path);
  try {
    return await read(file.source);
  } catch (error) {
    if (error instanceof ParquetError) throw new SourceFileError(`${path}: ${error.message}`);
    throw error;
  } finally {
    await file.close();
  }
}
