import { basename } from 'node:path';
import { wrappedEvents } from './file-format';
import { JsonTextSplitter } from './json-texts';
import { openTextFile, SourceFileError, type ReadOptions } from './text-file';
import type { TextLocation } from './text-location';

/** A candidate event of a file, unchanged. `line` and `column` locate its first character. */
export interface SourceText extends TextLocation {
  /** Number of the line in an NDJSON file, or of the element in a JSON file, from 1. */
  readonly position: number;
  readonly text: string;
}

export interface SourceFile {
  readonly path: string;
  /** The things that `position` counts. */
  readonly unit: 'line' | 'element';
  /** Size of the file on disk, in bytes. */
  readonly totalBytes: number;
  /** Reads the file from its start. @throws {@link SourceFileError} while iterating */
  texts(options?: ReadOptions): AsyncIterable<SourceText>;
}

const endings = /\.(json|ndjson|jsonl)(\.gz)?$/i;

/** Longest line in characters. A longer one can't be an event (Kinesis accepts 1 MiB) and must not fill the memory. */
const maxTextLength = 64 * 1024 * 1024;

/**
 * Opens a file of events, compressed or not, without reading all of it.
 *
 * @example
 * import { openSourceFile } from '@sluice/event-files';
 * const file = await openSourceFile('events.ndjson.gz');
 * for await (const { text } of file.texts()) console.log(text);
 *
 * @param options.mayBeEmpty true to accept a file without bytes, which has no texts
 * @throws {@link SourceFileError} where the file is missing, empty or not of the format that its extension names
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
      if (isLines) return refusingWrappers(path, lines(path, chunks), () => false);
      let isArray = false;
      const found = elements(path, chunks, { mayBeEmpty, onArray: () => (isArray = true) });
      return refusingWrappers(path, found, () => isArray);
    },
  };
}

/**
 * Yields the texts of a file, unless it holds a single object in which a program wrapped the events.
 *
 * @param isArray returns whether the texts are elements of an array, in which case each of them is meant as an event;
 * called after the last
 * @throws {@link SourceFileError}
 */
async function* refusingWrappers(
  path: string,
  texts: AsyncIterable<SourceText>,
  isArray: () => boolean,
): AsyncGenerator<SourceText> {
  let only: SourceText | undefined;
  let count = 0;
  for await (const text of texts) {
    if (++count === 1) {
      only = text;
      continue;
    }
    if (only) yield only;
    only = undefined;
    yield text;
  }
  if (!only) return;
  const member = isArray() ? undefined : wrappedEvents(only.text);
  if (member !== undefined)
    throw new SourceFileError(
      `${path} is one object around the events, which are in its ${JSON.stringify(member)}: take them out ` +
        `(jq -c '.[${JSON.stringify(member)}][]' FILE > events.ndjson), or put the object in brackets in a .json file if it is one event`,
    );
  yield only;
}

async function* lines(path: string, chunks: AsyncIterable<string>): AsyncGenerator<SourceText> {
  let rest = '';
  let position = 0;
  let isFirst = true;
  const taken = function* (part: string): Generator<SourceText> {
    for (const one of textOfLine(part, ++position)) {
      if (isFirst) refuseOtherJson(path, one);
      isFirst = false;
      yield one;
    }
  };
  for await (const chunk of chunks) {
    const parts = splitLines(rest + chunk);
    rest = parts.pop() ?? '';
    if (rest.length > maxTextLength)
      throw new SourceFileError(
        `${path}: line ${position + parts.length + 1} is longer than 64 MiB; is it one event a line?`,
      );
    for (const part of parts) yield* taken(part);
  }
  for (const part of splitLines(`${rest}\n`)) yield* taken(part);
}

/**
 * Checks the first line.
 *
 * @throws {@link SourceFileError} where it shows that the file does not have an event in each line
 */
function refuseOtherJson(path: string, { text, line }: SourceText): void {
  const is = text.startsWith('[')
    ? 'a JSON array begins there'
    : text === '{'
      ? 'an object begins there that goes on in the next lines'
      : undefined;
  if (is !== undefined)
    throw new SourceFileError(
      `${path}, line ${line}: ${is}, where each line is to be one event; give the file a name that ends in .json`,
    );
}

/**
 * Splits a text at LF, CRLF or a CR alone (no JSON text can contain one). A CR at the end is kept, because its LF may
 * follow.
 */
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
  { mayBeEmpty, onArray }: { readonly mayBeEmpty: boolean; readonly onArray: () => void },
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
      if (isArray) onArray();
      splitter = new JsonTextSplitter((text, start) => found.push({ text, ...start }), {
        elementsOf: isArray ? 'array' : 'stream',
      });
      splitter.write(blank + chunk);
    } else splitter.write(chunk);
    yield* numbered();
    if (splitter.fault) {
      const { detail, place } = splitter.fault;
      throw new SourceFileError(`${path}, line ${place.line}, column ${place.column}: ${detail}`);
    }
  }
  if (!splitter && mayBeEmpty) return;
  if (!splitter) throw new SourceFileError(`${path} holds nothing but white space`);
  const complete = splitter.end();
  if (!complete) {
    // An incomplete text is no event; the complete ones before it were passed on.
    found.length = 0;
    throw new SourceFileError(
      `${path} ends in the middle of ${isArray ? 'its array' : 'an object'}, after element ${position}`,
    );
  }
  yield* numbered();
}
