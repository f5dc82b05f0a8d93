import { gunzipSync } from 'node:zlib';

/**
 * Largest size in bytes to which a record may unpack: 1 MiB can become a gigabyte, and no answer of the transformer
 * carries more than this.
 */
const maxUnzippedBytes = 32 * 1024 * 1024;

/**
 * Unpacks gzip data, and returns other bytes unchanged. No JSON text begins with the first two bytes of a gzip file
 * (RFC 1952, section 2.3.1).
 *
 * @throws Error where gzip data is broken, or unpacks to more than 32 MiB
 */
export const unzip = (bytes: Uint8Array): Uint8Array =>
  bytes[0] === 0x1f && bytes[1] === 0x8b
    ? gunzipSync(bytes, { maxOutputLength: maxUnzippedBytes })
    : bytes;
