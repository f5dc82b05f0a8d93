import * as crypto from 'node:crypto';
import { Agent, request } from 'node:http';
import { signatureV4, type SignatureV4, type SigningCredentials } from '@sluice/local-http';

/** Refusal by Kinesis, with its own code. */
export class KinesisError extends Error {
  override readonly name = 'KinesisError';

  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message === '' ? code : `${code}: ${message}`);
  }
}

export type KinesisCall = <Answer>(
  operation: string,
  input: unknown,
  signal?: AbortSignal,
) => Promise<Answer>;

/** Region in signatures; a local endpoint accepts any. */
const region = 'us-east-1';

/** Returns the headers of a signed call. `endpoint` must have no path. */
export function kinesisHeaders({
  endpoint,
  operation,
  body,
  signature,
}: {
  readonly endpoint: string;
  readonly operation: string;
  readonly body: string;
  readonly signature: Pick<SignatureV4, 'sign'>;
}): Record<string, string> {
  const target = `Kinesis_20131202.${operation}`;
  const signed = signature.sign({
    method: 'POST',
    target: '/',
    headers: { host: new URL(endpoint).host, 'x-amz-target': target },
    payloadHash: crypto.hash('sha256', body),
    service: 'kinesis',
    region,
    nowMs: Date.now(),
  });
  return {
    'content-type': 'application/x-amz-json-1.1',
    'content-length': String(Buffer.byteLength(body)),
    'x-amz-target': target,
    ...signed,
  };
}

/**
 * Returns a client for Kinesis' JSON protocol at a local endpoint, over plain HTTP on connections that stay open.
 * Data stay in base64, the form in which they are transmitted; the SDK would decode them.
 */
export function kinesisCaller(endpoint: string, credentials: SigningCredentials): KinesisCall {
  const agent = new Agent({ keepAlive: true });
  const signature = signatureV4(crypto, credentials);
  return <Answer>(operation: string, input: unknown, signal?: AbortSignal): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const body = JSON.stringify(input);
      const outgoing = request(
        endpoint,
        {
          method: 'POST',
          agent,
          ...(signal && { signal }),
          headers: kinesisHeaders({ endpoint, operation, body, signature }),
        },
        (answer) => {
          const chunks: Buffer[] = [];
          answer.on('data', (chunk: Buffer) => chunks.push(chunk));
          answer.on('error', reject);
          answer.on('end', () => {
            try {
              const text = Buffer.concat(chunks).toString('utf8');
              if (answer.statusCode === 200) {
                resolve((text === '' ? {} : JSON.parse(text)) as Answer);
                return;
              }
              const { __type: code = `HTTP ${answer.statusCode ?? 0}`, message = '' } = JSON.parse(
                text === '' ? '{}' : text,
              ) as { readonly __type?: string; readonly message?: string };
              reject(new KinesisError(code, message));
            } catch (error) {
              reject(error instanceof Error ? error : new Error(String(error)));
            }
          });
        },
      );
      outgoing.on('error', reject);
      outgoing.end(body);
    });
}
