import { createHash } from 'node:crypto';
import {
  allowsAction,
  allowsEventType,
  everyScope,
  subjectPaths,
  tableColumns,
  tableName,
  type EventType,
  type KeyScopes,
  type ScopesOf,
} from '@sluice/event-schema';
import {
  checkMethod,
  columnsLeftOut,
  httpApi,
  listedNames,
  Problem,
  quoted,
  serverTiming,
  type HttpApi,
  type HttpRequest,
  type HttpResponse,
} from '@sluice/lambda-http';
import type { ObjectStore } from '@sluice/lake-layout';
import { chooseFormat, mediaTypes, type Format } from '@sluice/row-formats';
import { encodeCursor } from './cursor';
import { DayFilesReader, type DayFiles } from './day-files';
import { FileReader } from './file-reader';
import { UnreadableFileError } from './open-file';
import { beginValueSearch } from './find-by-value';
import { KeyFilters } from './key-filters';
import { findDays, findRows, type FoundRows } from './find-rows';
import { lookupRequest, type LookupRequest } from './lookup-request';
import { parametersOfBody, parametersOfQuery } from './raw-parameters';
import { datesBetween } from './wanted-days';
import type { Hedging } from './hedging';
import { HiddenPeople, type HiddenPeopleOptions } from './hidden-people';
import { recordingOf, RequestLog } from './request-log';
import { RequestMeter, type RequestCosts } from './request-meter';
import { matchRoute, type Route } from './route';
import type { RowQuery } from './row-query';

export interface LookupApiOptions {
  readonly eventTypes: readonly EventType[];
  readonly store: Pick<ObjectStore, 'list' | 'get'>;
  readonly now?: () => number;
  /** Sends late requests a second time. @default no request is sent twice */
  readonly hedging?: Hedging;
  /** Reads the keys of the ledger of erased people. @default look-ups of a table that hides people fail */
  readonly readLedgerKeys?: HiddenPeopleOptions['readKeys'];
  /** Returns the scopes of an API key by its id. @default every key has every scope */
  readonly scopesOf?: ScopesOf;
  /** Called with each error that is not the client's fault. Clients only hear that the look-up failed. */
  readonly onError?: (error: unknown, request: HttpRequest) => void;
  /** Called once for each look-up that reads the lake, whatever its outcome. */
  readonly onLookup?: (eventType: EventType, costs: RequestCosts) => void;
  /** Called with each answer to a look-up by a value that names a person, for the audit log. */
  readonly onPersonLookup?: (lookup: PersonLookup) => void;
}

/** Entry of the audit log for a look-up by a value that names a person; it never has the value. */
export interface PersonLookup {
  readonly eventType: string;
  /** Path of the value that was looked up. */
  readonly by: string;
  /** Number of rows in the answer; undefined where the client had them already. */
  readonly rows: number | undefined;
}

/**
 * Largest size of an answer in bytes. Lambda returns at most 6 MB, including the envelope and its escapes; the rest
 * is for headers.
 */
const maxAnswerBytes = 5_500_000;

/**
 * Returns the look-up API, independent of the event format that carries requests. It keeps caches between requests,
 * but no other state.
 *
 * @example
 * const api = createLookupApi({ eventTypes, store });
 * const { body } = await api({ method: 'GET', path: '/v1/events/order', query: new Map([['id', ['A-1']]]), … });
 */
export function createLookupApi({
  eventTypes,
  store,
  now = Date.now,
  hedging,
  readLedgerKeys,
  scopesOf = () => everyScope,
  onError,
  onLookup = () => undefined,
  onPersonLookup = () => undefined,
}: LookupApiOptions): HttpApi {
  const byName = new Map(eventTypes.map((eventType) => [eventType.name, eventType]));
  const dayFiles = new DayFilesReader(now);
  const filters = new KeyFilters({ now });
  const people = new HiddenPeople({ now, ...(readLedgerKeys && { readKeys: readLedgerKeys }) });
  const files = new FileReader();

  const eventTypeOf = ({ eventType }: Route, scopes: KeyScopes): EventType => {
    if (!allowsAction(scopes, 'look-up'))
      throw new Problem(403, 'this API key does not permit look-ups');
    const found = byName.get(eventType);
    if (!found)
      throw new Problem(
        404,
        `unknown event type ${quoted(eventType)}; known are ${listedNames([...byName.keys()])}`,
      );
    if (!allowsEventType(scopes, found.name))
      throw new Problem(403, `this API key does not permit the event type ${found.name}`);
    return found;
  };

  const answer = async (request: HttpRequest): Promise<HttpResponse> => {
    const startMs = performance.now();
    const route = matchRoute(request.path);
    checkMethod(request.method, methodsOf(route));
    const scopes = scopesOf(request.caller?.apiKeyId);
    const eventType = eventTypeOf(route, scopes);
    const format = chooseFormat(request.headers.get('accept'));
    if (!format) throw new Problem(406, `answers come as ${mediaTypes.join(', ')}`);
    const parameters =
      route.action === 'lookup'
        ? parametersOfBody(request.body, eventType)
        : parametersOfQuery(request.query, eventType);
    const lookup = lookupRequest(parameters, eventType, now(), scopes);
    request.trace?.describe({ 'sluice.event_type': eventType.name });
    const log = lookup.explain
      ? new RequestLog(performance.now.bind(performance), startMs)
      : undefined;
    const records = [request.trace, log].filter((record) => record !== undefined);
    const meter = new RequestMeter(store, records.length > 0 ? recordingOf(records) : undefined);
    try {
      const answered = await answerLookup({
        request,
        eventType,
        format,
        lookup,
        meter,
        log,
        startMs,
      });
      const by = lookup.index?.path ?? eventType.key;
      if (subjectPaths(eventType).includes(by))
        onPersonLookup({ eventType: eventType.name, by, rows: rowsIn(answered) });
      return answered;
    } finally {
      describeCosts(request, meter.costs);
      onLookup(eventType, meter.costs);
    }
  };

  const answerLookup = async ({
    request,
    eventType,
    format,
    lookup,
    meter,
    log,
    startMs,
  }: {
    readonly request: HttpRequest;
    readonly eventType: EventType;
    readonly format: Format;
    readonly lookup: LookupRequest;
    readonly meter: RequestMeter;
    /** Requests of a look-up that is explained. */
    readonly log: RequestLog | undefined;
    readonly startMs: number;
  }): Promise<HttpResponse> => {
    const plannedMs = performance.now();
    const store = hedging ? hedging.over(meter, meter.hedged) : meter;
    const readers = { store, dayFiles, files, filters };
    const asked: RowQuery = {
      eventType,
      table: tableName(eventType),
      keyColumn: lookup.keyColumn,
      keys: lookup.keys,
      dates: datesBetween(lookup.from, lookup.to),
      window: lookup.window,
      order: lookup.order,
      onlyFirst: lookup.latest,
      columns: lookup.columns,
      tableColumns: tableColumns(eventType),
      maxRows: lookup.limit + 1,
      ...(lookup.cursor && !lookup.latest && { after: lookup.cursor.after }),
    };
    const { index } = lookup;
    const byValue = index && beginValueSearch({ ...asked, index }, readers);
    const [days, hidden] = await Promise.all([
      findDays(asked, readers),
      people.of(eventType, store),
    ]);
    const query = hidden ? hidden.within(asked) : asked;
    const foundDaysMs = performance.now();
    const sealedEtag = sealedAnswerEtag(days, lookup, format, hidden?.etag);
    const common = {
      'cache-control':
        sealedEtag === undefined || namesPeople(eventType) ? 'no-cache' : sealedCacheControl,
      vary: 'accept, x-api-key',
      ...columnsLeftOut(lookup.columnsLeftOut),
    };
    const ifNoneMatch = request.headers.get('if-none-match');
    if (sealedEtag !== undefined && isKnown(ifNoneMatch, sealedEtag)) {
      const timing = serverTiming({ plan: plannedMs - startMs, days: foundDaysMs - plannedMs });
      return notModified({ ...common, etag: sealedEtag, 'server-timing': timing });
    }
    const found = await (byValue
      ? byValue.find({ ...query, index }, days)
      : findRows(query, days, readers));
    const readMs = performance.now();
    const written = await format.write(
      shownRows(found, query, lookup),
      lookup.columns,
      maxAnswerBytes,
    );
    const cursor = cursorAfter(found, written.count, lookup);
    const body = written.body({
      cursor,
      ...(lookup.columnsLeftOut.length > 0 && { columnsLeftOut: lookup.columnsLeftOut }),
      ...(written.count === 0 && { message: 'No matching rows found' }),
      ...(lookup.explain && {
        explain: {
          ...explanation(found, lookup),
          ...meter.costs,
          requests: log?.requests,
          ...(log !== undefined && log.leftOut > 0 && { requestsLeftOut: log.leftOut }),
          milliseconds: {
            plan: rounded(plannedMs - startMs),
            days: rounded(foundDaysMs - plannedMs),
            read: rounded(readMs - foundDaysMs),
          },
        },
      }),
    });
    const etag = lookup.explain ? undefined : (sealedEtag ?? contentEtag(body, format));
    const timing = (): string =>
      serverTiming({
        plan: plannedMs - startMs,
        days: foundDaysMs - plannedMs,
        read: readMs - foundDaysMs,
        render: performance.now() - readMs,
      });
    const headers: Record<string, string> = {
      ...common,
      'content-type': format.mediaType,
      'x-row-count': String(written.count),
      ...(cursor !== null && { 'x-next-cursor': cursor }),
      ...(etag !== undefined && { etag }),
    };
    if (etag !== undefined && isKnown(ifNoneMatch, etag))
      return notModified({ ...headers, 'server-timing': timing() });
    return { status: 200, headers: { ...headers, 'server-timing': timing() }, body };
  };

  return httpApi({ answer, ...(onError && { onError }), failureMessage });
}

/**
 * Returns the sentence for clients about an error. It does not suggest trying again where a file can't be read,
 * because that would not help.
 */
const failureMessage = (error: unknown): string =>
  error instanceof UnreadableFileError
    ? "a stored file of this event type can't be read, so the answer would be incomplete; trying again does not help until its owner repairs it"
    : 'the look-up failed; try again';

const methodsOf = ({ action }: Route): readonly string[] =>
  action === 'lookup' ? ['POST'] : ['GET', 'HEAD'];

/** Returns the rows of a page, without the columns that were read only to see whom they name. */
const shownRows = ({ rows }: FoundRows, query: RowQuery, { limit, columns }: LookupRequest) => {
  const page = rows.slice(0, limit);
  if (query.columns.length === columns.length) return page;
  return page.map((row) => ({ ...row, cells: row.cells.slice(0, columns.length) }));
};

/** Decides whether clients must not keep answers, because a copy of theirs would outlive an erasure. */
const namesPeople = (eventType: EventType): boolean => subjectPaths(eventType).length > 0;

/** Returns the cursor of the next page; null where these rows are the last. */
function cursorAfter(
  { rows }: FoundRows,
  count: number,
  { from, to, token }: LookupRequest,
): string | null {
  const last = rows[count - 1];
  if (!last || count >= rows.length) return null;
  return encodeCursor({ after: last, from, to }, token);
}

function explanation({ days }: FoundRows, { from, to, keys, index }: LookupRequest): object {
  const sum = (count: (day: (typeof days)[number]) => number): number =>
    days.reduce((total, day) => total + count(day), 0);
  return {
    from,
    to,
    ...(index ? { index: index.path } : { ids: keys.length }),
    filesConsidered: sum((day) => day.compactedFiles + day.rawFiles),
    filesPruned: sum((day) => day.prunedFiles),
    days: days.filter((day) => day.compactedFiles + day.rawFiles > 0),
  };
}

/** Cache control for answers from sealed days, which change only where a raw file arrives hours late. */
const sealedCacheControl = 'private, max-age=300';

/**
 * Returns an ETag for an answer from sealed days only. Manifests and query determine it, so that an unchanged answer
 * is recognised before a row is read. It is weak, because compression changes the bytes.
 */
function sealedAnswerEtag(
  days: readonly DayFiles[],
  { token, limit, cursor, explain }: LookupRequest,
  { mediaType }: Format,
  ledgerEtag: string | undefined,
): string | undefined {
  if (explain || !days.every(({ sealed }) => sealed)) return undefined;
  const manifests = days.map(({ date, manifestEtag }) => [date, manifestEtag]);
  return etagOf(
    JSON.stringify([
      manifests,
      token,
      limit,
      cursor && encodeCursor(cursor, token),
      mediaType,
      ...(ledgerEtag === undefined ? [] : [ledgerEtag]),
    ]),
  );
}

const contentEtag = (body: string | Uint8Array, { mediaType }: Format): string =>
  etagOf(mediaType, body);

function etagOf(...parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return `W/"${hash.digest('base64url').slice(0, 22)}"`;
}

/** Adds the costs of a look-up to its trace, but nothing of what was asked. */
function describeCosts(
  { trace }: HttpRequest,
  { lists, gets, hedges, bytesRead }: RequestCosts,
): void {
  trace?.describe({
    'sluice.s3_requests': lists + gets,
    'sluice.s3_requests_sent_twice': hedges,
    'sluice.bytes_read': bytesRead,
  });
}

const rowsIn = ({ status, headers }: HttpResponse): number | undefined =>
  status === 200 ? Number(headers['x-row-count']) : undefined;

const notModified = (headers: Readonly<Record<string, string>>): HttpResponse => ({
  status: 304,
  headers,
  body: '',
});

function isKnown(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  const opaque = (tag: string): string => tag.trim().replace(/^W\//, '');
  return (
    ifNoneMatch.trim() === '*' || ifNoneMatch.split(',').some((tag) => opaque(tag) === opaque(etag))
  );
}

const rounded = (ms: number): number => Math.round(ms * 100) / 100;
