import type { Catalog } from '../catalog/check-catalog';
import { tableName, type EventType } from '../definitions/define-event';
import { joinColumns } from '../definitions/define-join';
import type { NamedQuery } from '../definitions/define-query';
import { queryTokens } from '../definitions/query-placeholders';
import { tableColumns } from '../definitions/table-columns';
import { rowsByKey } from '../derived/rows-by-key';
import { catalogNames } from '../sql/views';
import { neededForColumn, restrictedReferenceColumns } from './restricted-columns';

/** Restricted columns that an API key must see to run a named query. */
export interface QueryAccess {
  /** Names of the event types whose rows the query reads. */
  readonly eventTypes: readonly string[];
  /** Restricted columns that the query reads: what each needs, as `<event type>.<column>`, by its name. */
  readonly needs: Readonly<Record<string, readonly string[]>>;
  /** True where the columns of the result are those of the table, so that restricted ones can be left out of it. */
  readonly leavesOut: boolean;
}

/**
 * Returns what a query reads, by the names in its SQL. A query that names a restricted column anywhere reads it, also
 * where it only compares it; one with a `*`, or that gives a table's columns new names, reads all columns of each table
 * that it names.
 */
export function queryAccess(
  query: NamedQuery,
  { eventTypes, references, joins }: Pick<Catalog, 'eventTypes' | 'references' | 'joins'>,
): QueryAccess {
  const tables = new Set([
    ...eventTypes.flatMap((eventType) => Object.values(catalogNames(eventType))),
    ...[...references, ...joins].map(({ name }) => name),
  ]);
  const { words, hasStar } = namesIn(query.sql, tables);
  const isRead = (column: string): boolean => hasStar || words.has(column);
  const read = new Set<string>();
  const needs: Record<string, readonly string[]> = {};
  const need = (column: string, needed: readonly string[]): void => {
    if (needed.length > 0 && isRead(column))
      needs[column] = [...new Set([...(needs[column] ?? []), ...needed])];
  };
  for (const eventType of eventTypes) {
    if (!Object.values(catalogNames(eventType)).some((name) => words.has(name))) continue;
    read.add(eventType.name);
    for (const { name } of tableColumns(eventType)) need(name, neededForColumn(eventType, name));
  }
  for (const reference of references)
    if (words.has(reference.name))
      for (const name of restrictedReferenceColumns(reference))
        need(name, [`${reference.name}.${name}`]);
  for (const join of joins) {
    if (!words.has(join.name)) continue;
    read.add(join.left.name);
    const ofRight = restrictedReferenceColumns(join.right);
    for (const { name, side, source } of joinColumns(join))
      need(
        name,
        side === 'left'
          ? neededForColumn(join.left, source)
          : ofRight.filter((one) => one === source).map((one) => `${join.right.name}.${one}`),
      );
  }
  return {
    eventTypes: [...read],
    needs,
    leavesOut: eventTypes.some((eventType) => isRowsByKey(query, eventType)),
  };
}

const isRowsByKey = (query: NamedQuery, eventType: EventType): boolean =>
  query.name.startsWith(tableName(eventType)) && query.sql === rowsByKey(eventType).sql;

/** Words after which a `*` means all columns rather than a multiplication. */
const beforeStar: ReadonlySet<string> = new Set(['select', 'distinct', 'all', ',', '.']);

/** Words between a table and a `(` that are no alias of the table. */
const noAlias: ReadonlySet<string> = new Set(
  'and as except from having in intersect join not on or union using where'.split(' '),
);

/** Returns the names in a query, in lower case, and whether it reads columns that it does not name. */
function namesIn(
  sql: string,
  tables: ReadonlySet<string>,
): { readonly words: ReadonlySet<string>; readonly hasStar: boolean } {
  const texts = queryTokens(sql)
    .map(({ text }) => text)
    .filter((text) => !/^(?:\s|--|\/\*|')/.test(text))
    // "order" may be a table; ORDER BY names none. Trino reserves both words, so without quotes they are no names.
    .map((text, at, all) =>
      /^(?:order|group)$/i.test(text) && /^by$/i.test(all[at + 1] ?? '') ? '' : text,
    )
    .map((text) => (text.startsWith('"') ? text.slice(1, -1).replaceAll('""', '"') : text))
    .map((text) => text.toLowerCase());
  // Tables such as "orders$files" tell the least and the greatest value of every column.
  const described = texts.flatMap((text) => /^(\w+)\$\w+$/.exec(text)?.[1] ?? []);
  // `orders AS o (a, b)` renames the columns by position.
  const renames = (text: string, at: number): boolean =>
    text === '(' &&
    !noAlias.has(texts[at - 1] ?? '') &&
    tables.has(texts[texts[at - 2] === 'as' ? at - 3 : at - 2] ?? '');
  return {
    words: new Set([...texts, ...described]),
    // `TABLE orders` is `SELECT * FROM orders`.
    hasStar:
      described.length > 0 ||
      texts.includes('table') ||
      texts.some(renames) ||
      texts.some((text, at) => text === '*' && beforeStar.has(texts[at - 1] ?? '')),
  };
}
