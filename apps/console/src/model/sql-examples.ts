import type { EventTypeFacts } from './facts';

/** Returns the query that a page begins with. */
export const starter = (table: string): string =>
  `select *\nfrom ${table}\norder by ingested_at desc\nlimit 100`;

/** Returns example queries for a table. */
export function examplesOf(
  table: string,
  eventType: EventTypeFacts | undefined,
): readonly { readonly name: string; readonly sql: string }[] {
  const text = eventType?.columns.find(
    ({ type, isSystem, path }) =>
      type === 'string' && !isSystem && path !== eventType.key && path !== eventType.identity,
  )?.name;
  return [
    { name: `latest rows of ${table}`, sql: starter(table) },
    ...(text === undefined
      ? []
      : [
          {
            name: `rows by ${text}`,
            sql: `select ${text}, count(*) as events\nfrom ${table}\ngroup by ${text}\norder by events desc\nlimit 20`,
          },
        ]),
    {
      name: 'rows by minute',
      sql: `select date_trunc('minute', ingested_at) as minute, count(*) as events\nfrom ${table}\ngroup by 1\norder by 1`,
    },
    {
      name: 'rows by day',
      sql: `select dt, count(*) as events\nfrom ${table}\ngroup by dt\norder by dt`,
    },
  ];
}
