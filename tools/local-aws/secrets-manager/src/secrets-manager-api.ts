import { ServiceError, type JsonService } from '@sluice/local-http';

/** End of a secret's ARN, after the name: a hyphen and six characters (user guide, "What's in a secret"). */
const arnEnd = 'aBcDeF';

/** Returns the operation of Secrets Manager that Sluice uses. @param secrets texts by name */
export const secretsManagerApi = (secrets: ReadonlyMap<string, string>): JsonService => ({
  target: 'secretsmanager',
  signingName: 'secretsmanager',
  version: '1.1',
  resourcesOf: (_operation, { SecretId }, arnOf) => {
    const wanted = String(SecretId);
    return [wanted.startsWith('arn:') ? wanted : arnOf(`secret:${wanted}-${arnEnd}`)];
  },
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
