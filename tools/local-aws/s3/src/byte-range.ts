/** A range of bytes; both ends are inclusive, as in HTTP. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

/**
 * Reads the range of a `Range` header.
 *
 * @returns undefined where the header is ignored, as S3 ignores several ranges and other units
 */
export function byteRange(
  header: string | undefined,
  totalBytes: number,
): ByteRange | 'unsatisfiable' | undefined {
  const match = /^bytes=\s*(\d*)\s*-\s*(\d*)\s*$/.exec(header ?? '');
  if (!match) return undefined;
  const [, from = '', to = ''] = match;
  if (from === '') {
    if (to === '') return undefined;
    const wanted = Number(to);
    if (wanted === 0 || totalBytes === 0) return 'unsatisfiable';
    return { first: Math.max(0, totalBytes - wanted), last: totalBytes - 1 };
  }
  const first = Number(from);
  const last = to === '' ? totalBytes - 1 : Math.min(Number(to), totalBytes - 1);
  if (to !== '' && Number(to) < first) return undefined;
  return first >= totalBytes ? 'unsatisfiable' : { first, last };
}
