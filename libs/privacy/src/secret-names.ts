/** Returns the names of the secrets of a stage: the keys of hashes, and those that failed records are sealed with. */
export const secretNames = (stage: string) =>
  ({
    hash: `sluice/${stage}/privacy/hash`,
    errors: `sluice/${stage}/privacy/errors`,
  }) as const;
