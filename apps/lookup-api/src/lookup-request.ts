import {
  everyScope,
  indexedColumns,
  keyColumn,
  lookupParameters,
  rowsByKeyName,
  timeColumn,
  visibleColumns,
  type Column,
  type EventType,
  type IndexedColumn,
  type KeyScopes,
  type LookupParameter,
} from '@sluice/event-schema';
import { jsonObject, Problem } from '@sluice/lambda-http';
import { keyOrder, keyText, lakeDate, type LakeDate } from '@sluice/lake-layout';
import { parseDate, parseTime } from '@sluice/values';
import { decodeCursor, queryToken, type Cursor } from './cursor';
import { parseId, type KeyValue } from './key-value';
import type { MomentWindow } from './moments';
import type { RowOrder } from './row-collector';

/** A value by which rows are asked for that is not their key. */
export interface AskedValue extends IndexedColumn {
  readonly value: KeyValue;
}

/** A checked request for a look-up. */
export interface LookupRequest {
  readonly keyColumn: Column;
  /** None where an index is asked. */
  readonly keys: readonly KeyValue[];
  readonly index?: AskedValue;
  readonly from: LakeDate;
  /** Last day, inclusive. */
  readonly to: LakeDate;
  /** Range of moments: of the event's time, or else of its arrival. */
  readonly window: MomentWindow;
  readonly order: RowOrder;
  /** True where only the latest row of each key is wanted. */
  readonly latest: boolean;
  readonly columns: readonly Column[];
  /** Names of columns that the caller did not get because its API key may not see them. */
  readonly columnsLeftOut: readonly string[];
  readonly limit: number;
  readonly cursor?: Cursor;
  /** Token that ties a cursor to this query. */
  readonly token: string;
  readonly explain: boolean;
}

const defaultLimit = 100;
const maxLimit = 1_000;
const maxIds = 100;
const maxDays = 31;
const maxCursorLength = 8_192;
const maxBodyBytes = 256 << 10;
const msPerDay = 86_400_000;

/** Parameters before they are checked; for a POST, the members of its body. */
export interface RawParameters {
  /** None where an index is asked. */
  readonly ids: readonly string[];
  readonly index?: { readonly path: string; readonly text: string };
  readonly date?: string;
  readonly from?: string;
  readonly to?: string;
  readonly eventDate?: string;
  readonly since?: string;
  readonly until?: string;
  readonly order?: string;
  readonly latest?: string;
  readonly columns?: readonly string[];
  readonly limit?: string;
  readonly cursor?: string;
  readonly explain?: string;
}

const bodyMembers = ['ids', ...lookupParameters.slice(1)] as const;

/** Reads the parameters of a GET. @throws Problem naming a parameter that is unknown, missing or given twice */
export function parametersOfQuery(
  query: ReadonlyMap<string, readonly string[]>,
  eventType: EventType,
): RawParameters {
  const { indexes = [] } = eventType;
  refuseUnknown([...query.keys()], [...lookupParameters, ...indexes], 'parameter');
  const valueOf = (name: string): string | undefined => {
    const values = query.get(name);
    if (values && values.length > 1)
      throw new Problem(
        400,
        name === 'id'
          ? `"id" is given ${values.length} times; POST several ids to …/lookup`
          : `"${name}" is given ${values.length} times`,
      );
    return values?.[0];
  };
  const one = (name: LookupParameter): string | undefined => valueOf(name);
  const id = one('id');
  const index = oneIndex('id', id, indexes, valueOf);
  if (id === undefined && !index)
    throw new Problem(
      400,
      `"id" is missing; add ?id=…${indexes.map((path) => ` or ?${path}=…`).join('')}`,
    );
  const columns = one('columns');
  const rest = {
    date: one('date'),
    from: one('from'),
    to: one('to'),
    eventDate: one('eventDate'),
    since: one('since'),
    until: one('until'),
    order: one('order'),
    latest: one('latest'),
    limit: one('limit'),
    cursor: one('cursor'),
    explain: one('explain'),
  };
  return {
    ids: id === undefined ? [] : [id],
    ...(index && { index }),
    ...(columns !== undefined && { columns: columns.split(',') }),
    ...defined(rest),
  };
}

/** Returns the index that is asked, if any. @throws Problem where it is not the only value */
function oneIndex(
  keyName: string,
  key: unknown,
  indexes: readonly string[],
  valueOf: (path: string) => string | undefined,
): RawParameters['index'] {
  const asked = indexes.flatMap((path) => {
    const text = valueOf(path);
    return text === undefined ? [] : [{ path, text }];
  });
  if (asked.length + (key === undefined ? 0 : 1) > 1)
    throw new Problem(
      400,
      `rows are found by one value; give one of ${[keyName, ...indexes].map((name) => `"${name}"`).join(', ')}`,
    );
  return asked[0];
}

/** Reads the parameters of a POST. @throws Problem where the body is not a JSON object with known members only */
export function parametersOfBody(body: string, eventType: EventType): RawParameters {
  if (Buffer.byteLength(body) > maxBodyBytes)
    throw new Problem(413, `the body may have at most ${maxBodyBytes} bytes`);
  const members = jsonObject(body, '{"ids":["…"]}');
  const { indexes = [] } = eventType;
  refuseUnknown(Object.keys(members), [...bodyMembers, ...indexes], 'member');
  const { ids } = members;
  const index = oneIndex('ids', ids, indexes, (path) =>
    members[path] === undefined ? undefined : valueText(members[path], path),
  );
  if (ids === undefined && !index)
    throw new Problem(
      400,
      `"ids" is missing; send {"ids":[…]}${indexes.map((path) => ` or {${JSON.stringify(path)}:…}`).join('')}`,
    );
  if (ids !== undefined && (!Array.isArray(ids) || ids.length === 0 || ids.length > maxIds))
    throw new Problem(400, `"ids" must be an array of 1 to ${maxIds} ids`);
  const text = (name: string): string | undefined => {
    const value = members[name];
    if (value === undefined || value === null) return undefined;
    if (typeof value === 'string') return value;
    if (
      ((name === 'limit' || name === 'latest') && typeof value === 'number') ||
      ((name === 'explain' || name === 'latest') && typeof value === 'boolean')
    )
      return String(value);
    throw new Problem(400, `"${name}" must be a string`);
  };
  const { columns } = members;
  const rest = {
    date: text('date'),
    from: text('from'),
    to: text('to'),
    eventDate: text('eventDate'),
    since: text('since'),
    until: text('until'),
    order: text('order'),
    latest: text('latest'),
    limit: text('limit'),
    cursor: text('cursor'),
    explain: text('explain'),
  };
  return {
    ids: (ids ?? []).map((id, at) => valueText(id, `ids[${at}]`)),
    ...(index && { index }),
    ...(columns !== undefined && columns !== null && { columns: columnList(columns) }),
    ...defined(rest),
  };
}

function valueText(value: unknown, name: string): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value);
  throw new Problem(
    400,
    `${name} must be a string or an integer; beyond 2^53 write integers as strings`,
  );
}

function columnList(columns: unknown): readonly string[] {
  if (typeof columns === 'string') return columns.split(',');
  if (Array.isArray(columns) && columns.every((name) => typeof name === 'string')) return columns;
  throw new Problem(400, '"columns" must be an array of column names');
}

const defined = <T extends object>(members: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as never;

function refuseUnknown(names: readonly string[], known: readonly string[], what: string): void {
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0)
    throw new Problem(
      400,
      `unknown ${what} ${unknown.map((name) => JSON.stringify(name.slice(0, 80))).join(', ')}; known are ${known.join(', ')}`,
    );
}

/** Checks the parameters. @throws Problem where one is not valid, or needs a scope that the caller's key has not */
export function lookupRequest(
  parameters: RawParameters,
  eventType: EventType,
  nowMs: number,
  scopes: KeyScopes = everyScope,
): LookupRequest {
  const key = keyColumn(eventType);
  const keys = new Set(parameters.ids.map((id) => parseId(id, key)));
  const index = parameters.index && askedValue(parameters.index, eventType);
  const visible = visibleColumns(scopes, eventType);
  if (index && !visible.columns.some(({ name }) => name === index.column.name))
    throw outOfScope(index.path);
  const columns = selectColumns(parameters.columns, visible, eventType.name);
  const { date, from, to, eventDate, since, until } = parameters;
  const latest = parseLatest(parameters);
  const order = latest ? 'desc' : parseOrder(parameters.order);
  const window = momentWindow(parameters, eventType);
  const token = queryToken(
    eventType.name,
    index ? [index.path, String(index.value)] : [...keys].map(String).toSorted(),
    columns.map(({ name }) => name),
    [date, from, to, eventDate, since, until, order, latest],
  );
  const { cursor: cursorText } = parameters;
  if (cursorText !== undefined && cursorText.length > maxCursorLength)
    throw new Problem(400, '"cursor" is not one that this API gave out');
  const cursor =
    cursorText === undefined || cursorText === '' ? undefined : decodeCursor(cursorText, token);
  const days = cursor
    ? dateRange({ from: cursor.from, to: cursor.to }, eventType, nowMs)
    : dateRange(parameters, eventType, nowMs);
  return {
    keyColumn: key,
    keys: latest && cursor ? keysAfter([...keys], key, cursor) : [...keys],
    ...(index && { index }),
    ...days,
    window,
    order,
    latest,
    columns,
    columnsLeftOut: parameters.columns ? [] : visible.leftOut,
    limit: parseLimit(parameters.limit),
    token,
    explain: parseFlag('explain', parameters.explain),
    ...(cursor && { cursor }),
  };
}

function askedValue(
  { path, text }: NonNullable<RawParameters['index']>,
  eventType: EventType,
): AskedValue {
  const index = indexedColumns(eventType).find((each) => each.path === path);
  if (!index) throw new Error(`event type ${eventType.name} has no index "${path}"`);
  return { ...index, value: parseId(text, index.column, path) };
}

function selectColumns(
  names: readonly string[] | undefined,
  { columns: known, leftOut }: ReturnType<typeof visibleColumns>,
  table: string,
): readonly Column[] {
  if (!names) return known;
  return [...new Set(names.map((name) => name.trim()))].map((name) => {
    const column = known.find((candidate) => candidate.name === name);
    if (leftOut.includes(name)) throw outOfScope(name);
    if (!column)
      throw new Problem(
        400,
        `"columns" names ${JSON.stringify(name.slice(0, 80))}, which ${table} does not have; it has ${known.map((candidate) => candidate.name).join(', ')}`,
      );
    return column;
  });
}

const outOfScope = (name: string): Problem =>
  new Problem(
    403,
    `${JSON.stringify(name)} is restricted, and this API key may not see it; ask with a key that has the scope`,
  );

function parseLimit(text: string | undefined): number {
  if (text === undefined) return defaultLimit;
  const limit = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (limit < 1 || limit > maxLimit)
    throw new Problem(
      400,
      `"limit" must be 1 to ${maxLimit}; it is ${JSON.stringify(text.slice(0, 80))}`,
    );
  return limit;
}

function parseFlag(name: string, text: string | undefined): boolean {
  if (text === undefined || text === 'false') return false;
  if (text === 'true' || text === '') return true;
  throw new Problem(
    400,
    `"${name}" must be true or false; it is ${JSON.stringify(text.slice(0, 80))}`,
  );
}

/** Decides by `latest=1` whether only the latest row of each key is wanted. */
function parseLatest({ latest, order }: Pick<RawParameters, 'latest' | 'order'>): boolean {
  if (latest === undefined || latest === '0' || latest === 'false') return false;
  if (latest !== '1' && latest !== 'true')
    throw new Problem(
      400,
      `"latest" must be 1, for the latest row of each id; it is ${JSON.stringify(latest.slice(0, 80))}; for more of them ask with order=desc and a limit`,
    );
  if (order !== undefined)
    throw new Problem(400, '"latest" excludes "order": it is the first row of order=desc');
  return true;
}

function parseOrder(text: string | undefined): RowOrder {
  if (text === undefined || text === 'asc') return 'asc';
  if (text === 'desc') return 'desc';
  throw new Problem(
    400,
    `"order" must be asc or desc, by time within an id; it is ${JSON.stringify(text.slice(0, 80))}`,
  );
}

/** Returns the keys whose latest rows come after those of earlier pages. */
function keysAfter(keys: readonly KeyValue[], { type }: Column, { after }: Cursor): KeyValue[] {
  const order = keyOrder(type);
  return keys.filter((key) => order(keyText(key, type), after.keyText) > 0);
}

const microsPerDay = 86_400_000_000n;

/** Reads the range of wanted moments: from `since` (inclusive) to `until` (exclusive), or the day of `eventDate`. */
function momentWindow(
  { since, until, eventDate, date }: RawParameters,
  eventType: EventType,
): MomentWindow {
  if (eventDate !== undefined) {
    if (since !== undefined || until !== undefined || date !== undefined)
      throw new Problem(
        400,
        '"eventDate" excludes "date", "since" and "until"; it stands for a day of the events\' own time',
      );
    if (!timeColumn(eventType))
      throw new Problem(
        400,
        `"eventDate" asks by the time of the event, and ${eventType.name} names none; ask by "date", the day of arrival`,
      );
    checkDate('eventDate', eventDate);
    const start = BigInt(parseDate(eventDate) ?? 0) * microsPerDay;
    return { since: start, until: start + microsPerDay };
  }
  const window = {
    ...(since !== undefined && { since: moment('since', since) }),
    ...(until !== undefined && { until: moment('until', until) }),
  };
  if (window.since !== undefined && window.until !== undefined && window.since >= window.until)
    throw new Problem(400, `"since" (${since}) must be before "until" (${until})`);
  return window;
}

function moment(name: string, text: string): bigint {
  const micros = parseTime(text);
  if (micros === undefined)
    throw new Problem(
      400,
      `"${name}" must be a time such as 2026-01-31T12:00:00Z or a date; it is ${JSON.stringify(text.slice(0, 80))}`,
    );
  return micros;
}

/** Days by which an event may arrive before its own time, because its sender's clock may be ahead. */
const earlyDays = 1;

/**
 * Returns the range of wanted days: by default the last 31, including today; with one end only, as many days on its
 * other side.
 */
function dateRange(
  { date, from, to, eventDate }: Pick<RawParameters, 'date' | 'from' | 'to' | 'eventDate'>,
  eventType: EventType,
  nowMs: number,
): { readonly from: LakeDate; readonly to: LakeDate } {
  if (eventDate !== undefined && from === undefined && to === undefined) {
    const firstDay = addDays(eventDate, -earlyDays);
    return dateRange({ from: firstDay }, eventType, nowMs);
  }
  if (date !== undefined) {
    if (from !== undefined || to !== undefined)
      throw new Problem(400, '"date" excludes "from" and "to"; give one day or a range');
    checkDate('date', date);
    return { from: date, to: date };
  }
  if (from !== undefined) checkDate('from', from);
  if (to !== undefined) checkDate('to', to);
  const today = lakeDate(nowMs);
  const lastDay =
    to ?? (from === undefined ? today : earlier(addDays(from, maxDays - 1), later(today, from)));
  const firstDay = from ?? addDays(lastDay, 1 - maxDays);
  if (firstDay > lastDay)
    throw new Problem(400, `"from" (${firstDay}) must not be after "to" (${lastDay})`);
  if (datesBetween(firstDay, lastDay).length > maxDays)
    throw new Problem(
      400,
      `"from" (${firstDay}) to "to" (${lastDay}) is more than ${maxDays} days; ask for less at a time, ` +
        `or for all of them with POST /v1/queries/${rowsByKeyName(eventType)} of the analytics API`,
    );
  return { from: firstDay, to: lastDay };
}

function checkDate(name: string, text: string): void {
  if (parseDate(text) === undefined)
    throw new Problem(
      400,
      `"${name}" must be a date such as 2026-01-31; it is ${JSON.stringify(text.slice(0, 80))}`,
    );
}

const earlier = (a: LakeDate, b: LakeDate): LakeDate => (a < b ? a : b);
const later = (a: LakeDate, b: LakeDate): LakeDate => (a > b ? a : b);

/** The first and the last day that a date can express. */
const firstDate: LakeDate = '0000-01-01';
const lastDate: LakeDate = '9999-12-31';

/** Adds days to a date, but stops at the first and the last day that a date can express. */
function addDays(date: LakeDate, days: number): LakeDate {
  const ms = Date.parse(`${date}T00:00:00Z`) + days * msPerDay;
  return lakeDate(Math.min(Math.max(ms, Date.parse(firstDate)), Date.parse(lastDate)));
}

/** Returns the days from one to another, both inclusive; at most one more than {@link maxDays}. */
export function datesBetween(from: LakeDate, to: LakeDate): readonly LakeDate[] {
  const dates: LakeDate[] = [];
  for (let date = from; date <= to && dates.length <= maxDays; date = addDays(date, 1)) {
    dates.push(date);
    if (date === to) break;
  }
  return dates;
}
