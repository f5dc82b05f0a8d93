export { readHashKeys, PrivacySecretError, type HashKeys } from './hash-keys';
export { currentHash, everyHash, isKeyedHash, KeyedHash } from './keyed-hash';
export { maskAscii, maskedText, truncatedIp, truncateIpv4 } from './masked-text';
export { UnsealError, openBytes, sealBytes, type SealedBytes } from './sealed-bytes';
export { secretNames } from './secret-names';
