import { AthenaClient } from '@aws-sdk/client-athena';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
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
function endpointOverride(
  service: 'ATHENA' | 'KINESIS' | 'S3' | 'SFN',
  environment: Environment,
): string | undefined {
  if (environment['AWS_IGNORE_CONFIGURED_ENDPOINT_URLS'] === 'true') return undefined;
  const url = environment[`AWS_ENDPOINT_URL_${service}`] ?? environment['AWS_ENDPOINT_URL'];
  return url === '' ? undefined : url;
}

/** Left out where they are not given, so that the SDK looks for them itself. */
const identity = ({
  region,
  credentials,
}: Pick<ClientOptions, 'region' | 'credentials'>): Pick<
  ClientOptions,
  'region' | 'credentials'
> => ({ ...(region !== undefined && { region }), ...(credentials && { credentials }) });

const requestHandler = ({
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

/**
 * An S3 client for ranged reads and conditional writes. Checksums go with every write; those of answers are
 * not computed anew, since a part of an object can't be checked against the checksum of the whole.
 */
export function s3Client({
  environment = process.env,
  endpoint = endpointOverride('S3', environment),
  maxAttempts = 4,
  maxSockets = 128,
  requestTimeoutMs = 30_000,
  ...who
}: ClientOptions = {}): S3Client {
  return new S3Client({
    ...identity(who),
    maxAttempts,
    requestHandler: requestHandler({ maxSockets, requestTimeoutMs }),
    responseChecksumValidation: 'WHEN_REQUIRED',
    ...(endpoint !== undefined && { endpoint, forcePathStyle: true }),
  });
}

/** A Kinesis client. A stand-in reached by plain HTTP is spoken to in HTTP/1.1; AWS itself in HTTP/2. */
export function kinesisClient({
  environment = process.env,
  endpoint = endpointOverride('KINESIS', environment),
  maxAttempts = 4,
  maxSockets = 64,
  requestTimeoutMs = 30_000,
  ...who
}: ClientOptions = {}): KinesisClient {
  return new KinesisClient({
    ...identity(who),
    maxAttempts,
    ...(endpoint !== undefined && { endpoint }),
    ...(endpoint?.startsWith('http:') === true && {
      requestHandler: requestHandler({ maxSockets, requestTimeoutMs }),
    }),
  });
}

/** A client that calls without much at once. */
const callClient = (
  service: 'ATHENA' | 'SFN',
  {
    environment = process.env,
    endpoint = endpointOverride(service, environment),
    maxAttempts = 4,
    maxSockets = 16,
    requestTimeoutMs = 10_000,
    ...who
  }: ClientOptions,
) => ({
  ...identity(who),
  maxAttempts,
  requestHandler: requestHandler({ maxSockets, requestTimeoutMs }),
  ...(endpoint !== undefined && { endpoint }),
});

/** An Athena client. Starting a query is made idempotent by the SDK, with a token of its own. */
export const athenaClient = (options: ClientOptions = {}): AthenaClient =>
  new AthenaClient(callClient('ATHENA', options));

/** A Step Functions client. Starting an execution is idempotent by its name. */
export const stepFunctionsClient = (options: ClientOptions = {}): SFNClient =>
  new SFNClient(callClient('SFN', options));
