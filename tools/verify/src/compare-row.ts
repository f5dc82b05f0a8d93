import {
  keyColumn,
  ruleOfPath,
  systemColumns,
  type Column,
  type ColumnType,
  type EventType,
  type PrivacyRule,
} from '@sluice/event-schema';
import { isLosslessNumber, parse } from 'lossless-json';
import { eventValues, markMember, valueAt, type MarkedEvent } from './marked-event';

/** A row of the look-up API's answer, parsed as lossless JSON. */
export type Row = Readonly<Record<string, unknown>>;

export interface Difference {
  readonly column: string;
  readonly expected: string;
  readonly observed: string;
}

/** Returns the keyed hash that stands for a text; undefined where the key is not known. */
export type HashOf = (text: string) => string | undefined;

/**
 * Compares every column of a row with the event from which it was made. The expected values are derived only from the
 * event, the column's type and its privacy rule, without any code that made the row.
 *
 * @param arrivedMs two moments between which the event arrived, both inclusive
 * @param hashOf where it is left out or knows no key, a hash only needs the form of one
 * @param through SQL returns arrays as text and times with three digits of a second (apps/analytics, README)
 */
export function compareRow(
  row: Row,
  marked: MarkedEvent,
  {
    arrivedMs,
    hashOf = () => undefined,
    through = 'look-up',
  }: {
    readonly arrivedMs: readonly [number, number];
    readonly hashOf?: HashOf;
    readonly through?: 'look-up' | 'sql';
  },
): readonly Difference[] {
  const { eventType, event } = marked;
  const differences: Difference[] = [];
  const same = through === 'sql' ? isSameInSql : isSame;
  const expect = (column: string, isAsExpected: boolean, expected: string): void => {
    const observed = Object.hasOwn(row, column) ? shown(row[column]) : 'no such column';
    if (!isAsExpected) differences.push({ column, expected, observed });
  };

  const known = new Set<string>();
  for (const { column, value } of eventValues(marked)) {
    known.add(column.name);
    // A default replaces a value that the event leaves out.
    const sent = value === undefined ? (column.schema.default ?? null) : value;
    const isThere = Object.hasOwn(row, column.name);
    const cell = row[column.name];
    const rule = ruleOfPath(eventType, column.path);
    if (rule === undefined)
      expect(
        column.name,
        isThere && same(cell, sent, column.type),
        sent === null ? 'null' : expectedText(sent, column),
      );
    else {
      const [isKept, expected] = keptOf(rule, { cell, sent, hashOf, through });
      expect(column.name, isThere && isKept, expected);
    }
  }

  if (eventType.identity !== undefined) {
    const path = eventType.identity.split('.');
    const identity = shown(valueAt(event, path));
    const [isKept, expected] = keptOf(ruleOfPath(eventType, path), {
      cell: row['event_id'],
      sent: identity,
      hashOf,
      through,
    });
    expect('event_id', isKept, expected);
  }
  const [from, to] = arrivedMs;
  const arrival = Date.parse(shown(row['ingested_at']));
  expect(
    'ingested_at',
    arrival >= from && arrival <= to,
    `${new Date(from).toISOString()} to ${new Date(to).toISOString()}`,
  );
  if (dropsMark(eventType)) expect('unmapped', row['unmapped'] === null, 'null');
  else {
    const rest = { [markMember]: event[markMember] };
    expect('unmapped', isSame(row['unmapped'], rest, { kind: 'json' }), canonical(rest));
  }
  for (const column of Object.keys(row))
    if (!known.has(column) && !systemColumns.some(({ name }) => name === column))
      expect(column, false, 'no such column');
  return differences;
}

/** Decides whether a row was made from this event: by its mark or, where that is dropped, by its key. */
export function hasMark(
  row: Row,
  { event, eventType, key }: Pick<MarkedEvent, 'event' | 'eventType' | 'key'>,
  hashOf: HashOf = () => undefined,
): boolean {
  if (dropsMark(eventType)) {
    const { name } = keyColumn(eventType);
    return shown(row[name]) === storedKey({ eventType, key }, hashOf);
  }
  return (
    typeof row['unmapped'] === 'string' &&
    isSame(row['unmapped'], { [markMember]: event[markMember] }, { kind: 'json' })
  );
}

/** Returns the key that the row of an event has: a hash where a rule of its type says so and the hash is known. */
export const storedKey = (
  { eventType, key }: Pick<MarkedEvent, 'eventType' | 'key'>,
  hashOf: HashOf,
): string =>
  ruleOfPath(eventType, eventType.key.split('.')) === 'hash' ? (hashOf(key) ?? key) : key;

/** Decides whether the rules of an event type take the mark from its rows. */
export const dropsMark = (eventType: EventType): boolean =>
  ruleOfPath(eventType, ['unmapped', markMember]) !== undefined;

/** Decides whether a cell holds what a rule leaves of a value, and tells what that is. */
function keptOf(
  rule: PrivacyRule | undefined,
  {
    cell,
    sent,
    hashOf,
    through,
  }: {
    readonly cell: unknown;
    readonly sent: unknown;
    readonly hashOf: HashOf;
    readonly through: 'look-up' | 'sql';
  },
): readonly [boolean, string] {
  if (rule === 'drop' || sent === null) return [cell === null, 'null'];
  if (Array.isArray(sent)) {
    const cells: readonly unknown[] = Array.isArray(cell)
      ? cell
      : through === 'sql' && typeof cell === 'string'
        ? cell.slice(1, -1).split(', ')
        : [];
    const items = sent.map((item: unknown, index) =>
      keptOf(rule, { cell: cells[index], sent: item, hashOf, through }),
    );
    return [
      cells.length === sent.length && items.every(([isKept]) => isKept),
      `[${items.map(([, text]) => text).join(', ')}]`,
    ];
  }
  const text = shown(sent);
  if (rule === 'hash' && text !== '') {
    const hash = hashOf(text);
    return hash === undefined
      ? [/^h[a-z0-9]{1,8}_[\w-]{22}$/.test(shown(cell)), 'a keyed hash']
      : [cell === hash, `the keyed hash ${hash}`];
  }
  const kept =
    rule === 'mask'
      ? `***${Array.from(text).length < 12 ? '' : Array.from(text).slice(-4).join('')}`
      : rule === 'truncate-ip'
        ? text.replace(/\d+$/, '0')
        : text;
  return [shown(cell) === kept, kept];
}

function isSame(cell: unknown, sent: unknown, type: ColumnType): boolean {
  if (sent === null || cell === null) return cell === sent;
  switch (type.kind) {
    case 'json':
      return typeof cell === 'string' && canonical(parsed(cell)) === canonical(sent);
    case 'array':
      return (
        Array.isArray(cell) &&
        Array.isArray(sent) &&
        cell.length === sent.length &&
        cell.every((item, index) => isSame(item, sent[index], type.items))
      );
    case 'double':
      return isLosslessNumber(cell) && Number(cell.value) === Number(shown(sent));
    case 'timestamp':
      return Date.parse(shown(cell)) === Date.parse(shown(sent)) && sameMicros(cell, sent);
    case 'bigint':
      // Beyond 2^53 the cell is a text.
      return shown(cell) === shown(sent);
    case 'decimal':
      return typeof cell === 'string' && plainDecimal(cell) === plainDecimal(shown(sent));
    case 'boolean':
      return cell === sent;
    case 'date':
    case 'string':
      return typeof cell === 'string' && cell === sent;
  }
}

function isSameInSql(cell: unknown, sent: unknown, type: ColumnType): boolean {
  if (type.kind === 'array' && Array.isArray(sent))
    return cell === `[${sent.map(shown).join(', ')}]`;
  if (type.kind === 'timestamp' && cell !== null && sent !== null)
    return Date.parse(shown(cell)) === Date.parse(shown(sent));
  return isSame(cell, sent, type);
}

const micros = (value: unknown): string =>
  (/\.(\d+)/.exec(shown(value))?.[1] ?? '').padEnd(6, '0').slice(0, 6);
const sameMicros = (a: unknown, b: unknown): boolean => micros(a) === micros(b);

const plainDecimal = (text: string): string =>
  text.includes('.') ? text.replace(/\.?0+$/, '') : text;

function parsed(text: string): unknown {
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}

/** Writes JSON text that is the same for equal values; numbers are compared by value where a double holds it. */
function canonical(value: unknown): string {
  if (isLosslessNumber(value)) {
    const number = Number(value.value);
    return Number.isSafeInteger(number) || !/^-?\d+$/.test(value.value)
      ? String(number)
      : value.value;
  }
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null)
    return value === undefined ? 'nothing' : JSON.stringify(value);
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join(',')}}`;
}

const expectedText = (sent: unknown, { type }: Column): string =>
  type.kind === 'json' ? canonical(sent) : shown(sent);

/** Writes a value for people and for comparison by text. */
export const shown = (value: unknown): string =>
  isLosslessNumber(value)
    ? value.value
    : typeof value === 'string'
      ? value
      : value === undefined
        ? 'nothing'
        : canonical(value);
