/** Returns the names of the secrets of a stage: the keys of hashes, those that failed records are sealed with, and those of the ledger of erased people. */
export const secretNames = (stage: string) =>
  ({
    hash: `sluice/${stage}/privacy/hash`,
    errors: `sluice/${stage}/privacy/errors`,
    ledger: `sluice/${stage}/privacy/ledger`,
  }) as const;
