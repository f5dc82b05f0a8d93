/** Matches a whole comment, text or quoted name, or any other single character. */
const token = /--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|'(?:[^']|'')*'?|"(?:[^"]|"")*"?|[\s\S]/y;

const isComment = (part: string): boolean => part.startsWith('--') || part.startsWith('/*');

/**
 * Splits SQL into tokens, so that a parenthesis or question mark inside a text can be recognised. Joining the tokens
 * gives the SQL again.
 */
export function sqlTokens(sql: string): readonly string[] {
  return sql.match(new RegExp(token, 'g')) ?? [];
}

/** Removes comments, white space and semicolons around a statement. */
export function trimStatement(sql: string): string {
  const tokens = [...sqlTokens(sql)];
  const isIdle = (part: string | undefined): boolean =>
    part !== undefined && (isComment(part) || part.trim() === '');
  while (isIdle(tokens[0])) tokens.shift();
  while (isIdle(tokens.at(-1)) || tokens.at(-1) === ';') tokens.pop();
  return tokens.join('');
}
