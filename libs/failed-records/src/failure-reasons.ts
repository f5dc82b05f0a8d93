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
import { placeless, placeOf, recordFault } from './record-fault';

/** Records that failed for the same reason. Holds no values of events. */
export interface FailureReason {
  /** Code of the schema's fault, or else Firehose's own. */
  readonly code: string;
  /** JSON pointer to the fault, with `*` for positions in arrays; undefined where no location is known. */
  readonly pointer: string | undefined;
  readonly detail: string;
  readonly records: number;
}

/**
 * Reads the reasons why the records of some objects of the error output failed: the schema's fault for records that
 * the schema refuses, else the error that Firehose noted.
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

/**
 * Returns the reason why a record failed: the schema's fault where the schema refuses the record, else the error that
 * Firehose noted.
 */
export function failureOf(
  { bytes, origin, errorCode, errorMessage }: FailedRecord,
  kind: ErrorKind,
  flattener: Flattener,
): Omit<FailureReason, 'records'> {
  // Records that the format conversion refused are rows already.
  const fault =
    kind !== 'format-conversion-failed' ? recordFault(bytes, origin, flattener) : undefined;
  if (!fault) return { code: errorCode, pointer: undefined, detail: errorMessage };
  const { code, pointer, detail } = fault;
  return { code, pointer, detail };
}

const kindOf = (key: string, eventType: EventType): ErrorKind =>
  errorKinds.find((kind) => key.startsWith(`${errorsPrefix(tableName(eventType))}${kind}/`)) ??
  'processing-failed';

/** Reads the reason from a sealed record, which states it in clear. */
export function sealedReason(line: Uint8Array): FailureReason {
  const unreadable = reason('unreadable', undefined, 'it is no sealed record');
  try {
    const sealed = asSealedRecord(
      JSON.parse(new TextDecoder().decode(line)) as Record<string, unknown>,
    );
    if (!sealed) return unreadable;
    const { errorCode, pointer, errorMessage } = sealed;
    return reason(errorCode, placeOf(pointer), placeless(errorMessage));
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

/** Adds up equal reasons. @returns the largest group first */
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

/** Returns an id that is the same for reasons which differ only in their number of records. */
export const reasonId = ({ code, pointer, detail }: FailureReason): string =>
  JSON.stringify([code, pointer, detail]);
