// For tests only: a lake's error output, and a stream into which its records are replayed.
import type { OutgoingRecord } from '@sluice/aws-clients/put-all-records';
import { defineEvent, type EventType } from '@sluice/event-schema';
import type { MemoryObjectStore } from '@sluice/lake-layout';
import { compileFlattener, openRecord } from '@sluice/record-flattening';
import { replayTable, type ReplayOptions } from './replay-table';

const reading = (required: readonly string[]): EventType =>
  defineEvent({
    name: 'reading',
    version: '1.0.0',
    key: 'sensor',
    schema: {
      type: 'object',
      required: ['sensor', ...required],
      properties: { sensor: { type: 'string' }, value: { type: 'number' } },
    },
  });

/** An event type that refuses readings without a value. */
export const strict = reading(['value']);
/** The same event type after its schema was loosened. */
export const loosened = reading([]);

export const arrivalTimestamp = Date.parse('2026-11-20T10:00:00Z');
const base64 = (data: string | Uint8Array): string => Buffer.from(data).toString('base64');

/** Returns a line of the error output for a record that the function refused. */
export const processingFailed = (data: string | Uint8Array): string =>
  `${JSON.stringify({
    attemptsMade: 1,
    arrivalTimestamp,
    errorCode: 'Lambda.ProcessingFailedStatus',
    errorMessage: 'ProcessingFailed status set for record',
    attemptEndingTimestamp: arrivalTimestamp + 1,
    rawData: base64(data),
    lambdaArn: 'arn:aws:lambda:eu-west-1:1:function:f',
  })}\n`;

/** Returns a line of the error output for rows that the format conversion refused. */
export const conversionFailed = (
  data: string,
  sequenceNumber: string,
  spelling: 'old' | 'new',
): string =>
  `${JSON.stringify({
    attemptsMade: 1,
    arrivalTimestamp,
    [spelling === 'old' ? 'lastErrorCode' : 'errorCode']: 'DataFormatConversion.MalformedData',
    [spelling === 'old' ? 'lastErrorMessage' : 'errorMessage']: 'Data does not match the schema',
    rawData: base64(data),
    sequenceNumber,
    subSequenceNumber: null,
  })}\n`;

export const errorKey = (kind: string, name: string, date = '2026-11-20'): string =>
  `reading/errors/${kind}/dt=${date}/${name}`;

export const put = (store: MemoryObjectStore, key: string, lines: readonly string[]) =>
  store.put(key, new TextEncoder().encode(lines.join('')));

/** A stream that keeps its records, and derives the identities of their rows. */
export class Stream {
  readonly records: OutgoingRecord[] = [];
  refuse: (record: OutgoingRecord) => string | undefined = () => undefined;

  readonly send = (table: string, records: readonly OutgoingRecord[]) => {
    expect(table).toBe('reading');
    return Promise.resolve(
      records.map((record) => {
        const refusal = this.refuse(record);
        if (refusal === undefined) this.records.push(record);
        return refusal;
      }),
    );
  };

  texts(): readonly string[] {
    return this.records.map(({ data }) => Buffer.from(openRecord(data).bytes).toString()).sort();
  }

  /** Returns the `event_id`s that the transformer derives. */
  eventIds(): readonly string[] {
    const flattener = compileFlattener(loosened);
    return this.records.map(({ data }) => {
      const { bytes, envelope } = openRecord(data);
      if (!envelope) throw new Error('a record without an envelope');
      const result = flattener.flatten(bytes, envelope.origin);
      if (result.status !== 'rows') throw new Error(`not a row: ${result.status}`);
      return (JSON.parse(Buffer.from(result.bytes).toString()) as { event_id: string }).event_id;
    });
  }
}

export const replay = (
  store: ReplayOptions['store'],
  stream: Stream,
  options: Partial<ReplayOptions> = {},
) =>
  replayTable({
    store,
    eventType: loosened,
    send: stream.send,
    now: () => arrivalTimestamp,
    ...options,
  });
