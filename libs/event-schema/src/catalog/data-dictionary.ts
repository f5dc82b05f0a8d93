import { pathText, type Column } from '../schema/columns';
import { tableColumns } from '../definitions/table-columns';
import type { Catalog } from './check-catalog';
import { tableName, type EventType } from '../definitions/define-event';
import { joinColumns, sideTable, type Join } from '../definitions/define-join';
import type { NamedQuery } from '../definitions/define-query';
import { referenceColumns, type ReferenceTable } from '../definitions/define-reference';
import { glueType } from '../sql/type-names';
import {
  errorRetentionDays,
  hasSubject,
  ruleOfPath,
  subjectPaths,
  type PrivacyRule,
} from '../definitions/privacy';
import type { JsonSchema } from '../schema/json-schema';
import { isRestricted } from '../schema/restricted';

/**
 * Writes a description of all tables and queries in Markdown, for the people who use them: event types and their
 * tables, reference tables, joins and queries.
 */
export const dataDictionary = ({ eventTypes, references, joins, queries }: Catalog): string =>
  [
    '# Data dictionary',
    'Made from the definitions by `npx nx run event-types:docs`. Change a definition, not this page.',
    [
      contents('Event types', eventTypes),
      contents('Reference tables', references),
      contents('Joins', joins),
      contents('Queries', queries),
    ]
      .filter((line) => line !== '')
      .join('\n'),
    ...eventTypes.map(eventTypeSection),
    ...references.map(referenceSection),
    ...joins.map(joinSection),
    ...queries.map(querySection),
  ].join('\n\n') + '\n';

const contents = (title: string, definitions: readonly { readonly name: string }[]): string =>
  definitions.length === 0
    ? ''
    : `- ${title}: ${definitions.map(({ name }) => `[${name}](#${name})`).join(', ')}`;

const paragraphs = (parts: readonly (string | undefined)[]): string =>
  parts.filter((part) => part !== undefined).join('\n\n');

const columnTable = (columns: readonly Column[], from = sourceOf): string =>
  [
    '| column | type | from | always there | meaning |',
    '|---|---|---|---|---|',
    ...columns.map((column) => tableRow(column, from(column))),
  ].join('\n');

function eventTypeSection(eventType: EventType): string {
  const { name, version, description, key, identity, time, indexes = [] } = eventType;
  const facts = [
    `Table \`${tableName(eventType)}\`, version ${version}`,
    `key ${code(key)}`,
    identity === undefined
      ? 'no identity: the position in the stream is it'
      : `identity ${code(identity)}`,
    ...(time === undefined ? [] : [`time ${code(time)}`]),
    ...(indexes.length === 0 ? [] : [`also found by ${indexes.map(code).join(', ')}`]),
  ];
  return paragraphs([
    `## ${name}`,
    description,
    `${facts.join(' · ')}.`,
    privacySentences(eventType),
    columnTable(tableColumns(eventType).map((column) => withPrivacy(eventType, column))),
  ]);
}

/**
 * Describes erasure, the treatment of values that the schema does not name, and retention; undefined where the event
 * type has no such rules.
 */
function privacySentences(eventType: EventType): string | undefined {
  const { privacy = {}, retentionDays, rawRetentionDays, legalHold } = eventType;
  const errorDays = errorRetentionDays(eventType);
  const subjects = subjectPaths(eventType);
  const columns = tableColumns(eventType);
  const elsewhere = Object.entries(privacy).filter(
    ([path]) => !columns.some((column) => pathText(column.path) === path),
  );
  const days = (count: number): string => (count === 1 ? '1 day' : `${count} days`);
  const sentences = [
    ...(subjects.length > 0 ? [subjectSentence(subjects)] : []),
    ...elsewhere.map(([path, rule]) => `${code(path)}: ${ruleWords[rule]}.`),
    ...(retentionDays === undefined ? [] : [`Rows are kept for ${days(retentionDays)}.`]),
    ...(rawRetentionDays === undefined
      ? []
      : [`Raw files are kept for ${days(rawRetentionDays)}.`]),
    ...(errorDays === undefined ? [] : [`Failed records are kept for ${days(errorDays)}.`]),
    ...(columns.some(isRestricted)
      ? [`Whoever may not see all restricted columns does not see ${code('unmapped')} either.`]
      : []),
    ...(legalHold === true ? ['A legal hold keeps all of it until it is lifted.'] : []),
  ];
  return sentences.length === 0 ? undefined : sentences.join(' ');
}

const subjectSentence = (subjects: readonly string[]): string =>
  `A person is named by ${subjects.map(code).join(', ')}.`;

const ruleWords: Readonly<Record<PrivacyRule, string>> = {
  hash: 'stored as a keyed hash',
  drop: 'never stored',
  mask: 'stored masked, but for the last four characters of a long text',
  'truncate-ip': 'stored as the network of the address',
};

/** Adds to a column's description its privacy rule and who may see it. */
function withPrivacy(eventType: EventType, column: Column): Column {
  const rule = column.path.length === 0 ? undefined : ruleOfPath(eventType, column.path);
  const words = [
    ...(rule === undefined ? [] : [`Privacy: ${ruleWords[rule]}.`]),
    ...(isRestricted(column)
      ? [`Restricted: for API keys with the scope ${code(`${eventType.name}.${column.name}`)}.`]
      : []),
  ];
  if (words.length === 0) return column;
  const { description } = column.schema;
  const all = [...(description === undefined ? [] : [description]), ...words].join(' ');
  return { ...column, schema: { ...column.schema, description: all } };
}

const referenceSection = (reference: ReferenceTable): string =>
  paragraphs([
    `## ${reference.name}`,
    reference.description,
    `Reference table${reference.key === undefined ? '' : ` · key ${code(reference.key)}`}.`,
    hasSubject(reference) ? subjectSentence(subjectPaths(reference)) : undefined,
    columnTable(referenceColumns(reference)),
  ]);

const joinWords = {
  inner: 'rows of both sides that match',
  left: 'every event, with or without a match',
  right: 'events that match, and rows of the right side without events',
} as const;

function joinSection(join: Join): string {
  const keys = `${code(sideTable(join, 'left'))}.${code(join.on.left)} = ${code(sideTable(join, 'right'))}.${code(join.on.right)}`;
  const columns = joinColumns(join);
  const source = ({ name }: Column): string => {
    const column = columns.find((candidate) => candidate.name === name);
    return column ? `${code(sideTable(join, column.side))}.${code(column.source)}` : '';
  };
  return paragraphs([
    `## ${join.name}`,
    join.description,
    `Join (${join.type}: ${joinWords[join.type]}) on ${keys} · runs: ${code(join.schedule)}.`,
    columnTable(columns, source),
  ]);
}

function querySection(query: NamedQuery): string {
  const parameters = Object.entries(query.parameters).map(
    ([name, { type, description, default: fallback }]) =>
      `| ${code(name)} | ${type} | ${fallback === undefined ? 'yes' : `no: ${code(String(fallback))}`} | ${cell(description ?? '')} |`,
  );
  return paragraphs([
    `## ${query.name}`,
    query.description,
    `\`POST /v1/queries/${query.name}\`.`,
    parameters.length === 0
      ? undefined
      : ['| parameter | type | needed | meaning |', '|---|---|---|---|', ...parameters].join('\n'),
  ]);
}

const sourceOf = ({ path }: Column): string =>
  path.length === 0 ? 'Sluice' : code(pathText(path));

const tableRow = (column: Column, from: string): string =>
  '| ' +
  [
    code(column.name),
    glueType(column.type) + (column.type.kind === 'json' ? ' (JSON text)' : ''),
    from,
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

/**
 * Writes a text as a code span: in backticks, of which there are more where the text contains some itself
 * (CommonMark, code spans).
 */
const code = (text: string): string => {
  const fence = '`'.repeat(
    1 + Math.max(0, ...(text.match(/`+/g) ?? []).map(({ length }) => length)),
  );
  return text.includes('`') ? `${fence} ${text} ${fence}` : fence + text + fence;
};

const cell = (text: string): string => text.replaceAll('|', '\\|').replace(/\s+/g, ' ');
