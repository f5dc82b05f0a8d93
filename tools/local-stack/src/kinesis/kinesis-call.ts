import { Agent, request } from 'node:http';

/** A refusal by Kinesis, by its own code. */
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

/**
 * Speaks Kinesis' JSON protocol with a local endpoint, by plain HTTP on connections that stay open. Data
 * stay the base64 that travels, where the SDK would decode them.
 *
 * The endpoint wants a signature's form, and does not verify it.
 */
export function kinesisCaller(endpoint: string): KinesisCall {
  const agent = new Agent({ keepAlive: true });
  return <Answer>(operation: string, input: unknown, signal?: AbortSignal): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const body = JSON.stringify(input);
      const outgoing = request(
        endpoint,
        {
          method: 'POST',
          agent,
          ...(signal && { signal }),
          headers: {
            'content-type': 'application/x-amz-json-1.1',
            'content-length': Buffer.byteLength(body),
            'x-amz-target': `Kinesis_20131202.${operation}`,
            'x-amz-date': '20000101T000000Z',
            authorization:
              'AWS4-HMAC-SHA256 Credential=local/20000101/local/kinesis/aws4_request, ' +
              'SignedHeaders=host, Signature=0',
          },
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
