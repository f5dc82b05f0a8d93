import {
  ingestedAtColumn,
  systemColumns,
  type EventType,
  type RecordOrigin,
} from '@sluice/event-schema';
import { byteSource } from './byte-sink';
import { EventFlattener, recordMembers } from './event-flattener';
import { blankRecord, SyntaxFault, type FlattenFault } from './fault';
import {
  closeBracket,
  comma,
  malformed,
  openBrace,
  openBracket,
  skipSpace,
  skipValue,
  sourcePadding,
} from './json-scanner';
import { KeyedHash } from '@sluice/privacy';
import { flattenPlan } from './plan';
import { needsHash, PrivateValues } from './private-values';

/**
 * True if rows with the same arrival time share all system columns, so that these are written again only when the time
 * changes.
 */
const areOfTimeAlone = systemColumns.every(
  (column) => !column.ofRecord || column === ingestedAtColumn,
);

export type FlattenResult =
  | {
      readonly status: 'rows';
      readonly rows: number;
      /**
       * The rows in UTF-8, one flat JSON object each, followed by a line feed. This is a view of the flattener's own
       * memory, valid until its next call; copy what has to last.
       */
      readonly bytes: Uint8Array<ArrayBuffer>;
    }
  /** The record holds only empty arrays. */
  | { readonly status: 'dropped' }
  | { readonly status: 'fault'; readonly fault: FlattenFault };

export interface Flattener {
  readonly eventType: EventType;
  /**
   * Flattens a record: one JSON object, an array of objects, or several of these one after another, with or without
   * white space between them. A byte order mark at the beginning is ignored. One faulty object fails the whole
   * record, since a record has one answer. Never throws because of what the record holds.
   */
  flatten(record: Uint8Array, origin: RecordOrigin): FlattenResult;
}

export interface FlattenerOptions {
  /**
   * False for rows that have only the schema's own columns, whatever these are named. Values that the schema does not
   * name are then in the member with the empty name, which can't be a column: their JSON text, or null.
   *
   * @default true
   */
  readonly systemColumns?: boolean;
  /** Hash function for values with the rule `hash`; required if there are such. */
  readonly hash?: KeyedHash | undefined;
}

/**
 * Compiles the flattener of an event type, once for all records. Its memory grows to the size of the largest record
 * and that record's rows.
 *
 * @example
 * import { defineEvent } from '@sluice/event-schema';
 * import { compileFlattener } from '@sluice/record-flattening';
 * const schema = { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] } as const;
 * const flattener = compileFlattener(defineEvent({ name: 'order', version: '1.0.0', key: 'id', schema }));
 * const result = flattener.flatten(new TextEncoder().encode('{"id":"order-17"}'), {
 *   shardId: 'shardId-000000000000',
 *   sequenceNumber: '17',
 *   arrivalMs: Date.now(),
 * });
 * if (result.status === 'fault') console.log(result.fault.path, result.fault.detail);
 *
 * @throws Error where a default does not conform to its own schema, or values are to be hashed and there is no key
 */
export function compileFlattener(
  eventType: EventType,
  { systemColumns = true, hash }: FlattenerOptions = {},
): Flattener {
  if (needsHash(eventType) && !hash)
    throw new Error(`event type ${eventType.name} hashes values, and there is no key for it`);
  const privateValues = eventType.privacy && new PrivateValues(eventType, hash);
  const plan = flattenPlan(eventType);
  const events = new EventFlattener(plan, { systemColumns, privateValues, hash });
  events.compileDefaults();
  return new RecordFlattener(eventType, events);
}

/**
 * Builds a flattener that only serves to check records. Its hashes are made with a random key that is never kept, so
 * its rows are of no use.
 */
export const compileRecordCheck = (eventType: EventType): Flattener =>
  compileFlattener(eventType, { hash: throwawayHash() });

export const throwawayHash = (): KeyedHash =>
  new KeyedHash('0', crypto.getRandomValues(new Uint8Array(32)));

const dropped: FlattenResult = { status: 'dropped' };

const notAnObject: FlattenFault = {
  code: 'not-an-object',
  path: '',
  detail: 'an event is a JSON object, or an object in an array',
};

const initialSourceBytes = 64 * 1024;

class RecordFlattener implements Flattener {
  /** The record with its padding. The copy is cheap, and spares every check for the end of the text. */
  #source = byteSource(new Uint8Array(initialSourceBytes));
  #origin: RecordOrigin = { shardId: '', sequenceNumber: '', arrivalMs: 0 };
  #arrival = recordMembers(this.#origin);
  /** Position of the event in its record, from 0. */
  #position = 0;
  #inArray = false;
  #arrays = 0;
  readonly #ownId = (): string => `${recordId(this.#origin)}:${this.#position}`;

  constructor(
    readonly eventType: EventType,
    private readonly events: EventFlattener,
  ) {}

  flatten(record: Uint8Array, origin: RecordOrigin): FlattenResult {
    this.#load(record);
    if (origin.arrivalMs !== this.#origin.arrivalMs || !areOfTimeAlone)
      this.#arrival = recordMembers(origin);
    this.#origin = origin;
    const { sink } = this.events;
    sink.length = 0;
    this.#position = 0;
    this.#inArray = false;
    this.#arrays = 0;
    try {
      const fault = this.#scan(record.length);
      if (fault) return this.#located(fault);
    } catch (error) {
      if (!(error instanceof SyntaxFault)) throw error;
      const { code, offset, message } = error;
      const path = this.events.pointer;
      return this.#located({ code, path, detail: `at byte ${offset}: ${message}`, offset });
    }
    if (this.#position === 0)
      return this.#arrays > 0 ? dropped : { status: 'fault', fault: blankRecord };
    return { status: 'rows', rows: this.#position, bytes: sink.bytes.subarray(0, sink.length) };
  }

  #load(record: Uint8Array): void {
    if (record.length + sourcePadding > this.#source.bytes.length)
      this.#source = byteSource(new Uint8Array(2 * record.length + sourcePadding));
    const { bytes } = this.#source;
    bytes.set(record);
    for (let at = record.length; at < record.length + sourcePadding; at++) bytes[at] = 0;
    this.events.read(this.#source, record.length);
    this.events.pointer = '';
  }

  #scan(end: number): FlattenFault | undefined {
    const { bytes } = this.#source;
    const { events } = this;
    let at = skipSpace(bytes, byteOrderMarkLength(bytes));
    while (at < end) {
      if (bytes[at] === openBracket && !this.#inArray) {
        this.#arrays++;
        at = skipSpace(bytes, at + 1);
        if (bytes[at] === closeBracket) at = skipSpace(bytes, at + 1);
        else this.#inArray = true;
        continue;
      }
      if (bytes[at] !== openBrace) {
        skipValue(bytes, at);
        return notAnObject;
      }
      at = events.event(at, this.#ownId, this.#arrival);
      if (events.fault) return events.fault;
      events.pointer = '';
      this.#position++;
      at = skipSpace(bytes, at);
      if (!this.#inArray) continue;
      if (bytes[at] === comma) {
        at = skipSpace(bytes, at + 1);
        if (at >= end) malformed(bytes, at, 'an object');
      } else if (bytes[at] === closeBracket) {
        this.#inArray = false;
        at = skipSpace(bytes, at + 1);
      } else malformed(bytes, at, 'a comma or ]');
    }
    if (this.#inArray) malformed(bytes, end, 'an object');
    return undefined;
  }

  #located(fault: FlattenFault): FlattenResult {
    const event = this.#inArray || this.#position > 0 ? `/${this.#position}` : '';
    const { code, path, detail, offset } = fault;
    return {
      status: 'fault',
      fault: { code, path: event + path, detail, ...(offset !== undefined && { offset }) },
    };
  }
}

/**
 * Returns the length of a byte order mark, which a parser may ignore (RFC 8259, section 8.1); 0 where there is none.
 */
const byteOrderMarkLength = (source: Uint8Array): number =>
  source[0] === 0xef && source[1] === 0xbb && source[2] === 0xbf ? 3 : 0;

const recordId = ({ shardId, sequenceNumber, subSequenceNumber }: RecordOrigin): string =>
  `${shardId}:${sequenceNumber}${subSequenceNumber ? `.${subSequenceNumber}` : ''}`;
