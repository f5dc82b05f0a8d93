import { Crc32c, Crc64NvmeJs } from '@aws-sdk/checksums/crc';
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** Names of checksums as in the headers `x-amz-checksum-…`. */
export const checksumNames = ['crc32', 'crc32c', 'crc64nvme', 'sha1', 'sha256'] as const;

export type ChecksumName = (typeof checksumNames)[number];

export const checksumHeader = (name: ChecksumName): string => `x-amz-checksum-${name}`;

export interface RunningChecksum {
  update(bytes: Uint8Array): void;
  /** Returns the checksum in base64, and ends the computation. */
  digest(): Promise<string>;
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

export function startChecksum(name: ChecksumName): RunningChecksum {
  switch (name) {
    case 'crc32': {
      let value = 0;
      return {
        update: (bytes) => {
          value = crc32(bytes, value);
        },
        digest: () => {
          const bytes = Buffer.alloc(4);
          bytes.writeUInt32BE(value);
          return Promise.resolve(bytes.toString('base64'));
        },
      };
    }
    case 'crc32c':
    case 'crc64nvme': {
      const checksum = name === 'crc32c' ? new Crc32c() : new Crc64NvmeJs();
      return {
        update: (bytes) => {
          checksum.update(bytes);
        },
        digest: async () => base64(await checksum.digest()),
      };
    }
    case 'sha1':
    case 'sha256': {
      const hash = createHash(name);
      return {
        update: (bytes) => {
          hash.update(bytes);
        },
        digest: () => Promise.resolve(hash.digest('base64')),
      };
    }
  }
}
