import type { ByteRange, ByteSource } from '../byte-source';

/** A file in memory that records which ranges were read. */
export class CountingSource implements ByteSource {
  readonly reads: ByteRange[] = [];

  constructor(readonly file: Uint8Array) {}

  get bytes(): number {
    return this.file.length;
  }

  get bytesRead(): number {
    return this.reads.reduce((sum, { start, end }) => sum + end - start, 0);
  }

  read(range: ByteRange): Promise<Uint8Array> {
    this.reads.push(range);
    return Promise.resolve(this.file.subarray(range.start, range.end));
  }
}
