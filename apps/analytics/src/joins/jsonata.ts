/** An expression where Step Functions evaluates JSONata (developer guide: transforming-data). */
export const expression = (jsonata: string): string => `{% ${jsonata} %}`;

/** A text as a JSONata literal. The percent sign is escaped, so that no text ends the expression around it. */
export const literal = (text: string): string => JSON.stringify(text).replaceAll('%', '\\u0025');

/**
 * A text with variables in it, as a JSONata expression.
 *
 * @param text holds each variable's name, such as `$date`, where its value goes
 */
export const filledIn = (text: string, variables: readonly `$${string}`[]): string =>
  text
    .split(new RegExp(`(${variables.map((name) => name.replace('$', '\\$')).join('|')})`))
    .filter((part) => part !== '')
    .map((part) => ((variables as readonly string[]).includes(part) ? part : literal(part)))
    .join(' & ');
