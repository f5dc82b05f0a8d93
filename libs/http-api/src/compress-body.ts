import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

export interface CompressedBody {
  readonly body: string | Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}

/** Below this size compression costs more than it saves. */
const minBytes = 8 << 10;
/** Quality 11 takes seconds for some MB; 4 is faster than gzip and smaller. */
const brotliQuality = 4;

/** Compresses a larger body as the Accept-Encoding header allows, Brotli before gzip. */
export async function compressBody(
  body: string | Uint8Array,
  acceptEncoding: string | undefined,
): Promise<CompressedBody> {
  const accepted = new Set(
    (acceptEncoding ?? '')
      .toLowerCase()
      .split(',')
      .filter((part) => !/;\s*q=0(?:\.0*)?\s*$/.test(part))
      .map((part) => part.split(';')[0]?.trim()),
  );
  if (Buffer.byteLength(body) < minBytes) return { body, headers: {} };
  if (accepted.has('br')) {
    const params = { [constants.BROTLI_PARAM_QUALITY]: brotliQuality };
    const compressed = await promisify(brotliCompress)(body, { params });
    return { body: compressed, headers: { 'content-encoding': 'br' } };
  }
  if (accepted.has('gzip'))
    return { body: await promisify(gzip)(body), headers: { 'content-encoding': 'gzip' } };
  return { body, headers: {} };
}
