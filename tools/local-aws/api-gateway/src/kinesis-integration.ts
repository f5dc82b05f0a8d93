import { Agent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { SignatureV4 } from '@smithy/signature-v4';
import { NodeSha256 } from '@sluice/local-http';

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
  const signer = new SignatureV4({ service: 'kinesis', region, credentials, sha256: NodeSha256 });
  const host = port ? `${hostname}:${port}` : hostname;

  return {
    async call(action, body, headers, signal) {
      const signed = await signer.sign({
        method: 'POST',
        protocol,
        hostname,
        path: pathname,
        headers: {
          ...headers,
          host,
          'x-amz-target': `Kinesis_20131202.${action}`,
        },
        body,
      });
      return new Promise((resolve, reject) => {
        const request = (isTls ? httpsRequest : httpRequest)(
          {
            hostname,
            port,
            path: pathname,
            method: 'POST',
            agent,
            headers: { ...signed.headers, 'content-length': Buffer.byteLength(body) },
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
