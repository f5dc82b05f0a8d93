/** Holds the names that a lake has. */
export interface LakeNames {
  readonly tables: readonly string[];
  readonly columns: readonly string[];
}

/**
 * Quotes for the user what SQL would take for something else: a table that is called as a word of SQL (`from order`), and a column that
 * begins with a digit (`1st`, which is a number and its alias otherwise). Texts, comments and names in quotes stay as they are.
 */
export function quoteNames(sql: string, { tables, columns }: LakeNames): string {
  const reservedTables = new Set(tables.filter((name) => reservedWords.has(name)));
  const numbered = new Set(columns.filter((name) => /^\d/.test(name) && !isNumber(name)));
  let before = '';
  return sql.replace(token, (text, word: string | undefined) => {
    if (word === undefined) return text;
    const name = word.toLowerCase();
    const isTable = (before === 'from' || before === 'join') && reservedTables.has(name);
    before = name;
    return isTable || numbered.has(name) ? `"${word}"` : text;
  });
}

/** Names the table or column that made a query fail, where it stands in the query as a keyword; undefined where none does. */
export function quotingHint(
  message: string,
  sql: string,
  { tables, columns }: LakeNames,
): string | undefined {
  if (!/syntax error|selection list|Parser Error/i.test(message)) return undefined;
  let before = '';
  let end = 0;
  for (const match of sql.matchAll(token)) {
    const [text, word] = match;
    if (word === undefined) continue;
    const name = word.toLowerCase();
    const gap = sql.slice(end, match.index).trim();
    const isName = gap === '' ? beforeNames.has(before) : /[,.(=<>+*/-]$/.test(gap);
    const what = columns.includes(name)
      ? 'a column'
      : tables.includes(name)
        ? 'a table'
        : undefined;
    if (isName && what !== undefined && reservedWords.has(name))
      return `"${name}" is ${what} here and a word of SQL; write it in double quotes: "${name}"`;
    before = name;
    end = match.index + text.length;
  }
  return undefined;
}

const beforeNames: ReadonlySet<string> = new Set(
  'and by distinct from having join not on or select using where'.split(' '),
);

/** Matches what is to be passed over, or a word, which is captured. */
const token =
  /'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\/|\$\$[\s\S]*?\$\$|(\b[a-z0-9_]+\b)/gi;

/** Matches numbers such as 1e5 and 0x1f, even where a column is called so. */
const isNumber = (name: string): boolean => /^(?:[\d_]+(?:e\d+)?|0[xb][0-9a-f_]+)$/.test(name);

/** Words that DuckDB keeps for itself (`duckdb_keywords()`, category reserved). */
const reservedWords: ReadonlySet<string> = new Set(
  (
    'all analyse analyze and any array as asc asymmetric both case cast check collate column constraint create default ' +
    'deferrable desc describe distinct do else end except false fetch for foreign from group having in initially intersect ' +
    'into lambda lateral leading limit not null offset on only or order pivot pivot_longer pivot_wider placing primary ' +
    'qualify references returning select show some summarize symmetric table then to trailing true union unique unpivot ' +
    'using variadic when where window with'
  ).split(' '),
);
