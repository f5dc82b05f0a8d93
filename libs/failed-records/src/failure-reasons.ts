import { tableName, type EventType } from '@sluice/event-schema';
import { errorsPrefix, type ObjectStore } from '@sluice/lake-layout';
import { asSealedRecord, compileRecordCheck, type Flattener } from '@sluice/record-flattening';
import {
  errorKinds,
  errorLineReader,
  linesOf,
  type ErrorKind,
  type FailedRecord,
} from './error-line';
import { anyPosition, placeless, recordFault } from './record-fault';

/** Records that failed for the same reason. Holds no values of events. */
export interface FailureReason {
  /** Code of the schema's fault; else Firehose's own. */
  readonly code: string;
  /** JSON pointer to what is wrong, `*` for positions in arrays; undefined where no place is known. */
  readonly pointer: string | undefined;
  readonly detail: string;
  readonly records: number;
}

/**
 * Reads why the records of some objects of the error output failed: the schema's fault for records that it refuses, else what
 * Firehose noted.
 *
 * @returns the largest group first
 */
export async function readFailureReasons({
  store,
  eventType,
  keys,
}: {
  readonly store: Pick<ObjectStore, 'get'>;
  readonly eventType: EventType;
  /** Keys of objects below the table's `errors/`. */
  readonly keys: readonly string[];
}): Promise<readonly FailureReason[]> {
  const flattener = compileRecordCheck(eventType);
  const groups: FailureReason[][] = [];
  for (const key of keys) {
    const { bytes } = await store.get(key);
    const kind = kindOf(key, eventType);
    const read = errorLineReader(kind);
    for (const line of linesOf(bytes)) {
      if (kind === 'sealed') {
        groups.push([sealedReason(line)]);
        continue;
      }
      const result = read(line);
      if (!result.ok) {
        groups.push([reason('unreadable', undefined, result.detail)]);
        continue;
      }
      groups.push([{ ...failureOf(result.record, kind, flattener), records: 1 }]);
    }
  }
  return mergeReasons(groups);
}

/** Returns why a record failed: the schema's fault where it refuses the record, else what Firehose noted. */
export function failureOf(
  { bytes, origin, errorCode, errorMessage }: FailedRecord,
  kind: ErrorKind,
  flattener: Flattener,
): Omit<FailureReason, 'records'> {
  // What the format conversion refused is a row already.
  const fault =
    kind !== 'format-conversion-failed' ? recordFault(bytes, origin, flattener) : undefined;
  if (!fault) return { code: errorCode, pointer: undefined, detail: errorMessage };
  const { code, pointer, detail } = fault;
  return { code, pointer, detail };
}

export const kindOf = (key: string, eventType: EventType): ErrorKind =>
  errorKinds.find((kind) => key.startsWith(`${errorsPrefix(tableName(eventType))}${kind}/`)) ??
  'processing-failed';

/** A sealed record says why it failed in clear. */
export function sealedReason(line: Uint8Array): FailureReason {
  const unreadable = reason('unreadable', undefined, 'it is no sealed record');
  try {
    const sealed = asSealedRecord(
      JSON.parse(new TextDecoder().decode(line)) as Record<string, unknown>,
    );
    if (!sealed) return unreadable;
    const { errorCode, pointer, errorMessage } = sealed;
    return reason(errorCode, anyPosition(pointer), placeless(errorMessage));
  } catch {
    return unreadable;
  }
}

const reason = (code: string, pointer: string | undefined, detail: string): FailureReason => ({
  code,
  pointer,
  detail,
  records: 1,
});

/** Adds up reasons that are the same. @returns the largest group first */
export function mergeReasons(
  lists: readonly (readonly FailureReason[])[],
): readonly FailureReason[] {
  const merged = new Map<string, FailureReason>();
  for (const one of lists.flat()) {
    const id = reasonId(one);
    const known = merged.get(id);
    merged.set(id, { ...one, records: one.records + (known?.records ?? 0) });
  }
  return [...merged.values()].sort((a, b) => b.records - a.records);
}

/** The same for reasons that differ in their number of records only. */
export const reasonId = ({ code, pointer, detail }: FailureReason): string =>
  JSON.stringify([code, pointer, detail]);
