/** A range of bytes: `start` inclusive, `end` exclusive. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

export interface ReadOptions {
  readonly signal?: AbortSignal;
}

/** A file that is read in ranges of bytes. All reads must see the same version of it. */
export interface ByteSource {
  /** Size of the whole file. */
  readonly bytes: number;
  /** Returns exactly the bytes of a range, which must lie inside the file. */
  read(range: ByteRange, options?: ReadOptions): Promise<Uint8Array>;
}

/** Returns a source over a file that is in memory. */
export const bytesSource = (bytes: Uint8Array): ByteSource => ({
  bytes: bytes.length,
  read: ({ start, end }) => Promise.resolve(bytes.subarray(start, end)),
});
