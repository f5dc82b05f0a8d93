import { localAccount, type TemplateResolver } from '@sluice/local-cloudformation';
import type { Credentials } from '@sluice/lake';
import type { LocalKinesis } from '@sluice/local-kinesis';
import { startFunction, type LocalFunction } from '@sluice/local-lambda';
import type { LogFiles } from '../log-files';
import type { LocalS3 } from '@sluice/local-s3';
import type { Roles } from './roles';

/**
 * Starts the functions of the templates, each from its asset and with the credentials of its role.
 *
 * @returns the functions by ARN
 */
export function startFunctions({
  resolver,
  credentials,
  roles,
  s3,
  kinesis,
  analyticsUrl,
  tracesUrl,
  logs,
  around = (one) => one,
}: {
  readonly resolver: TemplateResolver;
  readonly credentials: Credentials;
  readonly roles: Roles;
  readonly s3: LocalS3;
  readonly kinesis: LocalKinesis;
  /** Endpoint of Athena, Step Functions, Secrets Manager, Glue and Lambda. */
  readonly analyticsUrl: string;
  /** Address for the spans of functions that have a sampler. */
  readonly tracesUrl: string;
  readonly logs: LogFiles;
  /** Returns the function that is used instead of each. */
  readonly around?: (one: LocalFunction) => LocalFunction;
}): ReadonlyMap<string, LocalFunction> {
  const overrides = awsEndpointOverrides();
  // A foreign endpoint does not know the credentials that are derived here.
  const isOwn = Object.keys(overrides).length === 0;
  return new Map(
    resolver.resources('AWS::Lambda::Function').map((resource) => {
      const { ref, arn, properties } = resource;
      const { Variables = {} } = (properties['Environment'] ?? {}) as {
        readonly Variables?: Readonly<Record<string, string>>;
      };
      const { accessKeyId, secretAccessKey } = isOwn
        ? roles.credentialsOf(String(properties['Role']))
        : credentials;
      return [
        arn,
        around(
          startFunction({
            name: ref,
            folder: resolver.codeFolder(resource),
            handler: String(properties['Handler']),
            timeoutMs: Number(properties['Timeout'] ?? 3) * 1000,
            memoryMb: Number(properties['MemorySize'] ?? 128),
            environment: {
              ...Variables,
              ...('OTEL_TRACES_SAMPLER' in Variables && {
                OTEL_EXPORTER_OTLP_ENDPOINT: tracesUrl,
              }),
              AWS_REGION: localAccount.region,
              AWS_ACCESS_KEY_ID: accessKeyId,
              AWS_SECRET_ACCESS_KEY: secretAccessKey,
              AWS_ENDPOINT_URL_S3: s3.url,
              AWS_ENDPOINT_URL_KINESIS: kinesis.url,
              AWS_ENDPOINT_URL_ATHENA: analyticsUrl,
              AWS_ENDPOINT_URL_GLUE: analyticsUrl,
              AWS_ENDPOINT_URL_SFN: analyticsUrl,
              AWS_ENDPOINT_URL_SECRETS_MANAGER: analyticsUrl,
              AWS_ENDPOINT_URL_LAMBDA: analyticsUrl,
              ...overrides,
            },
            log: logs.logger(ref),
          }),
        ),
      ] as const;
    }),
  );
}

/** Returns the SDK's own endpoint variables, by which another emulator, or AWS itself, can replace a part. */
const awsEndpointOverrides = (): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(process.env).filter(
      (entry): entry is [string, string] =>
        entry[0].startsWith('AWS_ENDPOINT_URL') && entry[1] !== undefined,
    ),
  );
