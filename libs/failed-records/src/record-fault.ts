import { anyPosition } from '@sluice/values';
import {
  unzip,
  type Flattener,
  type FlattenResult,
  type RecordOrigin,
} from '@sluice/record-flattening';

/** Reason why the schema refuses a record. Holds names and limits of the schema, never values of the event. */
export interface RecordFault {
  /** A fault code of `record-flattening`, or `malformed-gzip`. */
  readonly code: string;
  /**
   * JSON pointer with `*` for positions in arrays, so that records with the same fault have the same reason; `/` is
   * the whole record.
   */
  readonly pointer: string;
  readonly detail: string;
}

/** Returns the reason why the schema refuses a record; undefined where it accepts the record. */
export function recordFault(
  bytes: Uint8Array,
  origin: RecordOrigin,
  flattener: Flattener,
): RecordFault | undefined {
  const text = unzipped(bytes);
  if (!text)
    return { code: 'malformed-gzip', pointer: '/', detail: 'it begins as gzip data and is none' };
  return faultOf(flattener.flatten(text, origin));
}

/** Returns the fault that flattening found; undefined where it found none. */
export function faultOf(result: FlattenResult): RecordFault | undefined {
  if (result.status !== 'fault') return undefined;
  const { code, path, detail } = result.fault;
  return { code, pointer: placeOf(path), detail: placeless(detail) };
}

/** Unpacks gzip data and returns other bytes unchanged; undefined where gzip data is broken. */
export function unzipped(bytes: Uint8Array): Uint8Array | undefined {
  try {
    return unzip(bytes);
  } catch {
    return undefined;
  }
}

/** Returns a detail without its byte offset, which differs between records. */
export const placeless = (detail: string): string => detail.replace(/^at byte \d+: /, '');

export const placeOf = (pointer: string): string => anyPosition(pointer) || '/';
