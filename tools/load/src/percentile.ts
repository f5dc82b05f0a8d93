/**
 * Returns a percentile by the nearest rank: the smallest value such that at least this share of all values is not
 * above it. Undefined where there are no values.
 *
 * @param share from 0 to 1
 */
export function percentile(values: readonly number[], share: number): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}
