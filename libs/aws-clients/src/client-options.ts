import { NodeHttpHandler } from '@smithy/node-http-handler';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface ClientOptions {
  /** Where the SDK's own `AWS_ENDPOINT_URL*` are looked for. */
  readonly environment?: Environment;
  /** In place of what the environment names. */
  readonly endpoint?: string | undefined;
  /** In place of what the SDK finds in the environment and its files. */
  readonly region?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** Attempts of one call in all, by the SDK's standard mode: exponential back-off with jitter. */
  readonly maxAttempts?: number;
  /** Connections to the service at once. */
  readonly maxSockets?: number;
  /** An attempt that gets no answer for so long is given up, and made again. */
  readonly requestTimeoutMs?: number;
}

const connectionTimeoutMs = 5_000;

/** The endpoint that stands in for a service, by the SDK's own rules of precedence. */
export function endpointOverride(
  service: 'ATHENA' | 'KINESIS' | 'S3' | 'SFN',
  environment: Environment,
): string | undefined {
  if (environment['AWS_IGNORE_CONFIGURED_ENDPOINT_URLS'] === 'true') return undefined;
  const url = environment[`AWS_ENDPOINT_URL_${service}`] ?? environment['AWS_ENDPOINT_URL'];
  return url === '' ? undefined : url;
}

/** Left out where they are not given, so that the SDK looks for them itself. */
export const identity = ({
  region,
  credentials,
}: Pick<ClientOptions, 'region' | 'credentials'>): Pick<
  ClientOptions,
  'region' | 'credentials'
> => ({ ...(region !== undefined && { region }), ...(credentials && { credentials }) });

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
