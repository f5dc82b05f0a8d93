// A separate entry point (@sluice/aws-clients/environment): what a function reads of its surroundings, without any client.

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the environment variables that a function can't do without.
 *
 * @example
 * import { requiredVariables } from '@sluice/aws-clients/environment';
 * const { LAKE_BUCKET } = requiredVariables({ LAKE_BUCKET: 'the bucket of the lake' });
 *
 * @param meanings what each variable is, by its name
 * @throws Error naming each variable that is missing or empty, with its meaning
 */
export function requiredVariables<Name extends string>(
  meanings: Readonly<Record<Name, string>>,
  environment: Environment = process.env,
): Readonly<Record<Name, string>> {
  const values: Partial<Record<Name, string>> = {};
  const missing: string[] = [];
  for (const name in meanings) {
    const value = environment[name];
    if (value) values[name] = value;
    else missing.push(`the environment variable ${name} is missing: ${meanings[name]}`);
  }
  if (missing.length > 0) throw new Error(missing.join('\n'));
  return values as Record<Name, string>;
}

/**
 * Returns the folder of the running bundle, where the definitions that it serves lie. esbuild puts this module into the
 * bundle, so that `__dirname` is the bundle's; outside of a bundle it is the folder of this file.
 */
export const bundleFolder = (): string => __dirname;

/**
 * Returns the endpoint that replaces a service's own, by the SDK's rules of precedence (SDKs and tools reference
 * guide, "Service-specific endpoints"); undefined where AWS itself is to be used.
 */
export function endpointOverride(
  service: 'ATHENA' | 'KINESIS' | 'LAMBDA' | 'S3' | 'GLUE' | 'SECRETS_MANAGER' | 'SFN',
  environment: Environment,
): string | undefined {
  if (environment['AWS_IGNORE_CONFIGURED_ENDPOINT_URLS'] === 'true') return undefined;
  const url = environment[`AWS_ENDPOINT_URL_${service}`] ?? environment['AWS_ENDPOINT_URL'];
  return url === '' ? undefined : url;
}
