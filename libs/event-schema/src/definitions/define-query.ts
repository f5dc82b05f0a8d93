import { pointerStep } from '@sluice/values';
import { checkDefinition, isRecord } from './check-members';
import { checkParameter, type ParameterDefinition } from './query-parameter';
import type { Refuse } from './definition-error';
import {
  parameterOutsideWhere,
  position,
  queryTokens,
  QueryTextError,
  type QueryToken,
} from './query-placeholders';

/** A query as its author writes it. */
export interface QueryDefinition {
  /** Name of the query, `[a-z][a-z0-9_]*`; also of the path segment. */
  readonly name: string;
  readonly description?: string;
  /**
   * One SELECT in the SQL that Trino and DuckDB share, with `:name` in place of a parameter. Parameters that are
   * dates or timestamps are texts there, like the column `dt`; `CAST(:day AS date)` compares one with a column of
   * dates.
   */
  readonly sql: string;
  /** Parameters by name. Each must occur in the SQL at least once, inside a WHERE. */
  readonly parameters: Readonly<Record<string, ParameterDefinition>>;
}

/** A checked query, as plain JSON. Made by {@link defineQuery}. */
export type NamedQuery = QueryDefinition;

const members: ReadonlySet<string> = new Set<keyof QueryDefinition>([
  'name',
  'description',
  'sql',
  'parameters',
]);
const parameterNamePattern = /^[A-Za-z_]\w*$/;
/** Largest size of a statement in bytes, as in Athena (user guide: service limits). */
const maxSqlBytes = 262_144;

/** Checks the definition of a query and returns it. @throws {@link DefinitionError} where the definition is wrong */
export function defineQuery(definition: QueryDefinition): NamedQuery {
  const refuse: Refuse = checkDefinition('query', definition, {
    members,
    texts: ['name', 'sql'],
    optionalTexts: ['description'],
  });
  const { sql, parameters } = definition;
  if (new TextEncoder().encode(sql).length > maxSqlBytes)
    refuse('/sql', `a query has at most ${maxSqlBytes} bytes`);
  const given: unknown = parameters;
  if (!isRecord(given))
    refuse('/parameters', 'must be an object of parameters by name; {} for none');
  for (const [parameter, options] of Object.entries(parameters)) {
    if (!parameterNamePattern.test(parameter))
      refuse(
        `/parameters${pointerStep(parameter)}`,
        `a name matches ${parameterNamePattern.source}`,
      );
    checkParameter(refuse, `/parameters${pointerStep(parameter)}`, options);
  }
  checkSql(refuse, sql, parameters);
  return definition;
}

function checkSql(refuse: Refuse, sql: string, parameters: QueryDefinition['parameters']): void {
  const tokens = tokensOf(refuse, sql);
  const [first] = tokens.filter(({ text }) => !/^(?:\s|--|\/\*)/.test(text));
  if (!/^(?:select|with)$/i.test(first?.text ?? ''))
    refuse('/sql', 'a query begins with SELECT or WITH; it only reads');
  const used = new Set<string>();
  for (const { parameter, offset } of tokens) {
    if (parameter === undefined) continue;
    used.add(parameter);
    if (!Object.hasOwn(parameters, parameter))
      refuse(
        '/sql',
        `${position(sql, offset)}: ":${parameter}" is no parameter; the query has ` +
          (Object.keys(parameters).join(', ') || 'none'),
      );
  }
  const unused = Object.keys(parameters).find((parameter) => !used.has(parameter));
  if (unused !== undefined)
    refuse(
      `/parameters${pointerStep(unused)}`,
      `the SQL has no ":${unused}" outside of texts and comments; use it or leave it out`,
    );
  const outside = parameterOutsideWhere(tokens);
  if (outside)
    refuse(
      '/sql',
      `${position(sql, outside.offset)}: "${outside.text}" is outside of a WHERE, where Athena takes no parameter; ` +
        'number the rows in a subquery to limit them',
    );
}

function tokensOf(refuse: Refuse, sql: string): readonly QueryToken[] {
  try {
    return queryTokens(sql);
  } catch (error) {
    if (error instanceof QueryTextError) return refuse('/sql', error.message);
    throw error;
  }
}
