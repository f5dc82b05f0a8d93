import type { EventType } from '@sluice/event-schema';
import { compileRecordCheck } from '@sluice/record-flattening';
import type { ErrorKind, FailedRecord } from './error-line';
import { failureOf } from './failure-reasons';

/** The reason of one group of failed records. */
export interface WantedReason {
  readonly code: string;
  /** JSON pointer to the fault. @default any location */
  readonly pointer?: string;
}

/** Returns a function that decides whether a record failed for a reason. */
export function onlyReason(
  eventType: EventType,
  { code, pointer }: WantedReason,
): (record: FailedRecord, kind: ErrorKind) => boolean {
  const flattener = compileRecordCheck(eventType);
  return (record, kind) => {
    const failure = failureOf(record, kind, flattener);
    return failure.code === code && (pointer === undefined || failure.pointer === pointer);
  };
}
