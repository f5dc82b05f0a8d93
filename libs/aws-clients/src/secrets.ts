// A separate entry point (@sluice/aws-clients/secrets): secrets, read by a client that is loaded when the first one is needed.
import { endpointOverride } from './environment';

/** Returns the text of a secret by its name. @throws where it can't be read */
export type ReadSecret = (name: string) => Promise<string>;

export interface SecretReaderOptions {
  /** Endpoint to use instead of the one in `AWS_ENDPOINT_URL*`, and region instead of the one that the SDK finds. */
  readonly endpoint?: string | undefined;
  readonly region?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/**
 * Returns a function that reads secrets from AWS Secrets Manager. The SDK's client is not bundled, because Lambda's
 * runtime brings it, and a function without secrets never loads it.
 */
export function secretReader({
  endpoint = endpointOverride('SECRETS_MANAGER', process.env),
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
