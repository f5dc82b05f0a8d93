/**
 * Returns the known name that was most likely meant by a mistyped one: one that differs only in case or separators,
 * in a plural's ending, or in one letter (two in names of eight and more). Names that differ in digits count as
 * intended.
 */
export function similarName(name: string, known: readonly string[]): string | undefined {
  const wanted = plain(name);
  const found = known
    .filter((other) => other !== name && !differInDigits(name, other))
    .map((other) => ({ other, edits: edits(wanted, plain(other)) }))
    .filter(({ edits: count }) => count <= (wanted.length < 4 ? 0 : wanted.length < 8 ? 1 : 2))
    .sort((a, b) => a.edits - b.edits);
  return found[0]?.other;
}

const plain = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '');

const differInDigits = (a: string, b: string): boolean =>
  a.replace(/\d+/g, '') === b.replace(/\d+/g, '') && /\d/.test(a + b);

/** Counts letters that are left out, added or changed, and swapped neighbours (optimal string alignment). */
function edits(a: string, b: string): number {
  let beforeLast: readonly number[] = [];
  let last: readonly number[] = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      const swapped = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      current[column] = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
        ...(row > 1 && column > 1 && swapped ? [(beforeLast[column - 2] ?? 0) + 1] : []),
      );
    }
    beforeLast = last;
    last = current;
  }
  return last[b.length] ?? 0;
}
