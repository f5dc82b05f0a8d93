/** A range of bytes: `start` inclusive, `end` exclusive. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

export interface ReadOptions {
  readonly signal?: AbortSignal;
}

/** A file whose bytes can be asked for in ranges. All reads must be of one version of it. */
export interface ByteSource {
  /** Size of the whole file. */
  readonly bytes: number;
  /** Returns exactly the bytes of a range that lies inside the file. */
  read(range: ByteRange, options?: ReadOptions): Promise<Uint8Array>;
}

/** Makes a source of a file that is in memory already. */
export const bytesSource = (bytes: Uint8Array): ByteSource => ({
  bytes: bytes.length,
  read: ({ start, end }) => Promise.resolve(bytes.subarray(start, end)),
});
