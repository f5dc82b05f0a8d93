/** Returns a name in double quotes, those inside doubled. */
export const quoteName = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** Returns a text in single quotes, those inside doubled. */
export const quoteText = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** Whole of a comment, text or quoted name; or any one other character. */
const token = /--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|'(?:[^']|'')*'?|"(?:[^"]|"")*"?|[\s\S]/y;

const isComment = (part: string): boolean => part.startsWith('--') || part.startsWith('/*');

/** Splits SQL so that a bracket or a question mark can be told from one within a text. Joined, the pieces are the SQL again. */
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
