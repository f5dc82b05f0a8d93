// For tests only: an endpoint over an empty folder for each test, and clients for it.
import {
  GetObjectCommand,
  PutObjectCommand,
  S3Client,
  type PutObjectCommandOutput,
  type S3ClientConfig,
} from '@aws-sdk/client-s3';
import * as crypto from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { signatureV4, type PermissionCheck } from '@sluice/local-http';
import { startS3, type Fault, type LocalS3, type S3Options } from './start-s3';

export const credentials = { accessKeyId: 'sluice', secretAccessKey: 'sluice-secret' };

export const lake = { Bucket: 'lake' };

const signature = signatureV4(crypto, credentials);

/** Returns the headers of a signed request whose body is not signed. */
export function signedHeaders(
  endpoint: string,
  method: string,
  target: string,
  headers: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const payloadHash = headers['x-amz-content-sha256'] ?? 'UNSIGNED-PAYLOAD';
  return {
    ...headers,
    'x-amz-content-sha256': payloadHash,
    ...signature.sign({
      method,
      target,
      headers: { host: new URL(endpoint).host, 'x-amz-content-sha256': payloadHash },
      payloadHash,
      service: 's3',
      region: 'us-east-1',
      nowMs: Date.now(),
    }),
  };
}

/** Returns the name of the error that a call ends with, or `none`. */
export const code = async (call: Promise<unknown>): Promise<string> => {
  try {
    await call;
    return 'none';
  } catch (error) {
    return (error as Error).name;
  }
};

export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
}

/** An endpoint that is started before each test and ended after it. Create it at the top of a test file. */
export class S3UnderTest {
  folder = '';
  client = new S3Client({});
  fault: S3Options['fault'] & object = () => undefined;
  /** Permissions of roles. By default they may do everything. */
  permits: PermissionCheck = () => undefined;
  #s3: LocalS3 | undefined;

  constructor() {
    beforeEach(async () => {
      this.folder = mkdtempSync(join(tmpdir(), 'sluice-s3-'));
      this.fault = (): Fault | undefined => undefined;
      this.permits = () => undefined;
      await this.start();
      this.client = this.sdk();
    });
    afterEach(async () => {
      this.client.destroy();
      await this.server.close();
      rmSync(this.folder, { recursive: true });
    });
  }

  get server(): LocalS3 {
    if (!this.#s3) throw new Error('the endpoint is not started');
    return this.#s3;
  }

  async start(): Promise<void> {
    this.#s3 = await startS3({
      folder: this.folder,
      permits: (...asked) => this.permits(...asked),
      credentials,
      buckets: [lake.Bucket],
      fault: (asked) => this.fault(asked),
    });
  }

  /** Restarts the endpoint on the same folder, at another port. */
  async restart(): Promise<void> {
    await this.server.close();
    await this.start();
    this.client.destroy();
    this.client = this.sdk();
  }

  /** Returns the official client, unmodified. */
  sdk(config: S3ClientConfig = {}): S3Client {
    const { url: endpoint } = this.server;
    return new S3Client({
      endpoint,
      region: 'us-east-1',
      forcePathStyle: true,
      credentials,
      ...config,
    });
  }

  put(Key: string, Body: string | Uint8Array): Promise<PutObjectCommandOutput> {
    return this.client.send(new PutObjectCommand({ ...lake, Key, Body }));
  }

  async get(Key: string): Promise<string> {
    const { Body } = await this.client.send(new GetObjectCommand({ ...lake, Key }));
    return (await Body?.transformToString()) ?? '';
  }

  /** Sends a signed request that no client would send. */
  raw(
    method: string,
    path: string,
    {
      headers = {},
      body,
      isSigned = true,
    }: {
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
      readonly isSigned?: boolean;
    } = {},
  ): Promise<RawAnswer> {
    return new Promise((resolve, reject) => {
      const { url } = this.server;
      const sent = isSigned ? signedHeaders(url, method, path, headers) : headers;
      const outgoing = request(url, { method, path, headers: sent }, (answer) => {
        let text = '';
        answer.setEncoding('utf8');
        answer.on('data', (chunk: string) => (text += chunk));
        answer.on('end', () => {
          resolve({
            status: answer.statusCode ?? 0,
            headers: answer.headers as RawAnswer['headers'],
            body: text,
          });
        });
      });
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }
}
