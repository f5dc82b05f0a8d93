/** Returns the names of a stage's secrets: the keys for hashes, and those for encrypting failed records. */
export const secretNames = (stage: string) =>
  ({
    hash: `sluice/${stage}/privacy/hash`,
    errors: `sluice/${stage}/privacy/errors`,
  }) as const;
