import { pathText, tableColumns, type Column } from './columns';
import { tableName, type EventType } from './define-event';
import { glueType } from './glue';
import type { JsonSchema } from './json-schema';

/** Describes every event type and its table for the people who query them, in Markdown. */
export const dataDictionary = (eventTypes: readonly EventType[]): string =>
  [
    '# Data dictionary',
    'Made from the event definitions by `npx nx run event-schema:docs`. Change a definition, not this page.',
    eventTypes.map(({ name }) => `- [${name}](#${name})`).join('\n'),
    ...eventTypes.map(section),
  ].join('\n\n') + '\n';

function section(eventType: EventType): string {
  const { name, version, description, key, identity, time } = eventType;
  const facts = [
    `Table \`${tableName(eventType)}\`, version ${version}`,
    `key ${code(key)}`,
    identity === undefined
      ? 'no identity: the position in the stream is it'
      : `identity ${code(identity)}`,
    ...(time === undefined ? [] : [`time ${code(time)}`]),
  ];
  return [
    `## ${name}`,
    ...(description === undefined ? [] : [description]),
    `${facts.join(' · ')}.`,
    [
      '| column | type | from | always there | meaning |',
      '|---|---|---|---|---|',
      ...tableColumns(eventType).map(tableRow),
    ].join('\n'),
  ].join('\n\n');
}

const tableRow = (column: Column): string =>
  '| ' +
  [
    code(column.name),
    glueType(column.type) + (column.type.kind === 'json' ? ' (JSON text)' : ''),
    column.path.length === 0 ? 'Sluice' : code(pathText(column.path)),
    column.required && !column.nullable ? 'yes' : 'no',
    cell(meaning(column.schema)),
  ].join(' | ') +
  ' |';

function meaning(schema: JsonSchema): string {
  const { description, minimum, maximum, pattern, enum: values, default: fallback } = schema;
  const allowed =
    values ??
    schema.anyOf?.filter((branch) => 'const' in branch).map((branch) => branch.const) ??
    [];
  return [
    ...(description === undefined ? [] : [description]),
    ...(allowed.length > 0
      ? [`One of ${allowed.map((value) => code(JSON.stringify(value))).join(', ')}.`]
      : []),
    ...(minimum === undefined ? [] : [`At least ${minimum}.`]),
    ...(maximum === undefined ? [] : [`At most ${maximum}.`]),
    ...(pattern === undefined ? [] : [`Matches ${code(pattern)}.`]),
    ...(fallback === undefined ? [] : [`${code(JSON.stringify(fallback))} where it is left out.`]),
  ].join(' ');
}

/** Backticks around the text; more of them where it has some itself (CommonMark, code spans). */
const code = (text: string): string => {
  const fence = '`'.repeat(
    1 + Math.max(0, ...(text.match(/`+/g) ?? []).map(({ length }) => length)),
  );
  return text.includes('`') ? `${fence} ${text} ${fence}` : fence + text + fence;
};

const cell = (text: string): string => text.replaceAll('|', '\\|').replace(/\s+/g, ' ');
