import { sealRecord, type RecordOrigin } from '@sluice/record-flattening';

export interface FailedEvent {
  readonly code: string;
  /** A sentence with names of the schema, but without values. */
  readonly detail: string;
  readonly text: string;
  readonly origin: RecordOrigin;
}

/**
 * Returns a line in the form of Firehose's error output (`processing-failed`). Its record is in an envelope, so that
 * a replay gives the event the identity that it has in its file.
 */
export function failedLine({ code, detail, text, origin }: FailedEvent): string {
  const sealed = sealRecord(Buffer.from(text), { origin, attempt: 1 });
  return `${JSON.stringify({
    attemptsMade: 1,
    arrivalTimestamp: origin.arrivalMs,
    errorCode: code,
    errorMessage: detail,
    attemptEndingTimestamp: origin.arrivalMs,
    rawData: Buffer.from(sealed).toString('base64'),
  })}\n`;
}
