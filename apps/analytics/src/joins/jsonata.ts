/** Marks an expression in JSONata for Step Functions to evaluate (developer guide: transforming-data). */
export const expression = (jsonata: string): string => `{% ${jsonata} %}`;

/**
 * Writes a text as a JSONata literal. The percent sign is escaped, so that no text can end the surrounding
 * expression.
 */
export const literal = (text: string): string => JSON.stringify(text).replaceAll('%', '\\u0025');

/**
 * Writes a text with variables as a JSONata expression.
 *
 * @param text contains each variable's name, such as `$date`, where its value goes
 */
export const filledIn = (text: string, variables: readonly `$${string}`[]): string =>
  text
    .split(new RegExp(`(${variables.map((name) => name.replace('$', '\\$')).join('|')})`))
    .filter((part) => part !== '')
    .map((part) => ((variables as readonly string[]).includes(part) ? part : literal(part)))
    .join(' & ');
