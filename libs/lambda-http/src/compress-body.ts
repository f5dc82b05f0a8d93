import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

export interface CompressedBody {
  readonly body: string | Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}

/** Size in bytes from which compression saves more than it costs. */
const minBytes = 8 << 10;
/** Quality 11 takes seconds for some MB; 4 is faster than gzip and smaller. */
const brotliQuality = 4;

/** Content codings, the best first. */
const codings = ['br', 'gzip', 'identity'] as const;
type Coding = (typeof codings)[number];

/**
 * Compresses a body of 8 KiB or more as the Accept-Encoding header prefers. Among equally welcome codings, Brotli
 * comes before gzip and gzip before none.
 */
export async function compressBody(
  body: string | Uint8Array,
  acceptEncoding: string | undefined,
): Promise<CompressedBody> {
  if (Buffer.byteLength(body) < minBytes) return { body, headers: {} };
  const coding = preferredCoding(acceptEncoding ?? '');
  if (coding === 'br') {
    const params = { [constants.BROTLI_PARAM_QUALITY]: brotliQuality };
    const compressed = await promisify(brotliCompress)(body, { params });
    return { body: compressed, headers: { 'content-encoding': 'br' } };
  }
  if (coding === 'gzip')
    return { body: await promisify(gzip)(body), headers: { 'content-encoding': 'gzip' } };
  return { body, headers: {} };
}

/**
 * Returns the coding with the largest q-value (RFC 9110, 12.5.3); `identity` where the header names none that can be
 * made.
 */
function preferredCoding(header: string): Coding {
  const qualities = new Map(
    header
      .toLowerCase()
      .split(',')
      .map((part) => {
        const [name = '', ...parameters] = part.split(';').map((text) => text.trim());
        const quality = parameters.find((parameter) => /^q\s*=/.test(parameter));
        return [name === 'x-gzip' ? 'gzip' : name, qualityOf(quality)] as const;
      }),
  );
  // The header says nothing about "identity", so an uncompressed body is acceptable, but every named coding is
  // preferred to it.
  const minQuality = 1e-4;
  const of = (coding: Coding): number =>
    qualities.get(coding) ??
    (coding === 'identity' ? minQuality : undefined) ??
    qualities.get('*') ??
    0;
  const [best = 'identity'] = codings.toSorted((a, b) => of(b) - of(a));
  return of(best) > 0 ? best : 'identity';
}

/** Returns the q-value of a parameter: 1 without one, 0 for text that is no q-value. */
function qualityOf(parameter: string | undefined): number {
  if (parameter === undefined) return 1;
  const text = parameter.replace(/^q\s*=\s*/, '');
  return /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(text) ? Number(text) : 0;
}
