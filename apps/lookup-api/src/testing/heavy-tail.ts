const p50Ms = 30;
const p99Ms = 80;
const p999Ms = 120;
/** Number of standard deviations below which 99 % and 99.9 % of a normal distribution lie. */
const normalOfP99 = 2.3263479;
const normalOfP999 = 3.0902323;
const bodySlope = Math.log(p99Ms / p50Ms) / normalOfP99;
const tailSlope = Math.log(p999Ms / p99Ms) / (normalOfP999 - normalOfP99);

/**
 * Returns a source of latencies like S3's, in milliseconds: p50 30, p99 80, p999 120, log-normal up to p99 and with a
 * heavier tail beyond (docs/adr/a-second-request.md).
 */
export function heavyTailMs(random: () => number): () => number {
  return () => {
    // The Box-Muller transform, which gives a normal distribution.
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    return normal <= normalOfP99
      ? p50Ms * Math.exp(bodySlope * normal)
      : p99Ms * Math.exp(tailSlope * (normal - normalOfP99));
  };
}
