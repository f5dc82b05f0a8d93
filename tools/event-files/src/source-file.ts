import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { JsonTextSplitter } from './json-texts';

/** A file that can't be read as what its name says; the message is for a person. */
export class SourceFileError extends Error {
  override readonly name = 'SourceFileError';
}

/** One candidate event of a file, as it stands there. */
export interface SourceText {
  /** Line of an NDJSON file, or element of a JSON file; the first is 1. */
  readonly position: number;
  readonly text: string;
}

export interface SourceFile {
  readonly path: string;
  /** What `position` counts. */
  readonly unit: 'line' | 'element';
  /** Bytes on disk. */
  readonly totalBytes: number;
  /** Reads the file from its start. @throws {@link SourceFileError} while iterating. */
  texts(options?: { readonly onBytesRead?: (bytes: number) => void }): AsyncIterable<SourceText>;
}

const endings = /\.(json|ndjson|jsonl)(\.gz)?$/i;

/** A longer line is no event (Kinesis takes 1 MiB) and must not fill the memory. */
const maxTextLength = 64 * 1024 * 1024;

/** @throws {@link SourceFileError} where the file is missing, empty or not what its ending says. */
export async function openSourceFile(path: string): Promise<SourceFile> {
  const name = basename(path);
  const [, format, gz] = endings.exec(name) ?? [];
  if (!format)
    throw new SourceFileError(
      `${path} does not end in .json, .ndjson or .jsonl, each also with .gz`,
    );
  const info = await stat(path).catch((error: unknown) => {
    const { code } = error as NodeJS.ErrnoException;
    throw new SourceFileError(
      code === 'ENOENT' ? `there is no file ${path}` : `${path} can't be read: ${String(code)}`,
    );
  });
  if (!info.isFile()) throw new SourceFileError(`${path} is not a file`);
  if (info.size === 0) throw new SourceFileError(`${path} is empty`);
  const zipped = gz !== undefined;
  const isGzip = await startsWithGzipMagic(path);
  if (zipped && !isGzip) throw new SourceFileError(`${path} ends in .gz but is not gzip data`);
  if (!zipped && isGzip)
    throw new SourceFileError(`${path} is gzip data; give it a name that ends in .gz`);

  const isLines = format.toLowerCase() !== 'json';
  return {
    path,
    unit: isLines ? 'line' : 'element',
    totalBytes: info.size,
    texts: ({ onBytesRead } = {}) => {
      const chunks = characters(path, zipped, onBytesRead);
      return isLines ? lines(path, chunks) : elements(path, chunks);
    },
  };
}

async function startsWithGzipMagic(path: string): Promise<boolean> {
  const file = await open(path, 'r').catch((error: unknown) => {
    throw new SourceFileError(
      `${path} can't be read: ${String((error as NodeJS.ErrnoException).code)}`,
    );
  });
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
  } finally {
    await file.close();
  }
}

async function* characters(
  path: string,
  zipped: boolean,
  onBytesRead?: (bytes: number) => void,
): AsyncGenerator<string> {
  const raw = createReadStream(path, { highWaterMark: 256 * 1024 });
  raw.on('data', (chunk) => onBytesRead?.(chunk.length));
  const bytes = zipped ? pipeline(raw, createGunzip(), () => undefined) : raw;
  const decoder = new TextDecoder('utf-8', { fatal: true });
  try {
    for await (const chunk of bytes) yield decoder.decode(chunk as Uint8Array, { stream: true });
    yield decoder.decode();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA')
      throw new SourceFileError(`${path} is not UTF-8 text`);
    throw new SourceFileError(`${path} can't be read to its end: ${message}`);
  } finally {
    raw.destroy();
  }
}

async function* lines(path: string, chunks: AsyncIterable<string>): AsyncGenerator<SourceText> {
  let rest = '';
  let position = 0;
  for await (const chunk of chunks) {
    const parts = (rest + chunk).split('\n');
    rest = parts.pop() ?? '';
    if (rest.length > maxTextLength)
      throw new SourceFileError(
        `${path}: line ${position + parts.length + 1} is longer than 64 MiB; is it one event a line?`,
      );
    for (const part of parts) {
      position++;
      const text = trimLine(part);
      if (text !== '') yield { position, text };
    }
  }
  const text = trimLine(rest);
  if (text !== '') yield { position: position + 1, text };
}

const trimLine = (line: string): string => line.trim();

async function* elements(path: string, chunks: AsyncIterable<string>): AsyncGenerator<SourceText> {
  const found: string[] = [];
  let splitter: JsonTextSplitter | undefined;
  let isArray = false;
  let position = 0;
  const numbered = function* (): Generator<SourceText> {
    for (const text of found.splice(0)) yield { position: ++position, text };
  };
  for await (const chunk of chunks) {
    if (!splitter) {
      const first = chunk.trimStart()[0];
      if (first === undefined) continue;
      if (first !== '[' && first !== '{')
        throw new SourceFileError(`${path} is not JSON: it begins with ${JSON.stringify(first)}`);
      isArray = first === '[';
      splitter = new JsonTextSplitter((text) => found.push(text), {
        elementsOf: isArray ? 'array' : 'stream',
      });
      splitter.write(chunk.trimStart());
    } else splitter.write(chunk);
    yield* numbered();
  }
  if (!splitter) throw new SourceFileError(`${path} holds nothing but white space`);
  const complete = splitter.end();
  if (!complete) {
    // What was cut off is no event; whole ones before it were passed on.
    found.length = 0;
    throw new SourceFileError(
      `${path} ends in the middle of ${isArray ? 'its array' : 'an object'}, after element ${position}`,
    );
  }
  yield* numbered();
}
