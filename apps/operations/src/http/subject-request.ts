import {
  allowsEventType,
  referenceColumns,
  seesRecords,
  tableName,
  visibleColumns,
  visibleReferenceColumns,
  type EventType,
  type KeyScopes,
  type ReferenceTable,
} from '@sluice/event-schema';
import {
  columnsLeftOut,
  Problem,
  queryParameters,
  wholeNumber,
  type HttpRequest,
  type HttpResponse,
} from '@sluice/lambda-http';
import type { ObjectStore } from '@sluice/lake-layout';
import { currentHash } from '@sluice/privacy';
import { columnsOfReference, hasHashedSubject, subjectColumns } from '@sluice/privacy/erasures';
import { chooseFormat } from '@sluice/row-formats';
import {
  csvLines,
  ndjsonLines,
  decodeSubjectCursor,
  encodeSubjectCursor,
  readSubjectPage,
  type SubjectCursor,
  type TableCounts,
} from '@sluice/stored-people';
import type { Erasing } from './erasure-requests';
import { namingTypes, subjectOf } from './named-people';
import { notForEventTypes } from './read-request';

/** Entry of the audit log for a request for a person's data. It has no values, and no name in clear. */
export interface SubjectAccess {
  /**
   * Hash of the person's name by the key of the ledger, so that a holder of the key can check whose data was
   * requested.
   */
  readonly subjectHash: string;
  readonly tables: readonly ({ readonly table: string } & Readonly<TableCounts>)[];
  /** False where the answer is one page of several. */
  readonly isLast: boolean;
}

export interface SubjectRequestOptions {
  readonly eventTypes: readonly EventType[];
  /** Reference tables that name people. */
  readonly references: readonly ReferenceTable[];
  readonly store: Pick<ObjectStore, 'get' | 'list'>;
  readonly keys: Pick<Erasing, 'readLedgerKeys' | 'readHashKeys'> | undefined;
  readonly now: () => number;
  readonly maxAnswerBytes: number;
  /** Called with each answer, before it is given. */
  readonly onAccess: (access: SubjectAccess) => void;
}

const formats = ['application/x-ndjson', 'text/csv'];
const maxLines = 10_000;
/** Milliseconds after which a page begins no further work. API Gateway gives up after 29 seconds. */
const pageMs = 12_000;

/** Returns a function that answers with everything that the lake holds about a person, a page at a time. */
export const subjectRequest =
  ({ eventTypes, references, store, keys, now, maxAnswerBytes, onAccess }: SubjectRequestOptions) =>
  async (name: string, request: HttpRequest, scopes: KeyScopes): Promise<HttpResponse> => {
    const { eventType, limit, cursor } = queryParameters(request, ['eventType', 'limit', 'cursor']);
    const subject = subjectOf(name);
    const naming = namingTypes(eventTypes, eventType);
    const wanted = naming.filter(
      (one) => allowsEventType(scopes, one.name) && seesSubject(scopes, one),
    );
    const refused = naming.filter((one) => !wanted.includes(one));
    if (wanted.length === 0) throw notForSubjects(scopes, refused);
    // Reference tables belong to no event type, so they require a key for all event types.
    const asked = eventType === undefined ? references : [];
    const shownReferences = asked.filter(
      (one) => scopes.eventTypes === undefined && seesSubjectOfReference(scopes, one),
    );
    if (!keys) throw new Error('event types name people, and the function has no ledger');
    const accept = request.headers.get('accept');
    const format = chooseFormat(accept, formats);
    if (!format) throw new Problem(406, `answers come as ${formats.join(', ')}`);
    const from = cursor === undefined ? undefined : decodeSubjectCursor(cursor);
    if (cursor !== undefined && !isCursorIn(from, wanted, shownReferences))
      throw new Problem(400, '"cursor" is not one that an answer to this request had');
    const isCsv = format.mediaType === 'text/csv';
    const shown = (one: EventType) => visibleColumns(scopes, one).columns;
    const shownOfReference = (one: ReferenceTable) => visibleReferenceColumns(scopes, one);
    const lines = isCsv
      ? csvLines(wanted, {
          neutralises: /formulas=neutralised/i.test(accept ?? ''),
          shownColumns: shown,
          references: shownReferences,
          shownReferenceColumns: shownOfReference,
        })
      : ndjsonLines(shown, shownOfReference);
    const [ledgerKeys, hashKeys] = await Promise.all([
      keys.readLedgerKeys(),
      wanted.some(hasHashedSubject) ? keys.readHashKeys?.() : undefined,
    ]);
    const page = await readSubjectPage({
      ...{ store, subject, hashKeys, lines, from, now },
      eventTypes: wanted,
      references: shownReferences,
      showsRecords: (one) => seesRecords(scopes, one),
      readLedgerKeys: () => Promise.resolve(ledgerKeys),
      maxLines: wholeNumber(limit, 'limit', { least: 1, most: maxLines, otherwise: maxLines }),
      maxBytes: maxAnswerBytes,
      deadlineMs: now() + pageMs,
    });
    const tables = [...page.tables].map(([table, counts]) => ({ table, ...counts }));
    onAccess({
      subjectHash: currentHash(ledgerKeys).of(subject),
      tables,
      isLast: page.next === undefined,
    });
    const unread = tables.reduce((sum, { unreadRecords }) => sum + unreadRecords, 0);
    const restricted = tables.reduce((sum, { restrictedRecords }) => sum + restrictedRecords, 0);
    const leftOut = [
      ...wanted.flatMap((one) =>
        visibleColumns(scopes, one).leftOut.map((column) => `${one.name}.${column}`),
      ),
      ...shownReferences.flatMap((one) => {
        const seen = shownOfReference(one).map(({ name }) => name);
        return referenceColumns(one).flatMap((column) =>
          seen.includes(column.name) ? [] : [`${one.name}.${column.name}`],
        );
      }),
    ];
    const [end, header] = isCsv ? ['\r\n', lines.header ?? ''] : ['\n', undefined];
    const written = header === undefined ? page.lines : [header, ...page.lines];
    return {
      status: 200,
      headers: {
        'content-type': format.mediaType,
        'cache-control': 'no-store',
        vary: 'accept',
        'x-row-count': String(page.lines.length),
        ...(page.next && { 'x-next-cursor': encodeSubjectCursor(page.next) }),
        ...(unread > 0 && { 'x-sealed-records': String(unread) }),
        ...(restricted > 0 && { 'x-restricted-records': String(restricted) }),
        ...columnsLeftOut(leftOut),
        ...(refused.length > 0 && {
          'x-event-types-left-out': refused.map((one) => one.name).join(','),
        }),
        ...(shownReferences.length < asked.length && {
          'x-reference-tables-left-out': asked
            .filter((one) => !shownReferences.includes(one))
            .map((one) => one.name)
            .join(','),
        }),
      },
      body: written.map((line) => line + end).join(''),
    };
  };

/**
 * Decides whether a key sees every value that names people. Any other key could otherwise test for a value that it
 * may not see.
 */
const seesSubject = (scopes: KeyScopes, eventType: EventType): boolean => {
  const { columns } = visibleColumns(scopes, eventType);
  return subjectColumns(eventType).every(({ name }) =>
    columns.some((column) => column.name === name),
  );
};

const seesSubjectOfReference = (scopes: KeyScopes, reference: ReferenceTable): boolean => {
  const seen = visibleReferenceColumns(scopes, reference);
  return columnsOfReference(reference, '', undefined).every(({ column }) =>
    seen.some(({ name }) => name === column.name),
  );
};

/** Returns the refusal of a key for which no event type is left. */
function notForSubjects(scopes: KeyScopes, refused: readonly EventType[]): Problem {
  const hidden = refused.filter(({ name }) => allowsEventType(scopes, name));
  const [first] = hidden;
  if (!first) return notForEventTypes(refused);
  const columns = subjectColumns(first).map(({ name }) => `${first.name}.${name}`);
  return new Problem(
    403,
    `this API key does not see all of ${columns.join(', ')}, by which people are found in ${first.name}`,
  );
}

/** Decides whether a position is in one of the tables of an answer. */
const isCursorIn = (
  place: SubjectCursor | undefined,
  eventTypes: readonly EventType[],
  references: readonly ReferenceTable[],
): boolean =>
  place !== undefined &&
  ('reference' in place
    ? references.some(({ name }) => name === place.reference)
    : eventTypes.some((one) => tableName(one) === place.table));
