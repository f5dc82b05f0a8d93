import type { NamedQuery } from '../definitions/define-query';
import { readParameter, type BoundValue } from '../definitions/query-parameter';
import { queryParts } from '../definitions/query-placeholders';
import { sqlText } from './sql-text';

/** A query with `?` in place of its parameters, and their values in the order of the question marks. */
export interface BoundQuery {
  readonly sql: string;
  readonly values: readonly BoundValue[];
}

/** Returns the statement of a query with `?` for each parameter. It does not depend on the values. */
export const preparedSql = ({ sql }: NamedQuery): string =>
  queryParts(sql)
    .map((part) => (part.kind === 'sql' ? part.text : '?'))
    .join('');

/** Returns the names of the parameters for each `?` of {@link preparedSql}, in order. */
export const preparedParameters = ({ sql }: NamedQuery): readonly string[] =>
  queryParts(sql).flatMap((part) => (part.kind === 'parameter' ? [part.name] : []));

/** Reason why a value can't be bound. */
export interface ParameterProblem {
  readonly parameter: string;
  /** A sentence that continues the parameter's name: "must be a text". */
  readonly message: string;
}

/** Longest literal of a parameter, as in Athena (API reference: StartQueryExecution, ExecutionParameters). */
const maxLiteralLength = 1024;

/**
 * Binds values to the parameters of a query. Returns all problems at once.
 *
 * @param given values by parameter, as the caller sent them
 */
export function bindQuery(
  query: NamedQuery,
  given: Readonly<Record<string, unknown>>,
): BoundQuery | { readonly problems: readonly ParameterProblem[] } {
  const problems: ParameterProblem[] = [];
  const bound = new Map<string, BoundValue>();
  const names = Object.keys(query.parameters);
  for (const name of Object.keys(given))
    if (!Object.hasOwn(query.parameters, name))
      problems.push({
        parameter: name,
        message: `is no parameter of ${query.name}; it has ${names.join(', ') || 'none'}`,
      });
  for (const [name, parameter] of Object.entries(query.parameters)) {
    const value = Object.hasOwn(given, name) ? given[name] : undefined;
    if (value === undefined && parameter.default === undefined) {
      problems.push({ parameter: name, message: 'is missing' });
      continue;
    }
    const read = readParameter(parameter, value ?? parameter.default);
    if ('complaint' in read) problems.push({ parameter: name, message: read.complaint });
    else if (athenaLiteral(read.value).length > maxLiteralLength)
      problems.push({
        parameter: name,
        message: `is too long: as an SQL literal it may have ${maxLiteralLength} characters`,
      });
    else bound.set(name, read.value);
  }
  if (problems.length > 0) return { problems };

  const values = preparedParameters(query).map((name) => {
    const value = bound.get(name);
    if (value === undefined) throw new Error(`query ${query.name} has no parameter ${name}`);
    return value;
  });
  return { sql: preparedSql(query), values };
}

/**
 * Writes a value as one of Athena's ExecutionParameters, which are SQL literals: texts in quotes, numbers as doubles,
 * integers unchanged (user guide: querying-with-prepared-statements).
 */
export function athenaLiteral(value: BoundValue): string {
  if (typeof value === 'string') return sqlText(value);
  if (typeof value === 'number') return value.toExponential().toUpperCase();
  return String(value);
}
