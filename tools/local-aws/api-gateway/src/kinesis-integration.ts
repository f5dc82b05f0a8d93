import * as crypto from 'node:crypto';
import { Agent, request } from 'node:http';
import type { OnExpiry } from './integration-timeout';
import { signatureV4, type SignatureV4, type SigningCredentials } from '@sluice/local-http';

export interface KinesisTarget {
  /** URL of the endpoint, such as `http://127.0.0.1:4567`. */
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: SigningCredentials;
  /** Returns the credentials of an integration's role. @default those of the endpoint, for every role */
  readonly credentialsOf?: (roleArn: string) => SigningCredentials;
}

/** A call of a Kinesis action with a body that a template has rendered. */
export interface KinesisIntegrationCall {
  readonly action: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Role with which the integration calls. */
  readonly roleArn: string | undefined;
  readonly onExpiry: OnExpiry;
}

/** The service's answer, successful or not. */
export interface IntegrationAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
}

export interface KinesisIntegration {
  call(call: KinesisIntegrationCall): Promise<IntegrationAnswer>;
  close(): void;
}

/**
 * Returns an integration that sends rendered bodies to Kinesis unchanged and signed, as API Gateway does. It does not
 * use the SDK's client, which would decode the body and encode it again, and so hide a template's mistake.
 */
export function kinesisIntegration({
  endpoint,
  region,
  credentials,
  credentialsOf = () => credentials,
}: KinesisTarget): KinesisIntegration {
  const { host, hostname, port, pathname } = new URL(endpoint);
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const signatures = new Map<string | undefined, SignatureV4>();
  const signatureOf = (roleArn: string | undefined): SignatureV4 => {
    let signature = signatures.get(roleArn);
    if (!signature) {
      signature = signatureV4(crypto, roleArn === undefined ? credentials : credentialsOf(roleArn));
      signatures.set(roleArn, signature);
    }
    return signature;
  };

  return {
    call({ action, body, headers, roleArn, onExpiry }) {
      const sent = { ...headers, host, 'x-amz-target': `Kinesis_20131202.${action}` };
      const signed = signatureOf(roleArn).sign({
        method: 'POST',
        target: pathname,
        headers: sent,
        payloadHash: crypto.hash('sha256', body),
        service: 'kinesis',
        region,
        nowMs: Date.now(),
      });
      return new Promise((resolve, reject) => {
        const outgoing = request(
          {
            hostname,
            port,
            path: pathname,
            method: 'POST',
            agent,
            headers: { ...sent, ...signed, 'content-length': Buffer.byteLength(body) },
          },
          (response) => {
            const chunks: Buffer[] = [];
            response.on('data', (chunk: Buffer) => chunks.push(chunk));
            response.on('error', reject);
            response.on('end', () =>
              resolve({
                status: response.statusCode ?? 502,
                headers: response.headers,
                body: Buffer.concat(chunks).toString('utf8'),
              }),
            );
          },
        );
        outgoing.on('error', reject);
        onExpiry(() => outgoing.destroy());
        outgoing.end(body);
      });
    },
    close: () => agent.destroy(),
  };
}
