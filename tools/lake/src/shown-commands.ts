// Writes commands for a person to paste. They run in the checkout, in a POSIX shell.
import { dataDirectory } from '@sluice/lake-layout/data-directory';
import { sqlName, type EventType, type Join } from '@sluice/event-schema';
import { shellCommand, shellWord } from '@sluice/terminal';
import { isAbsolute, join, relative, resolve } from 'node:path';
import type { Endpoints } from './endpoints';
import { defaultDataDir } from './data-dir';
import { workspaceRoot } from '@sluice/infra/synthesise';

/** Returns a data directory, or a file in it, as commands in the checkout name it. */
export function shownDataDir(path: string): string {
  const fromRoot = relative(workspaceRoot(), path);
  return fromRoot.startsWith('..') || isAbsolute(fromRoot) ? path : fromRoot;
}

/** Returns `--data-dir`, unless it is the default. */
export const dataDirOption = (path: string): readonly (readonly string[])[] =>
  shownDataDir(path) === defaultDataDir ? [] : [['--data-dir', shownDataDir(path)]];

/** Returns the command that starts the local stack of a data directory, for the middle of a sentence. */
export const startCommand = (dataDir: string): string => {
  const option = dataDirOption(resolve(dataDir)).flat().map(shellWord);
  return ['npm start', ...(option.length > 0 ? ['--', ...option] : [])].join(' ');
};

const keyHeader = ({ apiKey }: Pick<Endpoints, 'apiKey'>): readonly string[] => [
  '-H',
  `x-api-key: ${apiKey}`,
];
const jsonHeader = ['-H', 'content-type: application/json'];

export function postCommand(
  endpoints: Pick<Endpoints, 'ingest' | 'apiKey'>,
  eventType: EventType,
  event: object,
): string {
  return `${shellCommand([
    ['curl', '-sS', `${endpoints.ingest}/v1/events/${eventType.name}`],
    keyHeader(endpoints),
    jsonHeader,
  ])} \\\n${body(event)}`;
}

/** Breaks a JSON text into lines between its members, which a quoted word of a shell allows. */
function body(event: object): string {
  const lines = [''];
  let member = '';
  const take = (): void => {
    const line = lines.at(-1) ?? '';
    if (line !== '' && line.length + member.length > maxBodyLine) lines.push(member);
    else lines[lines.length - 1] = line + member;
    member = '';
  };
  for (const [token] of shellWord(JSON.stringify(event)).matchAll(/"(?:[^"\\]|\\.)*"|[^"]/g)) {
    member += token;
    if (token === ',') take();
  }
  take();
  return `    -d ${lines.join('\n      ')}`;
}

/** Largest number of characters in a line of the body, without its indentation. */
const maxBodyLine = 70;

/** Returns the command that looks rows up. @param parameter `id`, or the path of an index */
export function lookUpCommand(
  endpoints: Pick<Endpoints, 'lookup' | 'apiKey'>,
  eventType: EventType,
  value: string,
  parameter = 'id',
): string {
  const question = `${encodeURIComponent(parameter)}=${encodeURIComponent(value)}`;
  const url = `${endpoints.lookup}/v1/events/${eventType.name}?${question}`;
  return shellCommand([['curl', '-sS'], [url], keyHeader(endpoints)]);
}

/** Returns the command that runs a query. @param query with one or several lines */
export const sqlCommand = (query: string, dataDir: string): string =>
  shellCommand([['npm', 'run', 'sql', '--', query], ...dataDirOption(dataDir)]);

/** Returns a query that counts rows. @param table its name */
export const countQuery = (table: string): string => `select count(*) from ${shownName(table)}`;

/** Returns a query for some rows. @param table its name */
export const rowsQuery = (table: string): string => `select * from ${shownName(table)} limit 5`;

// oxfmt-ignore
/** Reserved words of SQL that may be names of tables. */
const reserved = new Set([
  'all', 'alter', 'and', 'any', 'as', 'asc', 'between', 'by', 'case', 'cast', 'check', 'column', 'constraint', 'create', 'cross',
  'cube', 'current_date', 'default', 'delete', 'desc', 'distinct', 'drop', 'else', 'end', 'escape', 'except', 'execute', 'exists',
  'extract', 'false', 'fetch', 'for', 'foreign', 'from', 'full', 'grant', 'group', 'having', 'in', 'initially', 'inner', 'insert',
  'intersect', 'into', 'is', 'join', 'lateral', 'left', 'like', 'limit', 'natural', 'not', 'null', 'offset', 'on', 'only', 'or',
  'order', 'outer', 'pivot', 'primary', 'qualify', 'references', 'right', 'select', 'show', 'some', 'summarize', 'table', 'then',
  'to', 'true', 'union', 'unique', 'unpivot', 'unnest', 'user', 'using', 'values', 'when', 'where', 'window', 'with',
]);

const shownName = (name: string): string => (reserved.has(name) ? sqlName(name) : name);

export const joinCommand = (
  endpoints: Pick<Endpoints, 'analytics' | 'apiKey'>,
  { name }: Join,
  date: string,
): string =>
  shellCommand([
    ['curl', '-sS', `${endpoints.analytics}/v1/jobs/${name}/runs`],
    keyHeader(endpoints),
    jsonHeader,
    ['-d', JSON.stringify({ date })],
  ]);

export const ingestCommand = (dataDir: string): string =>
  shellCommand([
    ['npm', 'run', 'ingest', '--', 'FILE'],
    ['--event', 'NAME'],
    ...dataDirOption(dataDir),
  ]);

/** Returns the command that keeps made-up events coming, for the middle of a sentence. */
export const simulateCommand = (dataDir: string): string => {
  const option = dataDirOption(dataDir).flat().map(shellWord);
  return ['npm run simulate', ...(option.length > 0 ? ['--', ...option] : [])].join(' ');
};

/** Returns the file of an event type's definition in the data directory, as commands in the checkout name it. */
export const shownDefinition = (dataDir: string, name: string): string =>
  join(dataDirectory(shownDataDir(dataDir)).definitions, `${name}.event.json`);
