import { wrapText } from '@sluice/terminal';
import { quotingHint, type LakeNames } from './quote-names';

/** Largest number of tables that an error names. */
const maxTables = 20;

/** Tables that come with another one, whose name they begin with. */
const companion = /_(?:latest|raw)$/;

/** Rewrites the engine's error about a query for its author: what to quote, and which tables there are. */
export function errorText(message: string, sql: string, names: LakeNames): string {
  if (message.startsWith('INTERRUPT Error')) return 'the query was stopped';
  const hint = quotingHint(message, sql, names);
  const told = withOwnTables(message, names);
  return hint === undefined ? told : `${hint}\n${told}`;
}

/** Replaces the suggestion of a table that belongs to the engine, where the lake has none of a similar name. */
const withOwnTables = (message: string, { tables }: LakeNames): string =>
  message.replace(
    /^(.*Table with name .* does not exist!)\nDid you mean "([^"\n]*)"\?/,
    (all, fact: string, suggested: string) =>
      tables.includes(suggested) ? all : `${fact}\n${wrapText(tableList(tables))}`,
  );

function tableList(tables: readonly string[]): string {
  const own = tables.filter(
    (name) => !companion.test(name) || !tables.includes(name.replace(companion, '')),
  );
  if (own.length === 0) return 'The lake has no table.';
  const more = own.length > maxTables ? `, and ${own.length - maxTables} more` : '';
  return `The lake has ${own.slice(0, maxTables).join(', ')}${more}.`;
}
