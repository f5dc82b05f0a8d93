import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { formatBytes, formatOfBytes } from './file-format';
import { TextPosition, type TextLocation } from './text-location';

/** Error for a file that can't be read as its name promises; the message is meant for a person. */
export class SourceFileError extends Error {
  override readonly name = 'SourceFileError';
}

/** A file of UTF-8 text, plain or compressed with gzip. */
export interface TextFile {
  readonly path: string;
  /** Size of the file on disk, in bytes. */
  readonly totalBytes: number;
  /**
   * Reads the file from its start, without its byte order mark.
   *
   * @throws {@link SourceFileError} while iterating, with line and column where the text is not UTF-8
   */
  chunks(options?: ReadOptions): AsyncIterable<string>;
}

export interface ReadOptions {
  /** Called with the number of bytes that were read from the disk since the last call. */
  readonly onBytesRead?: ((bytes: number) => void) | undefined;
}

/**
 * Opens a text file.
 *
 * @throws {@link SourceFileError} where the file is missing, or its name does not say correctly whether it is gzip
 * data
 */
export async function openTextFile(path: string): Promise<TextFile> {
  const totalBytes = await fileBytes(path);
  const start = await firstBytes(path);
  const zipped = /\.gz$/i.test(path);
  const isGzip = start[0] === 0x1f && start[1] === 0x8b;
  if (zipped && !isGzip) throw new SourceFileError(`${path} ends in .gz but is not gzip data`);
  if (!zipped && isGzip)
    throw new SourceFileError(`${path} is gzip data; give it a name that ends in .gz`);
  return { path, totalBytes, chunks: (options = {}) => textChunks(path, zipped, options) };
}

/** Returns the size of a file in bytes. @throws {@link SourceFileError} where there is no such file */
async function fileBytes(path: string): Promise<number> {
  const info = await stat(path).catch((error: unknown) => {
    const { code } = error as NodeJS.ErrnoException;
    throw new SourceFileError(
      code === 'ENOENT' ? `there is no file ${path}` : `${path} can't be read: ${String(code)}`,
    );
  });
  if (!info.isFile()) throw new SourceFileError(`${path} is not a file`);
  return info.size;
}

async function firstBytes(path: string): Promise<Uint8Array> {
  const file = await open(path, 'r').catch((error: unknown) => {
    throw new SourceFileError(
      `${path} can't be read: ${String((error as NodeJS.ErrnoException).code)}`,
    );
  });
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

const chunkBytes = 256 * 1024;

async function* byteChunks(
  path: string,
  zipped: boolean,
  { onBytesRead }: ReadOptions,
): AsyncGenerator<Buffer> {
  const raw = createReadStream(path, { highWaterMark: chunkBytes });
  raw.on('data', (chunk) => onBytesRead?.(chunk.length));
  const bytes = zipped
    ? pipeline(raw, createGunzip({ chunkSize: chunkBytes }), () => undefined)
    : raw;
  try {
    for await (const chunk of bytes) yield chunk as Buffer;
  } catch (error) {
    throw new SourceFileError(`${path} can't be read to its end: ${(error as Error).message}`);
  } finally {
    raw.destroy();
  }
}

async function* textChunks(
  path: string,
  zipped: boolean,
  options: ReadOptions,
): AsyncGenerator<string> {
  let rest: Uint8Array = new Uint8Array();
  let offset = 0;
  for await (const chunk of byteChunks(path, zipped, options)) {
    const bytes = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
    const isFirst = offset === 0;
    const format = isFirst ? formatOfBytes(bytes.subarray(0, formatBytes)) : undefined;
    if (format !== undefined) throw new SourceFileError(`${path} is ${format}`);
    const whole = bytes.subarray(0, bytes.length - unfinishedBytes(bytes));
    if (!isUtf8(whole)) throw await encodingError(path, zipped, offset + invalidOffset(whole));
    rest = Uint8Array.from(bytes.subarray(whole.length));
    offset += whole.length;
    const text = whole.toString('utf8', isFirst ? byteOrderMarkBytes(whole) : 0);
    if (text !== '') yield text;
  }
  if (rest.length > 0) throw await encodingError(path, zipped, offset);
}

const byteOrderMarkBytes = (bytes: Uint8Array): number =>
  bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;

/** Counts the bytes at the end that are the incomplete beginning of a character (RFC 3629, section 3). */
function unfinishedBytes(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte >= 0xc0) return back < (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) ? back : 0;
    if (byte < 0x80) return 0;
  }
  return 0;
}

/** Finds the first offset at which decoding and encoding does not give the same bytes. */
function invalidOffset(bytes: Buffer): number {
  const again = Buffer.from(bytes.toString('utf8'));
  let at = 0;
  while (bytes[at] === again[at]) at++;
  return at;
}

async function encodingError(
  path: string,
  zipped: boolean,
  offset: number,
): Promise<SourceFileError> {
  const { line, column } = await locationOfByte(path, zipped, offset);
  return new SourceFileError(
    `${path}, line ${line}, column ${column}: it is not UTF-8 text from there on; save it as UTF-8`,
  );
}

/** Finds the location of a byte by reading the file again, which is only done for a message. */
async function locationOfByte(
  path: string,
  zipped: boolean,
  offset: number,
): Promise<TextLocation> {
  const position = new TextPosition();
  const decoder = new TextDecoder();
  let left = offset;
  for await (const chunk of byteChunks(path, zipped, {})) {
    position.advance(decoder.decode(chunk.subarray(0, left), { stream: true }));
    left -= chunk.length;
    if (left <= 0) break;
  }
  return position.place;
}
