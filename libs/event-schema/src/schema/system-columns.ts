// The columns that every table has in addition to the event's own. To add one, add an entry to `systemColumns`
// (docs/guides/add-a-system-column.md).
import { sqlTimeOfMillis } from '@sluice/values';
import type { Column } from './columns';

/** Position and time at which a record arrived in the stream. */
export interface RecordOrigin {
  readonly shardId: string;
  readonly sequenceNumber: string;
  /** Position within a record that the Kinesis Producer Library aggregated. */
  readonly subSequenceNumber?: number | undefined;
  /** Arrival of the record, in milliseconds since 1970. */
  readonly arrivalMs: number;
}

export interface SystemColumn extends Column {
  /**
   * Writes the value for a record's rows as JSON text of at most {@link maxRecordTextBytes}. Left out where the event
   * itself fills the column.
   */
  readonly ofRecord?: (origin: RecordOrigin) => string;
}

/** Largest number of bytes that `ofRecord` may write; the flattener reserves them for each column. */
export const maxRecordTextBytes = 256;

const system = { path: [], required: true, nullable: false } as const;

export const eventIdColumn: SystemColumn = {
  ...system,
  name: 'event_id',
  type: { kind: 'string' },
  schema: {
    description: 'Identity of the event; the same event delivered twice has the same one.',
  },
};

export const ingestedAtColumn: SystemColumn = {
  ...system,
  name: 'ingested_at',
  type: { kind: 'timestamp', digits: 3 },
  schema: { description: 'When the event arrived, UTC.' },
  ofRecord: ({ arrivalMs }) => `"${sqlTimeOfMillis(arrivalMs)}"`,
};

export const unmappedColumn: SystemColumn = {
  ...system,
  name: 'unmapped',
  type: { kind: 'json' },
  required: false,
  nullable: true,
  schema: {
    description:
      'JSON text of what the schema does not name, and of values of which their column holds a part only; null when empty.',
  },
};

/**
 * The columns that every table has, after the event's own. A column that was added later is null in older files, so
 * it must be `required: false, nullable: true`.
 */
export const systemColumns: readonly SystemColumn[] = [
  eventIdColumn,
  ingestedAtColumn,
  unmappedColumn,
];

const names: ReadonlySet<string> = new Set(systemColumns.map(({ name }) => name));

export const isSystemColumnName = (name: string): boolean => names.has(name);

/** The day of arrival, `YYYY-MM-DD`: the partition of every table in SQL, never a column of a file. */
export const partitionColumn = 'dt';

/** Decides whether a name is reserved, so that no value of an event can have it as its column. */
export const isReservedColumnName = (name: string): boolean =>
  isSystemColumnName(name) || name === partitionColumn;
