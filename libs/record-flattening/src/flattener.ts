import type { EventType } from '@sluice/event-schema';
import { EventFlattener } from './event-flattener';
import { SyntaxFault, type FlattenFault } from './fault';
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
import { flattenPlan } from './plan';

/** Where and when a record arrived: what makes the `event_id` of events that have no identity. */
export interface RecordOrigin {
  readonly shardId: string;
  readonly sequenceNumber: string;
  /** Position in a record that the Kinesis Producer Library aggregated. */
  readonly subSequenceNumber?: number | undefined;
  /** Arrival at the stream, in milliseconds since 1970. */
  readonly arrivalMs: number;
}

export type FlattenResult =
  | {
      readonly status: 'rows';
      readonly rows: number;
      /**
       * UTF-8: one flat JSON object a row, each followed by a line feed. A view of the flattener's own
       * memory, valid until its next call; copy what has to last.
       */
      readonly bytes: Uint8Array;
    }
  /** The record holds no event: it is blank, or an empty array. */
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

const encoder = new TextEncoder();

/** Builds the plan of an event type once; the flattener keeps memory of the size of its largest record. */
export function compileFlattener(eventType: EventType): Flattener {
  const plan = flattenPlan(eventType);
  const events = new EventFlattener(plan);
  // Innermost first: an object's default may lean on those of its members.
  for (const node of plan.nodes.toReversed()) {
    if (node.schema.default === undefined || !node.parent) continue;
    node.defaultText = events.defaultText(node);
    plan.rowOverheadBytes += node.defaultText.length;
  }

  let source: Uint8Array<ArrayBuffer> = new Uint8Array(64 * 1024);

  const load = (record: Uint8Array): void => {
    if (record.length + sourcePadding > source.length)
      source = new Uint8Array(2 * record.length + sourcePadding);
    source.set(record);
    source.fill(0, record.length, record.length + sourcePadding);
    events.source = source;
  };

  const flatten = (record: Uint8Array, origin: RecordOrigin): FlattenResult => {
    load(record);
    events.sink.length = 0;
    const end = record.length;
    const arrival = arrivalText(origin.arrivalMs);
    let position = 0;
    let at = skipSpace(source, skipByteOrderMark(source));
    let inArray = false;
    events.pointer = '';

    const ownId = (): string => JSON.stringify(`${recordId(origin)}:${position}`);
    /** Pointer of the event at `position`. */
    const eventPointer = (): string => (inArray || position > 0 ? `/${position}` : '');
    const fault = (found: FlattenFault): FlattenResult => ({
      status: 'fault',
      fault: { ...found, path: eventPointer() + found.path },
    });

    try {
      while (at < end) {
        const first = source[at];
        if (first === openBracket && !inArray) {
          at = skipSpace(source, at + 1);
          if (source[at] === closeBracket) at = skipSpace(source, at + 1);
          else inArray = true;
          continue;
        }
        if (first !== openBrace) {
          skipValue(source, at);
          return fault({
            code: 'not-an-object',
            path: '',
            detail: 'an event is a JSON object, or an object in an array',
          });
        }
        at = events.event(at, end, ownId, arrival);
        if (events.fault) return fault(events.fault);
        position++;
        events.pointer = '';
        at = skipSpace(source, at);
        if (!inArray) continue;
        if (source[at] === comma) {
          at = skipSpace(source, at + 1);
          if (at >= end) malformed(source, at, 'an object');
        } else if (source[at] === closeBracket) {
          inArray = false;
          at = skipSpace(source, at + 1);
        } else malformed(source, at, 'a comma or ]');
      }
      if (inArray) malformed(source, end, 'an object');
    } catch (error) {
      if (!(error instanceof SyntaxFault)) throw error;
      return fault({
        code: error.code,
        path: events.pointer,
        detail: `at byte ${error.offset}: ${error.message}`,
      });
    }
    if (position === 0) return { status: 'dropped' };
    return {
      status: 'rows',
      rows: position,
      bytes: events.sink.bytes.subarray(0, events.sink.length),
    };
  };

  return { eventType, flatten };
}

/** RFC 8259, section 8.1: a parser may ignore the mark. */
const skipByteOrderMark = (source: Uint8Array): number =>
  source[0] === 0xef && source[1] === 0xbb && source[2] === 0xbf ? 3 : 0;

const recordId = ({ shardId, sequenceNumber, subSequenceNumber }: RecordOrigin): string =>
  `${shardId}:${sequenceNumber}${subSequenceNumber ? `.${subSequenceNumber}` : ''}`;

const arrivalText = (arrivalMs: number): Uint8Array =>
  encoder.encode(
    `"ingested_at":"${new Date(arrivalMs).toISOString().slice(0, 23).replace('T', ' ')}"`,
  );
