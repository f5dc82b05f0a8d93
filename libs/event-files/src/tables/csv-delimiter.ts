/** What can stand between the cells of a CSV file, the most usual first. */
export const delimiters = [',', ';', '\t', '|'] as const;
export type Delimiter = (typeof delimiters)[number];

/** How many lines the decision looks at. */
const maxLines = 50;

/**
 * Finds out what stands between the cells: the character that cuts the first lines into most cells, the same number in each. Where
 * none does so, the one that the header has most often. What is in quotes does not count.
 *
 * @param sample the beginning of the file; its last line may be cut off
 */
export function detectDelimiter(sample: string): Delimiter {
  const lines = unquotedLines(sample);
  const whole = lines.length > 1 ? lines.slice(0, -1) : lines;
  const counts = delimiters.map((delimiter) => {
    const [inHeader = 0, ...inRows] = whole.map((line) => line.split(delimiter).length - 1);
    return { delimiter, inHeader, isRegular: inRows.every((count) => count === inHeader) };
  });
  const candidates = counts.some(({ isRegular, inHeader }) => isRegular && inHeader > 0)
    ? counts.filter(({ isRegular }) => isRegular)
    : counts;
  return candidates.reduce((best, other) => (other.inHeader > best.inHeader ? other : best))
    .delimiter;
}

/** Returns the first lines without what is in quotes, and without blank lines. */
const unquotedLines = (sample: string): readonly string[] =>
  sample
    .replace(/"[^"]*(?:"|$)/g, '')
    .split(/\r\n|\r|\n/)
    .filter((line, index, all) => line !== '' || index === all.length - 1)
    .slice(0, maxLines);
