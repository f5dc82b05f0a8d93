import {
  defineEvent,
  DefinitionError,
  isPrivate,
  seesRecords,
  tableName,
  type EventType,
  type KeyScopes,
} from '@sluice/event-schema';
import { compareEventTypes } from '@sluice/event-schema/compatibility';
import {
  isErrorKind,
  errorKinds,
  fixRecord,
  FixError,
  parseFixes,
  type FixStep,
} from '@sluice/failed-records';
import {
  onlyReason,
  replayTable,
  type ReplayReport,
  type WantedReason,
} from '@sluice/failed-records/replay';
import {
  bodyMembers,
  jsonAnswer,
  Problem,
  quoted,
  type HttpRequest,
  type HttpResponse,
} from '@sluice/lambda-http';
import {
  isOperationId,
  queueRun,
  readRun,
  type ObjectStore,
  type OperationKind,
  type OperationRun,
} from '@sluice/lake-layout';
import { dayOf, eventTypeOf, flagOf } from './read-request';

/** Functions that start each kind of work without waiting for its end. */
export type StartWork = Readonly<Record<OperationKind, (request: object) => Promise<void>>>;

export interface WorkRequestsOptions {
  readonly eventTypes: readonly EventType[];
  readonly store: ObjectStore;
  readonly startWork: StartWork;
  readonly now: () => number;
  /** Returns a new id each time, of the characters `[0-9A-Za-z-]`. */
  readonly newId: () => string;
}

/** Longest time of a dry run in milliseconds. API Gateway gives up after 29 seconds. */
const dryRunMs = 20_000;
const shownExamples = 3;

/** Returns the functions that answer requests about replays and compactions: starting one, and showing its progress. */
export function workRequests({ eventTypes, store, startWork, now, newId }: WorkRequestsOptions) {
  const begin = async (
    kind: OperationKind,
    request: Readonly<Record<string, unknown>>,
    event: object,
    location: (id: string) => string,
  ): Promise<HttpResponse> => {
    const id = newId();
    const run = await queueRun(store, kind, { id, request, queuedAtMs: now() });
    await startWork[kind]({ ...event, run: id });
    return jsonAnswer(202, runMembers(run), { location: location(id), 'retry-after': '1' });
  };

  const show = async (kind: OperationKind, id: string): Promise<HttpResponse> => {
    const run = isOperationId(id) ? await readRun(store, kind, id) : undefined;
    if (!run) throw new Problem(404, `there is no run ${quoted(id)} of ${kind}`);
    const hasEnded = run.state === 'done' || run.state === 'failed';
    return jsonAnswer(200, runMembers(run), hasEnded ? {} : { 'retry-after': '1' });
  };

  return {
    showReplay: (id: string) => show('replays', id),
    showCompaction: (id: string) => show('compactions', id),

    /** Carries out a dry run of a replay, or starts a replay. */
    async replay(request: HttpRequest, scopes: KeyScopes): Promise<HttpResponse> {
      const members = bodyMembers(request, [
        'table',
        'from',
        'to',
        'kind',
        'reason',
        'fixes',
        'dryRun',
        'schema',
      ]);
      const eventType = eventTypeOf(eventTypes, members['table'], 400, scopes);
      const { kind } = members;
      if (kind !== undefined && !isErrorKind(kind))
        throw new Problem(400, `"kind" must be one of ${errorKinds.join(', ')}`);
      const from = dayOf(members['from'], 'from');
      const to = dayOf(members['to'], 'to');
      const reason = reasonOf(members['reason']);
      const fixes = fixesOf(members['fixes']);
      if (fixes.length > 0 && !seesRecords(scopes, eventType))
        throw new Problem(
          403,
          `${eventType.name} has restricted columns, which "fixes" could copy elsewhere, and this API key may not see them all`,
        );
      const dryRun = flagOf(members['dryRun'], 'dryRun');
      const tried = triedSchema(members['schema'], eventType, dryRun);
      if (dryRun) {
        const report = await replayTable({
          // The dry run sends and writes nothing.
          store,
          send: () => Promise.reject(new Error('a dry run sends nothing')),
          eventType: tried ?? eventType,
          from,
          to,
          dryRun: true,
          // Their originals hold values of people.
          showBodies: !isPrivate(eventType) && seesRecords(scopes, eventType),
          maxExamples: shownExamples,
          ...(kind && { kinds: [kind] }),
          ...(reason && { select: onlyReason(eventType, reason) }),
          ...(fixes.length > 0 && { fix: (bytes: Uint8Array) => fixRecord(bytes, fixes) }),
          deadlineMs: now() + dryRunMs,
          now,
        });
        return jsonAnswer(200, {
          ...(report satisfies ReplayReport),
          ...(tried && { changes: compareEventTypes([eventType], [tried]) }),
        });
      }
      const asked = {
        table: tableName(eventType),
        ...(from !== undefined && { from }),
        ...(to !== undefined && { to }),
        ...(kind !== undefined && { kind }),
        ...(reason && { reason }),
        ...(fixes.length > 0 && { fixes }),
      };
      return begin('replays', asked, { action: 'replay', ...asked }, (id) => `replays/${id}`);
    },

    /** Starts the compaction of a table or of one of its days, or the sealing of a day. */
    async compact(table: string, request: HttpRequest, scopes: KeyScopes): Promise<HttpResponse> {
      const eventType = eventTypeOf(eventTypes, table, 404, scopes);
      const members = bodyMembers(request, ['date', 'seal']);
      const date = dayOf(members['date'], 'date');
      const seal = flagOf(members['seal'], 'seal');
      if (seal && date === undefined) throw new Problem(400, '"seal" needs a "date"');
      const asked = {
        table: tableName(eventType),
        ...(date !== undefined && { date }),
        ...(seal && { seal }),
      };
      return begin(
        'compactions',
        asked,
        { action: 'compact', ...asked },
        (id) => `compactions/${id}`,
      );
    },
  };
}

/**
 * Returns the event type with another schema, for a dry run.
 *
 * @throws Problem where the schema is not valid for an event type, or where this is not a dry run, because the
 * stream's function uses the deployed schema
 */
function triedSchema(value: unknown, eventType: EventType, dryRun: boolean): EventType | undefined {
  if (value === undefined) return undefined;
  if (!dryRun)
    throw new Problem(
      400,
      '"schema" is for a dry run; records are replayed by the deployed schema',
    );
  if (typeof value !== 'object' || value === null)
    throw new Problem(400, '"schema" must be a JSON Schema');
  try {
    return defineEvent({ ...eventType, schema: value });
  } catch (error) {
    if (error instanceof DefinitionError) throw new Problem(400, error.message);
    throw error;
  }
}

/** Returns a run without the version of its stored form, which only matters to the stored object. */
const runMembers = (run: OperationRun): object => ({ ...run, formatVersion: undefined });

function reasonOf(value: unknown): WantedReason | undefined {
  if (value === undefined) return undefined;
  const { code, pointer } = (value ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof code !== 'string' || (pointer !== undefined && typeof pointer !== 'string'))
    throw new Problem(400, '"reason" needs a "code", and may have a "pointer"');
  return { code, ...(pointer !== undefined && { pointer }) };
}

function fixesOf(value: unknown): readonly FixStep[] {
  if (value === undefined) return [];
  try {
    return parseFixes(value);
  } catch (error) {
    if (error instanceof FixError) throw new Problem(400, error.message);
    throw error;
  }
}
