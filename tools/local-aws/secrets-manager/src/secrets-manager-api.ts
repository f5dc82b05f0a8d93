import { ServiceError, type JsonService } from '@sluice/local-http';

/** Returns the operation of Secrets Manager that Sluice uses. @param secrets texts by name */
export const secretsManagerApi = (secrets: ReadonlyMap<string, string>): JsonService => ({
  target: 'secretsmanager',
  signingName: 'secretsmanager',
  version: '1.1',
  operations: {
    GetSecretValue: ({ SecretId }) => {
      const wanted = String(SecretId);
      // An ARN ends with the name and, on AWS, six further characters.
      const found = [...secrets].find(
        ([name]) => wanted === name || wanted.endsWith(`:secret:${name}`),
      );
      if (!found)
        throw new ServiceError(
          'ResourceNotFoundException',
          "Secrets Manager can't find the specified secret.",
        );
      const [Name, SecretString] = found;
      return { ARN: `arn:aws:local:secret:${Name}`, Name, SecretString };
    },
  },
});
