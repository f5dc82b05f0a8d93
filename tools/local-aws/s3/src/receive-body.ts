import { readBody } from '@sluice/local-http';
import { createHash } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { AwsChunkedDecoder } from './aws-chunked-decoder';
import { checksumHeader, checksumNames, startChecksum, type ChecksumName } from './checksums';
import { badDigest, invalidArgument, S3Error } from './s3-error';

/** A complete body in a file, which agrees with every digest that came with it. */
export interface ReceivedBody {
  readonly file: string;
  readonly bytes: number;
  /** MD5 in hex. */
  readonly md5: string;
  /** The checksums that the client named, in base64, by algorithm. */
  readonly checksums: Partial<Record<ChecksumName, string>>;
}

/** Largest size of one PUT in bytes, as in S3: 5 GiB. */
const maxBodyBytes = 5 * 1024 ** 3;

/** Number of bytes collected before they are written, so that a small body costs one write. */
const writeBytes = 1 << 20;

const isChunked = (headers: IncomingHttpHeaders): boolean =>
  (headers['x-amz-content-sha256'] ?? '').toString().startsWith('STREAMING-') ||
  /(?:^|,)\s*aws-chunked\s*(?:,|$)/i.test(headers['content-encoding'] ?? '');

/** Returns the checksums that the client sends, in headers or trailers, and those that it asks for by name. */
function namedChecksums(headers: IncomingHttpHeaders): readonly ChecksumName[] {
  const trailer = (headers['x-amz-trailer'] ?? '').toString().toLowerCase();
  const algorithm = (headers['x-amz-sdk-checksum-algorithm'] ?? '').toString().toLowerCase();
  return checksumNames.filter(
    (name) =>
      headers[checksumHeader(name)] !== undefined ||
      trailer.split(',').some((part) => part.trim() === checksumHeader(name)) ||
      algorithm === name,
  );
}

/**
 * Writes a request's body to `file`, decoding `aws-chunked`, and checks Content-MD5, x-amz-content-sha256,
 * x-amz-checksum-* and the announced length. On any failure the file is removed.
 *
 * @param onBytes called with the size of each piece as it arrives, before decoding
 * @throws {@link S3Error}; the socket's error where the client disconnected
 */
export async function receiveBody(
  request: IncomingMessage,
  file: string,
  onBytes: (bytes: number) => void = () => undefined,
): Promise<ReceivedBody> {
  const { headers } = request;
  const decoder = isChunked(headers) ? new AwsChunkedDecoder() : undefined;
  const announced = Number(
    decoder ? headers['x-amz-decoded-content-length'] : headers['content-length'],
  );
  if (announced > maxBodyBytes)
    throw new S3Error(400, 'EntityTooLarge', `The body is larger than ${maxBodyBytes} bytes.`);

  const expectedSha256 = (headers['x-amz-content-sha256'] ?? '').toString();
  const sha256 = /^[0-9a-f]{64}$/.test(expectedSha256) ? createHash('sha256') : undefined;
  const md5 = createHash('md5');
  const running = namedChecksums(headers).map((name) => [name, startChecksum(name)] as const);
  let bytes = 0;

  const output = await open(file, 'w');
  try {
    try {
      const write = async (source: AsyncIterable<Buffer>): Promise<void> => {
        let waiting: Buffer[] = [];
        let waitingBytes = 0;
        const flush = async (): Promise<void> => {
          const piece = waiting.length === 1 ? waiting[0] : Buffer.concat(waiting);
          if (piece) await output.appendFile(piece);
          waiting = [];
          waitingBytes = 0;
        };
        for await (const chunk of source) {
          if (!decoder) onBytes(chunk.length);
          bytes += chunk.length;
          if (bytes > maxBodyBytes)
            throw new S3Error(
              400,
              'EntityTooLarge',
              `The body is larger than ${maxBodyBytes} bytes.`,
            );
          md5.update(chunk);
          sha256?.update(chunk);
          for (const [, checksum] of running) checksum.update(chunk);
          waiting.push(chunk);
          waitingBytes += chunk.length;
          if (waitingBytes >= writeBytes) await flush();
        }
        if (waitingBytes > 0) await flush();
      };
      if (decoder) {
        request.on('data', (chunk: Buffer) => onBytes(chunk.length));
        await pipeline(request, decoder, write);
      } else await pipeline(request, write);
    } finally {
      await output.close();
    }

    if (Number.isInteger(announced) && announced !== bytes)
      throw new S3Error(
        400,
        'IncompleteBody',
        `The body has ${bytes} bytes where ${announced} were announced.`,
      );
    const digest = md5.digest();
    checkMd5(headers['content-md5'], digest);
    if (sha256 && sha256.digest('hex') !== expectedSha256)
      throw new S3Error(
        400,
        'XAmzContentSHA256Mismatch',
        "The provided 'x-amz-content-sha256' header does not match what was computed.",
      );
    const checksums: Partial<Record<ChecksumName, string>> = {};
    for (const [name, checksum] of running) {
      const header = checksumHeader(name);
      const computed = await checksum.digest();
      const expected = decoder?.trailers.get(header) ?? headers[header];
      if (expected !== undefined && expected !== computed) throw badDigest(header);
      checksums[name] = computed;
    }
    return { file, bytes, md5: digest.toString('hex'), checksums };
  } catch (error) {
    await rm(file, { force: true });
    throw error;
  }
}

function checkMd5(header: string | string[] | undefined, digest: Buffer): void {
  if (header === undefined) return;
  const expected = Buffer.from(header.toString(), 'base64');
  if (expected.length !== digest.length)
    throw new S3Error(400, 'InvalidDigest', 'The Content-MD5 you specified is not valid.');
  if (!expected.equals(digest)) throw badDigest('Content-MD5');
}

/** Reads the body of a request that is always small (an XML document), and checks it like any other. */
export async function receiveText(
  request: IncomingMessage,
  { maxBytes = 2 << 20 }: { readonly maxBytes?: number } = {},
): Promise<string> {
  const body = await readBody(
    request,
    maxBytes,
    () => new S3Error(400, 'MaxMessageLengthExceeded', `The body exceeds ${maxBytes} bytes.`),
  );
  checkMd5(request.headers['content-md5'], createHash('md5').update(body).digest());
  for (const name of checksumNames) {
    const expected = request.headers[checksumHeader(name)];
    if (expected === undefined) continue;
    const checksum = startChecksum(name);
    checksum.update(body);
    if ((await checksum.digest()) !== expected) throw badDigest(checksumHeader(name));
  }
  if (isChunked(request.headers))
    throw invalidArgument('A chunked body is not taken here: send the document as it is.');
  return body.toString('utf8');
}
