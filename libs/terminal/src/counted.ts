/** Writes a count with its noun, such as `1,200 rows` or `1 row`. @param noun in the singular; its plural ends in `s` */
export const counted = (count: number, noun: string): string =>
  `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
