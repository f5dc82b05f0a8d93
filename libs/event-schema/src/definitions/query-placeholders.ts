/** A part of a query: SQL, or the place of a parameter. */
export type QueryPart =
  | { readonly kind: 'sql'; readonly text: string }
  | { readonly kind: 'parameter'; readonly name: string; readonly offset: number };

/** Error for a query whose text can't be read. */
export class QueryTextError extends Error {
  override readonly name = 'QueryTextError';
}

/**
 * Matches one token. Texts, names and comments are one token each, so that nothing inside of them is taken for a
 * parameter.
 */
const tokenPattern =
  /'(?:[^']|'')*'(?!')|"(?:[^"]|"")*"(?!")|--[^\n]*|\/\*[\s\S]*?\*\/|::|:([A-Za-z_]\w*)|[\w$]+|['"?;`]|\/\*|[\s\S]/gy;

const faults: Readonly<Record<string, string>> = {
  "'": "a text is not closed; double a ' that is part of it",
  '"': 'a name is not closed; double a " that is part of it',
  '/*': 'a comment is not closed',
  '?': 'a "?" would shift the parameters; write :name',
  ';': 'a query is one statement, without ";"',
  '`': 'names are quoted with ", as Trino and DuckDB both do',
};

export interface QueryToken {
  readonly text: string;
  readonly offset: number;
  readonly parameter?: string;
}

/** Splits a query into tokens, which together are the whole query. @throws {@link QueryTextError} at the first fault */
export function queryTokens(sql: string): readonly QueryToken[] {
  return [...sql.matchAll(tokenPattern)].map((match) => {
    const [text, parameter] = match;
    const offset = match.index;
    if (Object.hasOwn(faults, text))
      throw new QueryTextError(`${position(sql, offset)}: ${faults[text] ?? ''}`);
    return { text, offset, ...(parameter !== undefined && { parameter }) };
  });
}

/** Returns the line and column of an offset, both counted from 1. */
export function position(sql: string, offset: number): string {
  const before = sql.slice(0, offset).split('\n');
  return `line ${before.length}, column ${(before.at(-1) ?? '').length + 1}`;
}

const clauseWords: ReadonlySet<string> = new Set(
  'SELECT FROM WHERE GROUP HAVING WINDOW ORDER LIMIT OFFSET FETCH ON USING UNION INTERSECT EXCEPT WITH VALUES'.split(
    ' ',
  ),
);

/**
 * Returns the first parameter outside of every WHERE; undefined where there is none. Athena accepts parameters
 * nowhere else (user guide: querying-with-prepared-statements).
 */
export function parameterOutsideWhere(tokens: readonly QueryToken[]): QueryToken | undefined {
  // The clause at each depth of parentheses. Parentheses inside a WHERE are part of it.
  const clauses: string[] = [''];
  for (const token of tokens) {
    const word = token.text.toUpperCase();
    if (word === '(') clauses.push('');
    else if (word === ')') clauses.pop();
    else if (token.parameter !== undefined && !clauses.includes('WHERE')) return token;
    else if (clauseWords.has(word)) clauses[clauses.length - 1] = word;
  }
  return undefined;
}

/** Splits a query at its parameters. @throws {@link QueryTextError} */
export function queryParts(sql: string): readonly QueryPart[] {
  const parts: QueryPart[] = [];
  let text = '';
  for (const token of queryTokens(sql)) {
    if (token.parameter === undefined) text += token.text;
    else {
      parts.push(
        { kind: 'sql', text },
        { kind: 'parameter', name: token.parameter, offset: token.offset },
      );
      text = '';
    }
  }
  return [...parts, { kind: 'sql', text }];
}
