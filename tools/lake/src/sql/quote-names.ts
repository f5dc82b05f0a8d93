/** The names of tables and columns in a lake. */
export interface LakeNames {
  readonly tables: readonly string[];
  readonly columns: readonly string[];
}

/**
 * Quotes names that SQL would take for something else: a table named like a word of SQL (`from order`), and a column
 * that begins with a digit (`1st`, which would otherwise be a number and its alias). Texts, comments and quoted names
 * are not changed.
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

/**
 * Returns advice about the table or column that made a query fail because it is a keyword; undefined where there is
 * none.
 */
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
    if (
      isName &&
      what !== undefined &&
      (reservedWords.has(name) || (what === 'a column' && functionWords.has(name)))
    )
      return `"${name}" is ${what} here and a word of SQL; write it in double quotes: "${name}"`;
    before = name;
    end = match.index + text.length;
  }
  return undefined;
}

const beforeNames: ReadonlySet<string> = new Set(
  'and by distinct from having join not on or select using where'.split(' '),
);

/** Matches text to be skipped, or a word, which is captured. */
const token =
  /'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\/|\$\$[\s\S]*?\$\$|(\b[a-z0-9_]+\b)/gi;

/** Decides whether a name is a number such as 1e5 or 0x1f, even if a column has that name. */
const isNumber = (name: string): boolean => /^(?:[\d_]+(?:e\d+)?|0[xb][0-9a-f_]+)$/.test(name);

/** DuckDB's words that are names of types and functions, but not of columns (category type_function). */
const functionWords: ReadonlySet<string> = new Set(
  (
    'anti asof at authorization binary by collation columns concurrently cross freeze full generated glob ilike inner is ' +
    'isnull join left like map natural notnull outer overlaps positional right semi similar struct tablesample try_cast ' +
    'unpack verbose'
  ).split(' '),
);

/** DuckDB's reserved words (`duckdb_keywords()`, category reserved). */
const reservedWords: ReadonlySet<string> = new Set(
  (
    'all analyse analyze and any array as asc asymmetric both case cast check collate column constraint create default ' +
    'deferrable desc describe distinct do else end except false fetch for foreign from group having in initially intersect ' +
    'into lambda lateral leading limit not null offset on only or order pivot pivot_longer pivot_wider placing primary ' +
    'qualify references returning select show some summarize symmetric table then to trailing true union unique unpivot ' +
    'using variadic when where window with'
  ).split(' '),
);
