import { StatementError } from './athena-statement';

/** A value bound to a `?` of a query. */
export type ParameterValue =
  | { readonly type: 'varchar' | 'date' | 'timestamp' | 'decimal'; readonly text: string }
  | { readonly type: 'bigint'; readonly text: string }
  | { readonly type: 'double'; readonly value: number }
  | { readonly type: 'boolean'; readonly value: boolean }
  | { readonly type: 'null' };

const text = String.raw`'((?:[^']|'')*)'`;

const forms: readonly (readonly [RegExp, (match: string) => ParameterValue])[] = [
  [new RegExp(`^${text}$`), (match) => ({ type: 'varchar', text: unquoted(match) })],
  [new RegExp(`^DATE\\s+${text}$`, 'i'), (match) => ({ type: 'date', text: unquoted(match) })],
  [
    new RegExp(`^TIMESTAMP\\s+${text}$`, 'i'),
    (match) => ({ type: 'timestamp', text: unquoted(match) }),
  ],
  [/^(-?\d+)$/, (match) => ({ type: 'bigint', text: match })],
  [/^(-?\d+\.\d*|-?\.\d+)$/, (match) => ({ type: 'decimal', text: match })],
  [/^(-?(?:\d+\.?\d*|\.\d+)e[+-]?\d+)$/i, (match) => ({ type: 'double', value: Number(match) })],
  [/^(true|false)$/i, (match) => ({ type: 'boolean', value: match.toLowerCase() === 'true' })],
  [/^(null)$/i, () => ({ type: 'null' })],
];

/**
 * Reads one of Athena's `ExecutionParameters`, which is a literal of its SQL, with texts in quotes. Anything else is
 * refused and never becomes part of the query. Source: Athena user guide, "Use parameterized queries".
 *
 * @throws {@link StatementError}
 */
export function parseExecutionParameter(literal: string): ParameterValue {
  for (const [form, value] of forms) {
    const match = form.exec(literal.trim());
    if (match?.[1] !== undefined) return value(match[1]);
  }
  throw new StatementError(
    `the execution parameter ${literal} is not a literal; a text stands in single quotes`,
  );
}

const unquoted = (match: string): string => match.replaceAll("''", "'");
