import type { EventType } from '@sluice/event-schema';
import { lakeDate, tracesKey } from '@sluice/lake-layout';
import { encodeAwaitedRows, type SendSpans } from '@sluice/traces';
import type { PutObject } from './lake-objects';
import type { Telemetry } from './telemetry';
import { recordSpans, type RecordSpansOptions, type TracedRecord } from './record-spans';

/** Sends spans for records whose requests are recorded. Never rejects. */
export type SendRecordSpans = (
  records: readonly TracedRecord[],
  batch: Pick<RecordSpansOptions, 'startMs' | 'endMs' | 'batchRecords'>,
) => Promise<void>;

export interface SendRecordSpansOptions {
  readonly eventType: EventType;
  readonly table: string;
  readonly streamName: string;
  readonly send: SendSpans;
  readonly put: PutObject;
  /** Receiver of the number of rows that will have no span of their delivery, and why. */
  readonly telemetry: Pick<Telemetry, 'spansDropped'>;
  /** Returns a unique name. */
  readonly newId: () => string;
}

/**
 * Returns a function that sends the spans of recorded records, and notes their rows in the lake, so that compaction
 * can check whether they were delivered.
 */
export const sendRecordSpans =
  ({
    eventType,
    table,
    streamName,
    send,
    put,
    telemetry,
    newId,
  }: SendRecordSpansOptions): SendRecordSpans =>
  async (records, batch) => {
    const { spans, awaited } = recordSpans(records, { eventType, streamName, ...batch });
    const note = async (): Promise<void> => {
      if (awaited.length === 0) return;
      const key = tracesKey(table, lakeDate(batch.endMs), newId());
      try {
        await put(key, Buffer.from(encodeAwaitedRows(awaited)));
      } catch (error) {
        telemetry.spansDropped(awaited.length, (error as Error).message);
      }
    };
    await Promise.all([send(spans), note()]);
  };
