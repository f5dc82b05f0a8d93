import type { ByteRange, ByteSource, ReadOptions } from './byte-source';
import { check } from './errors';

export interface CoalesceOptions {
  /** Largest gap between two ranges, in bytes, that is read too in order to save a request. @default 64 KiB */
  readonly gapBytes?: number;
  /** Longest read that coalescing makes, in bytes. @default 4 MiB */
  readonly maxBytes?: number;
}

/**
 * Gap below which one read beats two. In the 20 ms of another request a fast connection transfers some 100 KB; this
 * is about half.
 */
const defaultGapBytes = 64 << 10;
const defaultMaxBytes = 4 << 20;

/** Joins ranges that lie near each other. The result is ascending and covers every range. */
export function coalesceRanges(
  ranges: readonly ByteRange[],
  { gapBytes = defaultGapBytes, maxBytes = defaultMaxBytes }: CoalesceOptions = {},
): readonly ByteRange[] {
  const joined: { start: number; end: number }[] = [];
  for (const { start, end } of ranges.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
    const last = joined.at(-1);
    const fits = last && (end <= last.end || end - last.start <= maxBytes);
    if (last && fits && start - last.end <= gapBytes) last.end = Math.max(last.end, end);
    else joined.push({ start, end });
  }
  return joined;
}

/** The bytes that were read; `slice` returns any range that lies within one of the ranges asked for. */
export interface FetchedBytes {
  slice(range: ByteRange): Uint8Array;
}

/** Reads ranges in parallel, with neighbouring ones joined. */
export async function fetchRanges(
  source: ByteSource,
  ranges: readonly ByteRange[],
  options: ReadOptions & CoalesceOptions = {},
): Promise<FetchedBytes> {
  const reads = coalesceRanges(ranges, options);
  const parts = await Promise.all(
    reads.map(async (range) => ({ range, bytes: await readExactly(source, range, options) })),
  );
  return {
    slice({ start, end }) {
      const part = parts.find(({ range }) => range.start <= start && end <= range.end);
      if (!part) throw new RangeError(`bytes ${start} to ${end} were not read`);
      return part.bytes.subarray(start - part.range.start, end - part.range.start);
    },
  };
}

async function readExactly(
  source: ByteSource,
  range: ByteRange,
  options: ReadOptions,
): Promise<Uint8Array> {
  const bytes = await source.read(range, options);
  check(
    bytes.length === range.end - range.start,
    () => `of the bytes ${range.start} to ${range.end} only ${bytes.length} came`,
  );
  return bytes;
}
