/** Header that names the columns which an API key may not see, separated by commas. */
export const columnsLeftOutHeader = 'x-columns-left-out';

/** Returns the header that says which columns an answer lacks; none where it has all. */
export const columnsLeftOut = (names: readonly string[]): Readonly<Record<string, string>> =>
  names.length === 0 ? {} : { [columnsLeftOutHeader]: names.join(',') };
