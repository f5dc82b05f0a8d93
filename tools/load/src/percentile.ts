/**
 * Returns a percentile by the nearest rank: the smallest value that so much of all are not above. Undefined where there is no value.
 *
 * @param share from 0 to 1
 */
export function percentile(values: readonly number[], share: number): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}
