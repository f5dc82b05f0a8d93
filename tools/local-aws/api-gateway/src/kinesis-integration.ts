import * as crypto from 'node:crypto';
import { Agent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { signatureV4 } from '@sluice/local-http';

export interface KinesisTarget {
  /** `http://127.0.0.1:4567` */
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** What the service answered, whatever it was. */
export interface IntegrationAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Calls an action with a body that a template has rendered. */
export interface KinesisIntegration {
  call(
    action: string,
    body: string,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<IntegrationAnswer>;
  close(): void;
}

/**
 * Sends what a mapping template rendered to Kinesis as it is, signed, as API Gateway does. The SDK's client
 * would take it apart and encode it again, and so hide a template's mistake.
 */
export function kinesisIntegration({
  endpoint,
  region,
  credentials,
}: KinesisTarget): KinesisIntegration {
  const { protocol, hostname, port, pathname } = new URL(endpoint);
  const isTls = protocol === 'https:';
  const options = { keepAlive: true, maxSockets: 64 };
  const agent = isTls ? new HttpsAgent(options) : new Agent(options);
  const signature = signatureV4(crypto, credentials);
  const host = port ? `${hostname}:${port}` : hostname;

  return {
    call(action, body, headers, signal) {
      const target = `Kinesis_20131202.${action}`;
      const signed = signature.sign({
        method: 'POST',
        target: pathname,
        headers: { host, 'x-amz-target': target },
        payloadHash: crypto.createHash('sha256').update(body).digest('hex'),
        service: 'kinesis',
        region,
        nowMs: Date.now(),
      });
      return new Promise((resolve, reject) => {
        const request = (isTls ? httpsRequest : httpRequest)(
          {
            hostname,
            port,
            path: pathname,
            method: 'POST',
            agent,
            headers: {
              ...headers,
              ...signed,
              host,
              'x-amz-target': target,
              'content-length': Buffer.byteLength(body),
            },
            signal,
          },
          (response) => {
            const chunks: Buffer[] = [];
            response.on('data', (chunk: Buffer) => chunks.push(chunk));
            response.on('error', reject);
            response.on('end', () =>
              resolve({
                status: response.statusCode ?? 502,
                headers: Object.fromEntries(
                  Object.entries(response.headers).map(([name, value]) => [name, String(value)]),
                ),
                body: Buffer.concat(chunks).toString('utf8'),
              }),
            );
          },
        );
        request.on('error', reject);
        request.end(body);
      });
    },
    close: () => agent.destroy(),
  };
}
