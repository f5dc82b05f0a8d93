import {
  allowsAction,
  allowsEventType,
  everyScope,
  seesRecords,
  tableColumns,
  tableName,
  visibleColumns,
  type EventType,
  type KeyAction,
  type KeyScopes,
  type ReferenceTable,
  type ScopesOf,
} from '@sluice/event-schema';
import { FailureReader } from '@sluice/failed-records';
import {
  checkMethod,
  columnsLeftOut,
  httpApi,
  jsonAnswer,
  Problem,
  queryParameters,
  wholeNumber,
  type HttpApi,
  type HttpRequest,
  type HttpResponse,
} from '@sluice/lambda-http';
import type { ObjectStore } from '@sluice/lake-layout';
import { chooseFormat, mediaTypes } from '@sluice/row-formats';
import { UnreadableFileError } from '@sluice/stored-people';
import { describeEventType } from './event-types';
import { erasureRequests, type Erasing } from './http/erasure-requests';
import { inferRequest } from './http/infer-request';
import { dayOf, eventTypeOf } from './http/read-request';
import { matchRoute, type Route } from './http/route';
import { subjectRequest, type SubjectAccess } from './http/subject-request';
import { workRequests, type StartWork } from './http/work-requests';
import { definitionHistory } from './lake/definition-history';
import { KnownObjects } from './lake/known-objects';
import { latestRows } from './lake/latest-rows';
import { tableDays } from './lake/table-days';
import { tableSnapshots } from './lake/table-snapshots';
import { tableOverview, type LakeOverview } from './lake/table-overview';

export type { Erasing } from './http/erasure-requests';
export type { SubjectAccess } from './http/subject-request';
export type { StartWork } from './http/work-requests';

export interface OperationsApiOptions {
  readonly eventTypes: readonly EventType[];
  /** Reference tables that name people. @default none */
  readonly references?: readonly ReferenceTable[];
  readonly store: ObjectStore;
  readonly startWork: StartWork;
  /** Dependencies of requests about people. Required where an event type names people. */
  readonly erasing?: Erasing;
  /** Returns the scopes of an API key by its id. @default every key has every scope */
  readonly scopesOf?: ScopesOf;
  /** Returns a new id each time, of the characters `[0-9A-Za-z-]`. */
  readonly newId: () => string;
  readonly now?: () => number;
  /** Called with each answer that shows a person's data, for the audit log. */
  readonly onAccess?: (access: SubjectAccess) => void;
  /** Called with each error that is not the client's fault. Clients only hear that the request failed. */
  readonly onError?: (error: unknown, request: HttpRequest) => void;
}

/**
 * Largest size of an answer in bytes. Lambda returns at most 6 MB, including the envelope and its escapes; the rest
 * is for headers.
 */
const maxAnswerBytes = 5_500_000;
const maxRows = 1_000;
const maxSamples = 5;

/**
 * Returns the operations API, independent of the event format that carries requests: the lake's content, failures,
 * and work that users start. It remembers objects by their ETags, and nothing about requests.
 *
 * @example
 * const api = createOperationsApi({ eventTypes, store, startWork, newId: randomUUID });
 * const { body } = await api({ method: 'GET', path: '/v1/lake', query: new Map(), headers: new Map(), body: '' });
 */
export function createOperationsApi({
  eventTypes,
  references = [],
  store,
  startWork,
  erasing,
  scopesOf = () => everyScope,
  newId,
  now = Date.now,
  onAccess = () => undefined,
  onError,
}: OperationsApiOptions): HttpApi {
  const known = new KnownObjects(store);
  const failureReader = new FailureReader();
  const work = workRequests({ eventTypes, store, startWork, newId, now });
  const erasures = erasureRequests({ eventTypes, references, store, erasing, newId, now });

  const subject = subjectRequest({
    ...{ eventTypes, references, store, now, maxAnswerBytes, onAccess },
    keys: erasing,
  });

  const typesOf = (scopes: KeyScopes): readonly EventType[] =>
    eventTypes.filter(({ name }) => allowsEventType(scopes, name));

  const overview = async (scopes: KeyScopes): Promise<HttpResponse> => {
    const atMs = now();
    const tables = await Promise.all(
      typesOf(scopes).map((eventType) =>
        tableOverview(eventType, tableColumns(eventType).length, {
          known,
          failures: failureReader,
          nowMs: atMs,
        }),
      ),
    );
    return jsonAnswer(200, { atMs, tables } satisfies LakeOverview);
  };

  const failures = async (request: HttpRequest, scopes: KeyScopes): Promise<HttpResponse> => {
    const { table, from, to, samples } = queryParameters(request, [
      'table',
      'from',
      'to',
      'samples',
    ]);
    const wanted =
      table === undefined ? typesOf(scopes) : [eventTypeOf(eventTypes, table, 400, scopes)];
    return jsonAnswer(
      200,
      await failureReader.read({
        store,
        eventTypes: wanted,
        showsBodies: (eventType) => seesRecords(scopes, eventType),
        from: dayOf(from, 'from'),
        to: dayOf(to, 'to'),
        samples: wholeNumber(samples, 'samples', { least: 0, most: maxSamples, otherwise: 3 }),
      }),
    );
  };

  const rows = async (
    table: string,
    request: HttpRequest,
    scopes: KeyScopes,
  ): Promise<HttpResponse> => {
    const eventType = eventTypeOf(eventTypes, table, 404, scopes);
    const { columns, leftOut } = visibleColumns(scopes, eventType);
    const all = tableColumns(eventType);
    const places = columns.map(({ name }) => all.findIndex((column) => column.name === name));
    const { limit } = queryParameters(request, ['limit']);
    const format = chooseFormat(request.headers.get('accept'));
    if (!format) throw new Problem(406, `answers come as ${mediaTypes.join(', ')}`);
    const most = wholeNumber(limit, 'limit', { least: 1, most: maxRows, otherwise: 50 });
    const { rows: found, filesRead, isExact } = await latestRows(known, eventType, most);
    const written = await format.write(
      found.map(({ cells }) => ({ cells: places.map((place) => cells[place] ?? null) })),
      columns,
      maxAnswerBytes,
    );
    return {
      status: 200,
      headers: {
        'content-type': format.mediaType,
        'cache-control': 'no-store',
        'x-row-count': String(written.count),
        vary: 'accept',
        ...columnsLeftOut(leftOut),
      },
      body: written.body({
        filesRead,
        isExact,
        ...(leftOut.length > 0 && { columnsLeftOut: leftOut }),
      }),
    };
  };

  const answer = async (request: HttpRequest): Promise<HttpResponse> => {
    const { method } = request;
    const route = matchRoute(request.path);
    const scopes = scopesOf(request.caller?.apiKeyId);
    const action = actionOf(route);
    if (!allowsAction(scopes, action))
      throw new Problem(403, `this API key lacks the scope "${action}", which this path needs`);
    switch (route.at) {
      case 'lake':
        checkMethod(method, ['GET']);
        return overview(scopes);
      case 'event-types':
        checkMethod(method, ['GET']);
        return jsonAnswer(200, { eventTypes: typesOf(scopes).map(describeEventType) });
      case 'inferences':
        checkMethod(method, ['POST']);
        return inferRequest(request);
      case 'days': {
        checkMethod(method, ['GET']);
        const eventType = eventTypeOf(eventTypes, route.table, 404, scopes);
        return jsonAnswer(200, { days: await tableDays(known, eventType) });
      }
      case 'definitions': {
        checkMethod(method, ['GET']);
        const eventType = eventTypeOf(eventTypes, route.table, 404, scopes);
        return jsonAnswer(200, { definitions: await definitionHistory(store, eventType) });
      }
      case 'snapshots': {
        checkMethod(method, ['GET']);
        const eventType = eventTypeOf(eventTypes, route.table, 404, scopes);
        return jsonAnswer(200, { snapshots: await tableSnapshots(store, tableName(eventType)) });
      }
      case 'rows':
        checkMethod(method, ['GET']);
        return rows(route.table, request, scopes);
      case 'compactions':
        checkMethod(method, ['POST']);
        return work.compact(route.table, request, scopes);
      case 'compaction':
        checkMethod(method, ['GET']);
        eventTypeOf(eventTypes, route.table, 404, scopes);
        return work.showCompaction(route.id);
      case 'failures':
        checkMethod(method, ['GET']);
        return failures(request, scopes);
      case 'replays':
        checkMethod(method, ['POST']);
        return work.replay(request, scopes);
      case 'erasures':
        checkMethod(method, ['POST']);
        return erasures.erase(request, scopes);
      case 'erasure':
        checkMethod(method, ['GET']);
        return erasures.showErasure(route.id, scopes);
      case 'subject':
        checkMethod(method, ['GET']);
        return subject(route.subject, request, scopes);
      case 'replay':
        checkMethod(method, ['GET']);
        return work.showReplay(route.id);
    }
  };

  return httpApi({ answer, failureMessage, ...(onError && { onError }) });
}

/** Returns the scope that a route needs. */
const actionOf = ({ at }: Route): KeyAction =>
  at === 'subject' ? 'subject' : at === 'erasures' || at === 'erasure' ? 'erase' : 'operate';

/** Returns the sentence for clients about an error. Trying again does not help where a file can't be read. */
const failureMessage = (error: unknown): string =>
  error instanceof UnreadableFileError
    ? "a stored file can't be read, so the answer would be incomplete; trying again does not help until its owner repairs it"
    : 'the request failed; try again';
