// A separate entry point (@sluice/aws-clients/secrets): secrets, read by a client that is loaded when the first one is needed.
import { endpointOverride, type Environment } from './environment';

/** Returns the text of a secret by its name. @throws where it can't be read */
export type ReadSecret = (name: string) => Promise<string>;

export interface SecretReaderOptions {
  /** Environment variables, of which the SDK's own `AWS_ENDPOINT_URL*` are read. @default process.env */
  readonly environment?: Environment;
  /** Endpoint and region to use instead of those that the SDK finds by itself. */
  readonly endpoint?: string | undefined;
  readonly region?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/**
 * Returns a function that reads secrets from AWS Secrets Manager. The SDK's client is not bundled, because Lambda's
 * runtime brings it, and a function without secrets never loads it.
 */
export function secretReader({
  environment = process.env,
  endpoint = endpointOverride('SECRETS_MANAGER', environment),
  region,
  credentials,
}: SecretReaderOptions = {}): ReadSecret {
  return async (name) => {
    const { GetSecretValueCommand, SecretsManagerClient } =
      await import('@aws-sdk/client-secrets-manager');
    const client = new SecretsManagerClient({
      ...(endpoint !== undefined && { endpoint }),
      ...(region !== undefined && { region }),
      ...(credentials && { credentials }),
    });
    try {
      const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: name }));
      if (!SecretString) throw new Error(`the secret ${name} holds no text`);
      return SecretString;
    } finally {
      client.destroy();
    }
  };
}
