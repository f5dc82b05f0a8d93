import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { Environment } from './environment';

export interface ClientOptions {
  /** Holds the SDK's own `AWS_ENDPOINT_URL*`. @default process.env */
  readonly environment?: Environment;
  /** Takes the place of the endpoint that the environment names. */
  readonly endpoint?: string | undefined;
  /** Takes the place of what the SDK finds in the environment and its files. */
  readonly region?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** Attempts of one call in all, by the SDK's standard mode: exponential backoff with jitter. */
  readonly maxAttempts?: number;
  /** Most connections to the service at once. */
  readonly maxSockets?: number;
  /** Milliseconds after which an attempt without an answer is given up, and made again. */
  readonly requestTimeoutMs?: number;
}

const connectionTimeoutMs = 5_000;

/** Returns region and credentials where they are given; absent members let the SDK look for them itself. */
export const identity = ({
  region,
  credentials,
}: Pick<ClientOptions, 'region' | 'credentials'>): Pick<
  ClientOptions,
  'region' | 'credentials'
> => ({ ...(region !== undefined && { region }), ...(credentials && { credentials }) });

/** Returns the HTTP/1.1 transport of a client, with connections that are kept alive. */
export const requestHandler = ({
  maxSockets,
  requestTimeoutMs,
}: Required<Pick<ClientOptions, 'maxSockets' | 'requestTimeoutMs'>>): NodeHttpHandler =>
  new NodeHttpHandler({
    connectionTimeout: connectionTimeoutMs,
    requestTimeout: requestTimeoutMs,
    throwOnRequestTimeout: true,
    httpAgent: { keepAlive: true, maxSockets },
    httpsAgent: { keepAlive: true, maxSockets },
  });
