import { lookupParameters, type EventType, type LookupParameter } from '@sluice/event-schema';
import { jsonObject, Problem, refuseUnknown } from '@sluice/lambda-http';

const maxIds = 100;
const maxBodyBytes = 256 << 10;

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
  refuseUnknown('parameter', query.keys(), [...lookupParameters, ...indexes]);
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
  refuseUnknown('member', Object.keys(members), [...bodyMembers, ...indexes]);
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
