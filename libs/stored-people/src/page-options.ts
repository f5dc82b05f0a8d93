import type { EventType, ReferenceTable } from '@sluice/event-schema';
import type { LakeDate, ObjectStore } from '@sluice/lake-layout';
import type { HashKeys } from '@sluice/privacy';
import type { Row } from '@sluice/row-formats';
import type { SubjectCursor } from './subject-cursor';

/** The event type and the day of a row or a failed record. */
export interface HeldAt {
  readonly eventType: EventType;
  /** Day of arrival. */
  readonly date: LakeDate;
}

/** A failed record as it is shown to the person whom it names. */
export interface HeldFailedRecord {
  readonly arrivedAt: string;
  readonly code: string;
  /** The record as its sender made it, or the rows that were made of it, as UTF-8. */
  readonly record: string;
}

/** Writes what is found, a line each, without its end. */
export interface LineWriter {
  /** First line of every page. @default none */
  readonly header?: string;
  readonly row: (at: HeldAt, row: Row) => string;
  readonly failedRecord: (at: HeldAt, record: HeldFailedRecord) => string;
  readonly referenceRow: (reference: ReferenceTable, row: Row) => string;
}

export interface SubjectPageOptions {
  readonly store: Pick<ObjectStore, 'get' | 'list'>;
  /** Event types that are searched; each has a subject. */
  readonly eventTypes: readonly EventType[];
  /** Reference tables that are searched after them; each has a subject. @default none */
  readonly references?: readonly ReferenceTable[];
  /** Name of the person, in clear. */
  readonly subject: string;
  /** Keys of the hashes; required where a subject's column is hashed. */
  readonly hashKeys?: HashKeys | undefined;
  /** Keys that decrypt failed records. @default none, so that these are counted as unread */
  readonly errorKeys?: Pick<HashKeys, 'keys'> | undefined;
  /** Reads the keys of the ledger; called where a table hides somebody. */
  readonly readLedgerKeys: () => Promise<HashKeys>;
  readonly lines: LineWriter;
  /**
   * Decides whether failed records of an event type are shown. They hold every value of their events; those that are
   * not shown are counted. @default all are shown
   */
  readonly showsRecords?: (eventType: EventType) => boolean;
  /** Position at which the previous page ended. @default the beginning */
  readonly from?: SubjectCursor | undefined;
  /** Largest number of rows and failed records. */
  readonly maxLines: number;
  /** Largest size of the lines in bytes, as JSON would quote them; one line at least is given. */
  readonly maxBytes: number;
  /** Moment after which no further work begins, in milliseconds since 1970. */
  readonly deadlineMs: number;
  readonly now: () => number;
}
