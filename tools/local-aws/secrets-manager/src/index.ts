export { openSecrets, type SecretSpec } from './open-secrets';
/** Secrets Manager's own API, for {@link startAwsJson} of `@sluice/local-http`. */
export { secretsManagerApi } from './secrets-manager-api';
