import { tableName, type EventType } from '@sluice/event-schema';
import type { LakeDate } from '@sluice/lake-layout';

/** What the function can be asked to do. An empty event, or one of a schedule, compacts every table. */
export interface MaintenanceEvent {
  /** @default 'compact' */
  readonly action?: 'compact';
  /** Name of an event type or of its table. @default all */
  readonly table?: string;
  /** `YYYY-MM-DD`, UTC. @default every day that has something to do */
  readonly date?: LakeDate;
  /** Seals the day whatever the time; needs a date. @default false */
  readonly seal?: boolean;
}

/** A request that names what there is not; the message says what there is. */
export class MaintenanceRequestError extends Error {
  override readonly name = 'MaintenanceRequestError';
}

export interface CompactRequest {
  readonly action: 'compact';
  readonly eventTypes: readonly EventType[];
  readonly date?: LakeDate;
  readonly seal: boolean;
}

const datePattern = /^\d{4}-\d{2}-\d{2}$/;

/** Members that belong to a scheduler's own event are left aside. @throws MaintenanceRequestError */
export function parseMaintenanceEvent(
  event: unknown,
  eventTypes: readonly EventType[],
): CompactRequest {
  const members = (typeof event === 'object' && event !== null ? event : {}) as Record<
    string,
    unknown
  >;
  const { action = 'compact', table, date, seal = false } = members;
  if (action !== 'compact')
    throw new MaintenanceRequestError(
      `unknown action ${JSON.stringify(action)}; the function knows "compact"`,
    );
  if (date !== undefined && !isDate(date))
    throw new MaintenanceRequestError(
      `date ${JSON.stringify(date)} is not a day such as 2026-01-31`,
    );
  if (typeof seal !== 'boolean')
    throw new MaintenanceRequestError(`seal ${JSON.stringify(seal)} is not true or false`);
  if (seal && date === undefined)
    throw new MaintenanceRequestError('to seal a day whatever the time, name its date');
  return {
    action,
    eventTypes: table === undefined ? eventTypes : [findEventType(table, eventTypes)],
    ...(date !== undefined && { date }),
    seal,
  };
}

function findEventType(wanted: unknown, eventTypes: readonly EventType[]): EventType {
  const found = eventTypes.find(
    (eventType) => tableName(eventType) === wanted || eventType.name === wanted,
  );
  if (found) return found;
  const known = eventTypes.map(tableName).join(', ');
  throw new MaintenanceRequestError(
    `there is no table ${JSON.stringify(wanted)}; there is ${known || 'none'}`,
  );
}

const isDate = (value: unknown): value is LakeDate =>
  typeof value === 'string' &&
  datePattern.test(value) &&
  new Date(value).getTime() >= 0 &&
  new Date(value).toISOString().startsWith(value);
