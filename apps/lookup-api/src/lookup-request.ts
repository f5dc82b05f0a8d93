import {
  everyScope,
  indexedColumns,
  keyColumn,
  visibleColumns,
  type Column,
  type EventType,
  type IndexedColumn,
  type KeyScopes,
} from '@sluice/event-schema';
import { Problem, quoted } from '@sluice/lambda-http';
import { keyOrder, keyText, type LakeDate } from '@sluice/lake-layout';
import { decodeCursor, queryToken, type Cursor } from './cursor';
import { parseId, type KeyValue } from './key-value';
import type { MomentWindow } from './moments';
import type { RawParameters } from './raw-parameters';
import type { RowOrder } from './row-collector';
import { dateRange, momentWindow } from './wanted-days';

/** A value, other than the key, by which rows are looked up. */
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
const maxCursorLength = 8_192;

/** Checks the parameters. @throws Problem where one is not valid, or needs a scope that the caller's key lacks */
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
        `"columns" names ${quoted(name)}, which ${table} does not have; it has ${known.map((candidate) => candidate.name).join(', ')}`,
      );
    return column;
  });
}

const outOfScope = (name: string): Problem =>
  new Problem(
    403,
    `${JSON.stringify(name)} is restricted, and this API key may not see it; use a key with the scope`,
  );

function parseLimit(text: string | undefined): number {
  if (text === undefined) return defaultLimit;
  const limit = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (limit < 1 || limit > maxLimit)
    throw new Problem(400, `"limit" must be 1 to ${maxLimit}; it is ${quoted(text)}`);
  return limit;
}

function parseFlag(name: string, text: string | undefined): boolean {
  if (text === undefined || text === 'false') return false;
  if (text === 'true' || text === '') return true;
  throw new Problem(400, `"${name}" must be true or false; it is ${quoted(text)}`);
}

/** Decides by `latest=1` whether only the latest row of each key is wanted. */
function parseLatest({ latest, order }: Pick<RawParameters, 'latest' | 'order'>): boolean {
  if (latest === undefined || latest === '0' || latest === 'false') return false;
  if (latest !== '1' && latest !== 'true')
    throw new Problem(
      400,
      `"latest" must be 1, for the latest row of each id; it is ${quoted(latest)}; for more of them ask with order=desc and a limit`,
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
    `"order" must be asc or desc, by time within an id; it is ${quoted(text)}`,
  );
}

/** Returns the keys whose latest rows come after those of earlier pages. */
function keysAfter(keys: readonly KeyValue[], { type }: Column, { after }: Cursor): KeyValue[] {
  const order = keyOrder(type);
  return keys.filter((key) => order(keyText(key, type), after.keyText) > 0);
}
