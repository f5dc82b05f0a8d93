/** Characters that may separate the cells of a CSV file, the most common first. */
export const delimiters = [',', ';', '\t', '|'] as const;
export type Delimiter = (typeof delimiters)[number];

/** Number of lines that are examined. */
const maxLines = 50;

/**
 * Finds the delimiter of a CSV file: the character that splits the first lines into most cells, with the same number
 * in each line. If there is none, returns the one that is most frequent in the header. Text in quotes is ignored.
 *
 * @param sample the beginning of the file; its last line may be incomplete
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

/** Returns the first lines without quoted text, and without blank lines. */
const unquotedLines = (sample: string): readonly string[] =>
  sample
    .replace(/"[^"]*(?:"|$)/g, '')
    .split(/\r\n|\r|\n/)
    .filter((line, index, all) => line !== '' || index === all.length - 1)
    .slice(0, maxLines);
