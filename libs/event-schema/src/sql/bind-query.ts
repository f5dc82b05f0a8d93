import type { NamedQuery } from '../definitions/define-query';
import { readParameter, type BoundValue } from '../definitions/query-parameter';
import { queryParts } from '../definitions/query-placeholders';
import { sqlText } from './sql-text';

/** A query with `?` for its parameters, and their values in the order of the marks. */
export interface BoundQuery {
  readonly sql: string;
  readonly values: readonly BoundValue[];
}

/** The statement of a query as an engine gets it, with `?` for each parameter: the same whatever the values are. */
export const preparedSql = ({ sql }: NamedQuery): string =>
  queryParts(sql)
    .map((part) => (part.kind === 'sql' ? part.text : '?'))
    .join('');

/** The parameter of each `?` of {@link preparedSql}, in their order. */
export const preparedParameters = ({ sql }: NamedQuery): readonly string[] =>
  queryParts(sql).flatMap((part) => (part.kind === 'parameter' ? [part.name] : []));

/** Why a value can't be bound. */
export interface ParameterProblem {
  readonly parameter: string;
  /** A sentence that goes after the parameter's name: "must be a text". */
  readonly message: string;
}

/** Athena's limit for one parameter (API reference: StartQueryExecution, ExecutionParameters). */
const maxLiteralLength = 1024;

/**
 * Fits values to the parameters of a query. All problems are answered at once.
 *
 * @param given by parameter, as they came
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
 * A value as one of Athena's ExecutionParameters, which are SQL literals: texts in quotes, numbers as doubles, integers as
 * they are (user guide: querying-with-prepared-statements).
 */
export function athenaLiteral(value: BoundValue): string {
  if (typeof value === 'string') return sqlText(value);
  if (typeof value === 'number') return value.toExponential().toUpperCase();
  return String(value);
}
