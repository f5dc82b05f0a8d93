import { Transform, type TransformCallback } from 'node:stream';
import { S3Error } from './s3-error';

const lineEnd = Buffer.from('\r\n');

/** Longest line in bytes. A chunk's header line holds a size and perhaps a signature; a trailer holds a checksum. */
const maxLineBytes = 4096;

/**
 * Decodes the `aws-chunked` content encoding and collects its trailers. Chunk signatures are not verified. Source: S3
 * API reference, "Signature calculations: transferring payload in multiple chunks" and "... including trailing
 * headers".
 */
export class AwsChunkedDecoder extends Transform {
  /** Trailers by name in lower case; complete once the stream has ended. */
  readonly trailers = new Map<string, string>();
  #state: 'header' | 'data' | 'data-end' | 'trailers' | 'done' = 'header';
  #left = 0;
  #line: Buffer = Buffer.alloc(0);

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    try {
      this.#consume(chunk);
      done();
    } catch (error) {
      done(error as Error);
    }
  }

  override _flush(done: TransformCallback): void {
    done(
      this.#state === 'done'
        ? null
        : new S3Error(400, 'IncompleteBody', 'The chunked body ended before its last chunk.'),
    );
  }

  #consume(chunk: Buffer): void {
    let rest = chunk;
    while (rest.length > 0) {
      if (this.#state === 'data') {
        const taken = rest.subarray(0, this.#left);
        this.#left -= taken.length;
        rest = rest.subarray(taken.length);
        this.push(taken);
        if (this.#left === 0) this.#state = 'data-end';
        continue;
      }
      const line = this.#takeLine(rest);
      if (line === undefined) return;
      rest = line.rest;
      this.#acceptLine(line.text);
    }
  }

  /** Returns the first line and the bytes after it. An incomplete line is kept for the next bytes. */
  #takeLine(bytes: Buffer): { readonly text: string; readonly rest: Buffer } | undefined {
    const joined = this.#line.length === 0 ? bytes : Buffer.concat([this.#line, bytes]);
    const end = joined.indexOf(lineEnd);
    if ((end < 0 ? joined.length : end) > maxLineBytes)
      throw invalidChunk(`a line is longer than ${maxLineBytes} bytes`);
    if (end < 0) {
      this.#line = joined;
      return undefined;
    }
    this.#line = Buffer.alloc(0);
    return { text: joined.toString('latin1', 0, end), rest: joined.subarray(end + lineEnd.length) };
  }

  #acceptLine(text: string): void {
    switch (this.#state) {
      case 'header': {
        const size = /^([0-9a-fA-F]{1,13})(?:;.*)?$/.exec(text)?.[1];
        if (size === undefined) throw invalidChunk('a chunk does not begin with its size');
        this.#left = parseInt(size, 16);
        this.#state = this.#left === 0 ? 'trailers' : 'data';
        return;
      }
      case 'data-end':
        if (text !== '') throw invalidChunk('a chunk is longer than its size');
        this.#state = 'header';
        return;
      case 'trailers': {
        if (text === '') {
          this.#state = 'done';
          return;
        }
        const colon = text.indexOf(':');
        this.trailers.set(text.slice(0, colon).trim().toLowerCase(), text.slice(colon + 1).trim());
        return;
      }
      default:
        throw invalidChunk('bytes follow the last chunk');
    }
  }
}

const invalidChunk = (reason: string): S3Error =>
  new S3Error(400, 'InvalidChunkSizeError', `The chunked body is malformed: ${reason}.`);
