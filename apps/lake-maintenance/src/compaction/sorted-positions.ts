/** Number of bits up to which integers are exact in a double. */
const exactBits = 53;

/**
 * Returns positions in ascending order of rank; those with equal or nearly equal rank are ordered by `compare`.
 *
 * It packs the leading bits of a rank and its position into one number, so that the engine's numeric sort does the
 * work; `compare` orders the short runs whose leading bits are equal. This is several times faster than sorting with
 * a comparison.
 *
 * @param ranks finite, or -Infinity; a smaller rank means that `compare` is negative
 */
export function sortedPositions(
  ranks: Float64Array,
  compare: (a: number, b: number) => number,
): Uint32Array {
  const positionBits = Math.ceil(Math.log2(ranks.length + 1));
  const positions = 2 ** positionBits;
  const steps = 2 ** (exactBits - positionBits - 1);
  const { min, max } = finiteRange(ranks);
  const wanted = max > min ? (steps - 1) / (max - min) : 0;
  // Ranks that are too close together, or too far apart, for any scale are ordered by `compare`.
  const scale = Number.isFinite(wanted) ? wanted : 0;
  const leading = (rank: number): number => {
    if (rank === -Infinity) return 0;
    return scale === 0 ? 1 : 1 + Math.floor((rank - min) * scale);
  };

  const packed = new Float64Array(ranks.length);
  for (let position = 0; position < ranks.length; position++)
    packed[position] = leading(ranks[position] ?? 0) * positions + position;
  packed.sort();

  const order = new Uint32Array(ranks.length);
  let runStart = 0;
  let runLeading = -1;
  for (let index = 0; index <= packed.length; index++) {
    const value = packed[index] ?? -1;
    const valueLeading = Math.floor(value / positions);
    if (valueLeading !== runLeading) {
      if (index - runStart > 1) sortRun(order.subarray(runStart, index), compare);
      runStart = index;
      runLeading = valueLeading;
    }
    if (index < packed.length) order[index] = value - valueLeading * positions;
  }
  return order;
}

/** Length up to which runs are sorted in place, without the overhead of the engine's sort. */
const shortRun = 16;

function sortRun(run: Uint32Array, compare: (a: number, b: number) => number): void {
  if (run.length > shortRun) {
    run.sort(compare);
    return;
  }
  for (let end = 1; end < run.length; end++) {
    const moved = run[end] ?? 0;
    let to = end;
    for (; to > 0 && compare(run[to - 1] ?? 0, moved) > 0; to--) run[to] = run[to - 1] ?? 0;
    run[to] = moved;
  }
}

function finiteRange(ranks: Float64Array): { readonly min: number; readonly max: number } {
  let min = Infinity;
  let max = -Infinity;
  for (const rank of ranks) {
    if (rank === -Infinity) continue;
    if (rank < min) min = rank;
    if (rank > max) max = rank;
  }
  return min <= max ? { min, max } : { min: 0, max: 0 };
}
