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

/** True where rows that arrived at one time share their system columns, so that these are written anew only for another time. */
const areOfTimeAlone = systemColumns.every(
  (column) => !column.ofRecord || column === ingestedAtColumn,
);

export type FlattenResult =
  | {
      readonly status: 'rows';
      readonly rows: number;
      /**
       * UTF-8: one flat JSON object a row, each followed by a line feed. A view of the flattener's own
       * memory, valid until its next call; copy what has to last.
       */
      readonly bytes: Uint8Array<ArrayBuffer>;
    }
  /** The record holds empty arrays and nothing else. */
  | { readonly status: 'dropped' }
  | { readonly status: 'fault'; readonly fault: FlattenFault };

export interface Flattener {
  readonly eventType: EventType;
  /**
   * Flattens a record: one JSON object, an array of objects, or several of these one after another, with
   * or without white space between. A byte order mark before the first is passed over. One object at
   * fault fails its record whole, since a record has one answer. Never throws for what the record holds.
   */
  flatten(record: Uint8Array, origin: RecordOrigin): FlattenResult;
}

export interface FlattenerOptions {
  /**
   * False for rows of nothing but the schema's own columns, whatever their names. What the schema does not name is then the
   * member of the empty name, which no column has: its JSON text, or null.
   *
   * @default true
   */
  readonly systemColumns?: boolean;
  /** What values with the rule `hash` are stored as; needed where there are such. */
  readonly hash?: KeyedHash | undefined;
}

/**
 * Builds the plan of an event type, once for all records. The flattener keeps memory of the size of its
 * largest record and that record's rows.
 *
 * @throws Error where the schema refuses a default of its own, or values are to be hashed and there is no key.
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

/** Builds a flattener that tells whether a record is good. Its hashes are made with a key that nobody keeps, so its rows are to be thrown away. */
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
  /** The record and its padding: a copy costs little, and ends every check for the end of the text. */
  #source = byteSource(new Uint8Array(initialSourceBytes));
  #origin: RecordOrigin = { shardId: '', sequenceNumber: '', arrivalMs: 0 };
  #arrival = recordMembers(this.#origin);
  /** Number of the event in its record, from 0. */
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

/** RFC 8259, section 8.1: a parser may ignore the mark. */
const byteOrderMarkLength = (source: Uint8Array): number =>
  source[0] === 0xef && source[1] === 0xbb && source[2] === 0xbf ? 3 : 0;

const recordId = ({ shardId, sequenceNumber, subSequenceNumber }: RecordOrigin): string =>
  `${shardId}:${sequenceNumber}${subSequenceNumber ? `.${subSequenceNumber}` : ''}`;
