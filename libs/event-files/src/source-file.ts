import { basename } from 'node:path';
import { JsonTextSplitter } from './json-texts';
import { openTextFile, SourceFileError, type ReadOptions } from './text-file';
import type { TextPlace } from './text-place';

/** One candidate event of a file, as it stands there; `line` and `column` are of its first character. */
export interface SourceText extends TextPlace {
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
  texts(options?: ReadOptions): AsyncIterable<SourceText>;
}

const endings = /\.(json|ndjson|jsonl)(\.gz)?$/i;

/** A longer line is no event (Kinesis takes 1 MiB) and must not fill the memory. */
const maxTextLength = 64 * 1024 * 1024;

/**
 * @param options.mayBeEmpty a file without a byte then has no texts
 * @throws {@link SourceFileError} where the file is missing, empty or not what its ending says.
 */
export async function openSourceFile(
  path: string,
  { mayBeEmpty = false }: { readonly mayBeEmpty?: boolean } = {},
): Promise<SourceFile> {
  const [, format] = endings.exec(basename(path)) ?? [];
  if (!format)
    throw new SourceFileError(
      `${path} does not end in .json, .ndjson or .jsonl, each also with .gz`,
    );
  const file = await openTextFile(path);
  if (file.totalBytes === 0 && !mayBeEmpty) throw new SourceFileError(`${path} is empty`);
  const isLines = format.toLowerCase() !== 'json';
  return {
    path,
    unit: isLines ? 'line' : 'element',
    totalBytes: file.totalBytes,
    texts: (options) => {
      const chunks = file.chunks(options);
      return isLines ? lines(path, chunks) : elements(path, chunks, mayBeEmpty);
    },
  };
}

async function* lines(path: string, chunks: AsyncIterable<string>): AsyncGenerator<SourceText> {
  let rest = '';
  let position = 0;
  for await (const chunk of chunks) {
    const parts = splitLines(rest + chunk);
    rest = parts.pop() ?? '';
    if (rest.length > maxTextLength)
      throw new SourceFileError(
        `${path}: line ${position + parts.length + 1} is longer than 64 MiB; is it one event a line?`,
      );
    for (const part of parts) yield* textOfLine(part, ++position);
  }
  for (const part of splitLines(`${rest}\n`)) yield* textOfLine(part, ++position);
}

/** Lines that end with LF, CRLF or a CR alone (no JSON text can hold one). A CR at the end may have its LF to come. */
function splitLines(text: string): string[] {
  if (!text.includes('\r')) return text.split('\n');
  const parts = text.split(/\r\n|\n|\r(?!$)/);
  return parts;
}

function* textOfLine(line: string, position: number): Generator<SourceText> {
  const text = line.trim();
  if (text !== '')
    yield { position, text, line: position, column: 1 + line.length - line.trimStart().length };
}

async function* elements(
  path: string,
  chunks: AsyncIterable<string>,
  mayBeEmpty: boolean,
): AsyncGenerator<SourceText> {
  const found: Omit<SourceText, 'position'>[] = [];
  let splitter: JsonTextSplitter | undefined;
  let isArray = false;
  let blank = '';
  let position = 0;
  const numbered = function* (): Generator<SourceText> {
    for (const text of found.splice(0)) yield { position: ++position, ...text };
  };
  for await (const chunk of chunks) {
    if (!splitter) {
      const first = chunk.trimStart()[0];
      if (first === undefined) {
        blank += chunk;
        continue;
      }
      if (first !== '[' && first !== '{')
        throw new SourceFileError(`${path} is not JSON: it begins with ${JSON.stringify(first)}`);
      isArray = first === '[';
      splitter = new JsonTextSplitter((text, start) => found.push({ text, ...start }), {
        elementsOf: isArray ? 'array' : 'stream',
      });
      splitter.write(blank + chunk);
    } else splitter.write(chunk);
    yield* numbered();
  }
  if (!splitter && mayBeEmpty) return;
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
