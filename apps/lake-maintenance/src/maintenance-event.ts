import { tableName, type EventType } from '@sluice/event-schema';
import {
  errorKinds,
  isErrorKind,
  FixError,
  parseFixes,
  type ErrorKind,
  type FixStep,
} from '@sluice/failed-records';
import type { WantedReason } from '@sluice/failed-records/replay';
import { incomingPrefix, isOperationId, type LakeDate } from '@sluice/lake-layout';
import { parseDate } from '@sluice/values';

/** Requests to the function. An empty event, or one of a schedule, compacts every table. */
export type MaintenanceEvent =
  | CompactEvent
  | ReplayEvent
  | SweepResultsEvent
  | ExpireEvent
  | EraseEvent
  | TakeIncomingEvent;

export interface CompactEvent {
  /** Kind of the request. @default 'compact' */
  readonly action?: 'compact';
  /** Name of an event type or of its table. @default all */
  readonly table?: string;
  /** Day in UTC, `YYYY-MM-DD`. @default every day that has something to do */
  readonly date?: LakeDate;
  /** True to seal the day at any time; requires a date. @default false */
  readonly seal?: boolean;
  /** Id under which the progress is noted in the lake; see `trackRun`. @default progress is not noted */
  readonly run?: string;
}

export interface ReplayEvent {
  readonly action: 'replay';
  /** Name of an event type or of its table. */
  readonly table: string;
  /** Days of the error output, both inclusive. @default all */
  readonly from?: LakeDate;
  readonly to?: LakeDate;
  /** Kind of the error output. @default all */
  readonly kind?: ErrorKind;
  /** True to report what would be sent, without sending it. @default false */
  readonly dryRun?: boolean;
  /** Reason of the failures to replay. @default all */
  readonly reason?: WantedReason;
  /** Steps that fix each record before it is sent. @default none */
  readonly fixes?: readonly FixStep[];
  /** Id under which the progress is noted in the lake; see `trackRun`. @default progress is not noted */
  readonly run?: string;
}

/** Asks to delete files of join runs that no longer count. */
export interface SweepResultsEvent {
  readonly action: 'sweep-results';
}

/** Asks to remove what is past its retention from the lake. */
export interface ExpireEvent {
  readonly action: 'expire';
  /** Name of an event type or of its table. @default all */
  readonly table?: string;
  /** True to report what would be removed, without changing anything. @default false */
  readonly dryRun?: boolean;
}

/** Asks to carry out erasures that were requested. */
export interface EraseEvent {
  readonly action: 'erase';
  /** Id of the only erasure to carry out. @default all that are not finished */
  readonly id?: string;
}

/** Asks to ingest files that were dropped below `incoming/`. */
export interface TakeIncomingEvent {
  readonly action: 'take-incoming';
  /** Key of the only file to ingest. @default all that wait */
  readonly key?: string;
}

/** Error for a request that can't be served; the message says what is wrong and what would be right. */
export class MaintenanceRequestError extends Error {
  override readonly name = 'MaintenanceRequestError';
}

export type MaintenanceRequest =
  | {
      readonly action: 'compact';
      readonly eventTypes: readonly EventType[];
      readonly date: LakeDate | undefined;
      readonly seal: boolean;
      readonly run: string | undefined;
    }
  | {
      readonly action: 'replay';
      readonly eventType: EventType;
      readonly from: LakeDate | undefined;
      readonly to: LakeDate | undefined;
      readonly kinds: readonly ErrorKind[];
      readonly dryRun: boolean;
      readonly reason: WantedReason | undefined;
      readonly fixes: readonly FixStep[];
      readonly run: string | undefined;
    }
  | SweepResultsEvent
  | { readonly action: 'erase'; readonly id: string | undefined }
  | { readonly action: 'take-incoming'; readonly key: string | undefined }
  | {
      readonly action: 'expire';
      readonly eventTypes: readonly EventType[];
      readonly dryRun: boolean;
    };

/** Reads a request. Members of a scheduler's own event are ignored. @throws MaintenanceRequestError */
export function parseMaintenanceEvent(
  event: unknown,
  eventTypes: readonly EventType[],
): MaintenanceRequest {
  const members = (typeof event === 'object' && event !== null ? event : {}) as Members;
  const { action = 'compact', table } = members;
  if (action === 'compact') {
    const date = dateMember(members, 'date');
    const seal = flagMember(members, 'seal');
    if (seal && date === undefined)
      throw new MaintenanceRequestError('to seal a day whatever the time, name its date');
    return {
      action,
      eventTypes: table === undefined ? eventTypes : [findEventType(table, eventTypes)],
      date,
      seal,
      run: runMember(members),
    };
  }
  if (action === 'replay') {
    const { kind } = members;
    if (kind !== undefined && !isErrorKind(kind))
      throw new MaintenanceRequestError(
        `kind ${JSON.stringify(kind)} is none of ${errorKinds.join(', ')}`,
      );
    return {
      action,
      eventType: findEventType(table, eventTypes),
      from: dateMember(members, 'from'),
      to: dateMember(members, 'to'),
      kinds: kind === undefined ? errorKinds : [kind],
      dryRun: flagMember(members, 'dryRun'),
      reason: reasonMember(members),
      fixes: fixesMember(members),
      run: runMember(members),
    };
  }
  if (action === 'sweep-results') return { action };
  if (action === 'take-incoming') {
    const { key } = members;
    if (key !== undefined && (typeof key !== 'string' || !key.startsWith(incomingPrefix)))
      throw new MaintenanceRequestError(
        `key ${JSON.stringify(key)} is none below ${incomingPrefix}`,
      );
    return { action, key };
  }
  if (action === 'erase') return { action, id: idMember(members, 'id') };
  if (action === 'expire')
    return {
      action,
      eventTypes: table === undefined ? eventTypes : [findEventType(table, eventTypes)],
      dryRun: flagMember(members, 'dryRun'),
    };
  throw new MaintenanceRequestError(
    `unknown action ${JSON.stringify(action)}; the function knows "compact", "replay", "sweep-results", "expire", "erase" and "take-incoming"`,
  );
}

type Members = Readonly<Record<string, unknown>>;

function findEventType(wanted: unknown, eventTypes: readonly EventType[]): EventType {
  const found = eventTypes.find(
    (eventType) => tableName(eventType) === wanted || eventType.name === wanted,
  );
  if (found) return found;
  const known = eventTypes.map(tableName).join(', ');
  throw new MaintenanceRequestError(
    `there is no table ${wanted === undefined ? 'named' : JSON.stringify(wanted)}; there is ${known || 'none'}`,
  );
}

function flagMember(members: Members, name: string): boolean {
  const value = members[name] ?? false;
  if (typeof value === 'boolean') return value;
  throw new MaintenanceRequestError(`${name} ${JSON.stringify(value)} is not true or false`);
}

function dateMember(members: Members, name: string): LakeDate | undefined {
  const value = members[name];
  if (value === undefined) return undefined;
  if (typeof value === 'string' && parseDate(value) !== undefined) return value;
  throw new MaintenanceRequestError(
    `${name} ${JSON.stringify(value)} is not a day such as 2026-01-31`,
  );
}

const runMember = (members: Members): string | undefined => idMember(members, 'run');

function idMember(members: Members, name: string): string | undefined {
  const id = members[name];
  if (id === undefined || isOperationId(id)) return id;
  throw new MaintenanceRequestError(
    `${name} ${JSON.stringify(id)} is not an id of letters, digits and hyphens`,
  );
}

function reasonMember({ reason }: Members): WantedReason | undefined {
  if (reason === undefined) return undefined;
  const { code, pointer } = (reason ?? {}) as Members;
  if (typeof code !== 'string' || (pointer !== undefined && typeof pointer !== 'string'))
    throw new MaintenanceRequestError('reason needs a code, and may have a pointer');
  return { code, ...(pointer !== undefined && { pointer }) };
}

function fixesMember({ fixes = [] }: Members): readonly FixStep[] {
  try {
    return parseFixes(fixes);
  } catch (error) {
    if (error instanceof FixError) throw new MaintenanceRequestError(error.message);
    throw error;
  }
}
