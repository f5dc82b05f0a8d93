/**
 * Hashes a range of bytes (FNV-1a of 32 bits, draft-eastlake-fnv): quick, and for nothing that must be unguessable.
 *
 * @param end exclusive
 * @returns a signed integer of 32 bits
 */
export function fnv1a(bytes: Uint8Array, start = 0, end = bytes.length): number {
  let hash = 0x811c9dc5;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193);
  return hash | 0;
}
