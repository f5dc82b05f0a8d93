// Handles rows that were flattened before. When only the format conversion refused a record, it comes back as the
// rows that the function gave for it, because the converter sees nothing else.
import {
  eventIdColumn,
  ingestedAtColumn,
  nodeShape,
  pathText,
  ruleOfPath,
  tableColumns,
  unmappedColumn,
  type Column,
  type ColumnType,
  type EventType,
} from '@sluice/event-schema';
import {
  decimalParts,
  fitsDecimal,
  int64Text,
  parseDate,
  readTime,
  withJsonMembers,
} from '@sluice/values';
import { isKeyedHash, type KeyedHash } from '@sluice/privacy';
import { needsHash, PrivateValues } from './private-values';
import { blankRecord, SyntaxFault, type Violation } from './fault';
import type { FlattenResult } from './flattener';
import {
  closeBrace,
  closeBracket,
  comma,
  jsonTypeOf,
  malformed,
  openBrace,
  quote,
  skipKeyColon,
  skipSpace,
  skipString,
  skipValue,
  sourceOf,
  stringOf,
  textOf,
} from './json-scanner';

/** A member of a row. Its value is the source text, so every digit is kept. */
interface RowMember {
  readonly name: string;
  readonly value: string;
}

/** Checks rows against a table's columns, without flattening them again. */
export interface RowCheck {
  /**
   * Returns the rows of a record unchanged, one a line, if each value still has its column's type. Values without a
   * column any more go to `unmapped`. Never throws because of what the record holds.
   */
  check(record: Uint8Array): FlattenResult;
}

/** Decides whether a record consists of rows as a flattener writes them: flat objects with all system columns. */
export function holdsFinishedRows(record: Uint8Array): boolean {
  try {
    let rows = 0;
    for (const members of rowsOf(record)) {
      const value = (wanted: string): string =>
        members.find(({ name }) => name === wanted)?.value ?? '';
      if (
        !/^".+"$/su.test(value(eventIdColumn.name)) ||
        !arrivalText.test(value(ingestedAtColumn.name))
      )
        return false;
      if (members.some(({ name }) => !/^[a-z0-9_]+$/.test(name))) return false;
      rows++;
    }
    return rows > 0;
  } catch (error) {
    if (error instanceof SyntaxFault) return false;
    throw error;
  }
}

/**
 * Matches an arrival time as the flattener writes it. No client writes times like this, because RFC 3339 requires a
 * zone.
 */
const arrivalText = /^"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}\.\d{3}"$/;

/**
 * Builds the check of an event type's rows. Privacy rules that are newer than the rows are applied here; values that
 * are hashed already stay hashed.
 *
 * @throws Error where values are to be hashed and there is no key
 */
export function compileRowCheck(
  eventType: EventType,
  { hash }: { readonly hash?: KeyedHash | undefined } = {},
): RowCheck {
  if (needsHash(eventType) && !hash)
    throw new Error(`event type ${eventType.name} hashes values, and there is no key for it`);
  const columns = new Map(tableColumns(eventType).map((column) => [column.name, column]));
  const makePrivate = privateMembers(eventType, columns, hash);
  const encoder = new TextEncoder();
  return {
    check(record) {
      const lines: string[] = [];
      try {
        for (const given of rowsOf(record)) {
          const members = makePrivate(given);
          const pointer = `/${lines.length}`;
          const present = new Set(members.map(({ name }) => name));
          for (const { name, value } of members) {
            const column = columns.get(name);
            const found = column && columnViolation(column, value);
            if (found) return { status: 'fault', fault: { ...found, path: `${pointer}/${name}` } };
          }
          for (const { name, required, nullable } of columns.values())
            if (required && !nullable && !present.has(name)) {
              const detail = 'the value is missing';
              return {
                status: 'fault',
                fault: { code: 'required', path: `${pointer}/${name}`, detail },
              };
            }
          lines.push(rowText(members, columns));
        }
      } catch (error) {
        if (!(error instanceof SyntaxFault)) throw error;
        const { code, offset, message } = error;
        return {
          status: 'fault',
          fault: {
            code,
            path: `/${lines.length}`,
            detail: `at byte ${offset}: ${message}`,
            offset,
          },
        };
      }
      if (lines.length === 0) return { status: 'fault', fault: blankRecord };
      return { status: 'rows', rows: lines.length, bytes: encoder.encode(lines.join('')) };
    },
  };
}

/** Returns a function that applies an event type's privacy rules to the members of a row. */
function privateMembers(
  eventType: EventType,
  columns: ReadonlyMap<string, Column>,
  hash: KeyedHash | undefined,
): (members: readonly RowMember[]) => readonly RowMember[] {
  if (!eventType.privacy) return (members) => members;
  const rules = new PrivateValues(eventType, hash, true);
  const { identity } = eventType;
  const byColumn = (name: string, value: string): string | undefined => {
    if (name === unmappedColumn.name) {
      if (rules.dropsUnmapped) return undefined;
      return value.startsWith('"')
        ? JSON.stringify(rules.inside([], JSON.parse(value) as string))
        : value;
    }
    const column = columns.get(name);
    if (!column) return rules.member([name], value);
    if (column.path.length === 0) return value;
    const rule = ruleOfPath(eventType, column.path);
    const shape = nodeShape(column.schema);
    const isJson = shape.shape === 'column' && shape.type.kind === 'json' && value.startsWith('"');
    const text = isJson ? (JSON.parse(value) as string) : value;
    if (rule === undefined) return isJson ? JSON.stringify(rules.inside(column.path, text)) : value;
    return rules.column(rule, column.type.kind, isJson && isKeyedHash(text) ? value : text);
  };
  const hashesIdentity =
    identity !== undefined && ruleOfPath(eventType, identity.split('.')) === 'hash';
  return (members) => {
    const clear = members.find(
      ({ name }) => hashesIdentity && pathText(columns.get(name)?.path ?? []) === identity,
    );
    // An event's id is the text of its identity, or its position in the stream where it has none.
    const eventId = (value: string): string | undefined =>
      hashesIdentity &&
      (clear ? textOfToken(clear.value) === textOfToken(value) : !placeText.test(value))
        ? rules.column('hash', 'string', value)
        : value;
    return members.flatMap(({ name, value }) => {
      const kept = name === eventIdColumn.name ? eventId(value) : byColumn(name, value);
      return kept === undefined ? [] : [{ name, value: kept }];
    });
  };
}

/** Matches `"<shard>:<sequence number>[.<sub-sequence number>]:<position>"`. */
const placeText = /^"[^":]+:[^":]+:\d+"$/;

const textOfToken = (token: string): string =>
  token.startsWith('"') ? (JSON.parse(token) as string) : token;

/** Yields rows, with or without white space between them. @throws SyntaxFault */
function* rowsOf(record: Uint8Array): Generator<readonly RowMember[]> {
  const { bytes, end } = sourceOf(utf8Text(record));
  let at = skipSpace(bytes, 0);
  while (at < end) {
    if (bytes[at] !== openBrace) malformed(bytes, at, 'a row');
    const members: RowMember[] = [];
    at = skipSpace(bytes, at + 1);
    while (bytes[at] !== closeBrace) {
      if (bytes[at] !== quote) malformed(bytes, at, 'a column in quotes');
      const keyEnd = skipString(bytes, at);
      const name = stringOf(bytes, at, keyEnd);
      const start = skipKeyColon(bytes, keyEnd);
      at = skipValue(bytes, start);
      members.push({ name, value: textOf(bytes, start, at) });
      at = skipSpace(bytes, at);
      if (bytes[at] === comma) at = skipSpace(bytes, at + 1);
      else if (bytes[at] !== closeBrace) malformed(bytes, at, 'a comma or }');
    }
    yield members;
    at = skipSpace(bytes, at + 1);
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true });

function utf8Text(record: Uint8Array): string {
  try {
    return decoder.decode(record);
  } catch {
    throw new SyntaxFault('invalid-utf8', 0, 'well-formed UTF-8 expected');
  }
}

function columnViolation(
  { type, required, nullable }: Column,
  value: string,
): Violation | undefined {
  if (value === 'null')
    return required && !nullable
      ? { code: 'null', detail: 'null where the column wants a value' }
      : undefined;
  return typeViolation(type, value);
}

const wrong = (value: string, wanted: string): Violation => ({
  code: 'type',
  detail: `${jsonTypeOf(value.charCodeAt(0))} where the column wants ${wanted}`,
});

const number = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

function typeViolation(type: ColumnType, value: string): Violation | undefined {
  const isText = value.startsWith('"');
  const range = (detail: string): Violation => ({ code: 'range', detail });
  switch (type.kind) {
    case 'bigint': {
      const literal = isText ? value.slice(1, -1) : value;
      if (!number.test(literal)) return wrong(value, 'an integer');
      return int64Text(literal).ok ? undefined : range('the value is no integer of 64 bits');
    }
    case 'double':
      if (isText || !number.test(value)) return wrong(value, 'a number');
      return Number.isFinite(Number(value)) ? undefined : range('the value is beyond a double');
    case 'decimal': {
      const literal = isText ? value.slice(1, -1) : value;
      if (!number.test(literal) || Math.abs(decimalParts(literal).exponent) > 1_000)
        return wrong(value, 'a decimal');
      const { precision, scale } = type;
      return fitsDecimal(literal, precision, scale)
        ? undefined
        : range(`the value does not fit decimal(${precision},${scale})`);
    }
    case 'boolean':
      return value === 'true' || value === 'false' ? undefined : wrong(value, 'true or false');
    case 'string':
    case 'json':
      return isText ? undefined : wrong(value, 'a text');
    case 'date':
      return isText && parseDate(value.slice(1, -1)) !== undefined
        ? undefined
        : wrong(value, 'a date');
    case 'timestamp':
      return isText && isTimeText(value.slice(1, -1)) ? undefined : wrong(value, 'a time');
    case 'array':
      return arrayViolation(type.items, value);
  }
}

/** Decides whether a text is a time as the flattener writes it: in UTC, without a zone. */
function isTimeText(text: string): boolean {
  const time = readTime(text);
  if (!time || time.isLeapSecond || text[10] !== ' ') return false;
  return time.offsetMinutes === undefined && time.fraction.length <= 6;
}

function arrayViolation(items: ColumnType, value: string): Violation | undefined {
  if (!value.startsWith('[')) return wrong(value, 'an array');
  const { bytes } = sourceOf(value);
  for (let at = skipSpace(bytes, 1); bytes[at] !== closeBracket;) {
    const end = skipValue(bytes, at);
    const element = textOf(bytes, at, end);
    const found = element === 'null' ? undefined : typeViolation(items, element);
    if (found) return found;
    at = skipSpace(bytes, end);
    if (bytes[at] === comma) at = skipSpace(bytes, at + 1);
  }
  return undefined;
}

/** Writes a row and a line feed. */
function rowText(members: readonly RowMember[], columns: ReadonlyMap<string, Column>): string {
  const strange = members.filter(({ name }) => !columns.has(name) && name !== unmappedColumn.name);
  const kept = strange.filter(({ value }) => value !== 'null');
  const known = members.flatMap(({ name, value }) => {
    const column = name === unmappedColumn.name ? undefined : columns.get(name);
    return column ? [{ name, value: decimalsAsText(column.type, value) }] : [];
  });
  const before = members.find(({ name }) => name === unmappedColumn.name)?.value ?? 'null';
  const added = kept.map(({ name, value }) => ({ name, text: value }));
  const unmapped =
    added.length === 0
      ? before
      : JSON.stringify(withJsonMembers(JSON.parse(before) as string | null, added));
  const all = [
    ...known,
    ...(unmapped === 'null' ? [] : [{ name: unmappedColumn.name, value: unmapped }]),
  ];
  return `{${all.map(memberText).join()}}\n`;
}

/**
 * Writes the decimals of a value as texts, which is how the flattener writes them; rows of earlier versions have
 * numbers.
 */
function decimalsAsText(type: ColumnType, value: string): string {
  if (type.kind === 'decimal') return /^[-\d]/.test(value) ? `"${value}"` : value;
  if (type.kind !== 'array' || type.items.kind !== 'decimal') return value;
  return value.replace(/"[^"]*"|[-\d][^,\]\s]*/g, (item) => decimalsAsText(type.items, item));
}

const memberText = ({ name, value }: RowMember): string => `${JSON.stringify(name)}:${value}`;
