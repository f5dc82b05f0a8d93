// For tests only.
import { createHash, createHmac } from 'node:crypto';

type HashInput = string | ArrayBuffer | ArrayBufferView;

/** The hash class that the SDK's signer requires, implemented with Node's own crypto. */
export class NodeSha256 {
  readonly #hash;
  constructor(secret?: HashInput) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', bytes(secret));
  }
  update(data: HashInput): void {
    this.#hash.update(bytes(data));
  }
  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.#hash.digest());
  }
}

const bytes = (data: HashInput): Buffer | NodeJS.ArrayBufferView | string =>
  data instanceof ArrayBuffer ? Buffer.from(data) : (data as string | NodeJS.ArrayBufferView);
