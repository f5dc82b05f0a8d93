/**
 * Returns the names of a stage's secrets: the keys for hashes, those for encrypting failed records, and those of the
 * ledger of erased people.
 */
export const secretNames = (stage: string) =>
  ({
    hash: `sluice/${stage}/privacy/hash`,
    errors: `sluice/${stage}/privacy/errors`,
    ledger: `sluice/${stage}/privacy/ledger`,
  }) as const;
