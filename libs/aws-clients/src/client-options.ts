import { NodeHttpHandler } from '@smithy/node-http-handler';
import { endpointOverride, type Environment } from './environment';

export interface ClientOptions {
  /** Environment variables. Only the SDK's own `AWS_ENDPOINT_URL*` are read. @default process.env */
  readonly environment?: Environment;
  /** Endpoint to use instead of the one that the environment names. */
  readonly endpoint?: string | undefined;
  /** Region and credentials to use instead of those that the SDK finds in the environment and its files. */
  readonly region?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /**
   * Attempts of one call, the first included. Waits follow the SDK's standard mode: exponential backoff with jitter.
   *
   * @default 4
   */
  readonly maxAttempts?: number;
  /** Largest number of connections to the service that are open at once. */
  readonly maxSockets?: number;
  /** Milliseconds to wait for an answer before an attempt is abandoned and the call is made again. */
  readonly requestTimeoutMs?: number;
}

const connectionTimeoutMs = 5_000;

/** Returns region and credentials where they are given; the SDK looks up by itself what is absent. */
export const identity = ({
  region,
  credentials,
}: Pick<ClientOptions, 'region' | 'credentials'>): Pick<
  ClientOptions,
  'region' | 'credentials'
> => ({ ...(region !== undefined && { region }), ...(credentials && { credentials }) });

/** What a client takes where its caller says nothing else. */
type ClientDefaults = Required<Pick<ClientOptions, 'maxSockets' | 'requestTimeoutMs'>>;

/** Returns what the clients of all services have in common: the SDK's settings, by the options and the environment. */
export function clientConfig(
  service: Parameters<typeof endpointOverride>[0],
  defaults: ClientDefaults,
  options: ClientOptions,
) {
  const { environment = process.env, maxAttempts = 4, ...given } = options;
  const { endpoint = endpointOverride(service, environment) } = given;
  const { maxSockets, requestTimeoutMs } = { ...defaults, ...given };
  return {
    ...identity(given),
    maxAttempts,
    // HTTP/1.1, with connections that are kept alive.
    requestHandler: new NodeHttpHandler({
      connectionTimeout: connectionTimeoutMs,
      requestTimeout: requestTimeoutMs,
      throwOnRequestTimeout: true,
      httpAgent: { keepAlive: true, maxSockets },
      httpsAgent: { keepAlive: true, maxSockets },
    }),
    ...(endpoint !== undefined && { endpoint }),
  };
}
