import {
  allowsEventType,
  tableName,
  type EventType,
  type KeyScopes,
  type ReferenceTable,
} from '@sluice/event-schema';
import {
  bodyMembers,
  jsonAnswer,
  Problem,
  quoted,
  type HttpRequest,
  type HttpResponse,
} from '@sluice/lambda-http';
import type { ObjectStore } from '@sluice/lake-layout';
import type { HashKeys } from '@sluice/privacy';
import {
  addToLedger,
  columnsOfSubject,
  hasHashedSubject,
  hiddenTexts,
  hiddenUntilMs,
  ledgerEntries,
  readErasure,
  requestErasure,
  type Erasure,
} from '@sluice/privacy/erasures';
import { flagOf, notForEventTypes } from './read-request';
import { namingTypes, subjectOf } from './named-people';

/** Dependencies of erasures besides the lake. */
export interface Erasing {
  /** Starts the function that carries erasures out, without waiting for its end. */
  readonly start: (request: object) => Promise<void>;
  readonly readLedgerKeys: () => Promise<HashKeys>;
  /** Reads the keys for hashes of personal values. @default no event type has any */
  readonly readHashKeys?: () => Promise<HashKeys>;
}

export interface ErasureRequestsOptions {
  readonly eventTypes: readonly EventType[];
  /** Reference tables that name people. */
  readonly references: readonly ReferenceTable[];
  readonly store: ObjectStore;
  readonly erasing: Erasing | undefined;
  readonly now: () => number;
  readonly newId: () => string;
}

/** Returns the functions that answer requests about erasures: to begin one, and to show its progress. */
export function erasureRequests({
  eventTypes,
  references,
  store,
  erasing,
  now,
  newId,
}: ErasureRequestsOptions) {
  return {
    /** Hides a person in look-ups, and begins the removal of the person from the lake. */
    async erase(request: HttpRequest, scopes: KeyScopes): Promise<HttpResponse> {
      const members = bodyMembers(request, ['eventType', 'subject', 'suppress']);
      const subject = subjectOf(members['subject']);
      const suppress = flagOf(members['suppress'], 'suppress');
      const wanted = namingTypes(eventTypes, members['eventType']);
      const refused = wanted.filter(({ name }) => !allowsEventType(scopes, name));
      if (refused.length > 0) throw notForEventTypes(refused);
      if (!erasing) throw new Error('event types name people, and the function has no ledger');
      const [ledgerKeys, hashKeys] = await Promise.all([
        erasing.readLedgerKeys(),
        wanted.some(hasHashedSubject) ? erasing.readHashKeys?.() : undefined,
      ]);
      const [id, requestedAtMs] = [newId(), now()];
      const tables = wanted.map(tableName);
      // The request is stored first: if anything fails afterwards, the next run of the erasing function completes it.
      // Reference tables belong to no event type.
      const isAll = members['eventType'] === undefined && references.length > 0;
      const asked = {
        ...{ id, subject, tables, suppress, requestedAtMs },
        ...(isAll && { references: references.map(({ name }) => name) }),
      };
      const { erasure } = await requestErasure(store, ledgerKeys, asked);
      const entry = { untilMs: hiddenUntilMs(requestedAtMs), suppress, erasure: id };
      await Promise.all(
        wanted.map((eventType) => {
          const texts = hiddenTexts(columnsOfSubject(eventType, subject, hashKeys));
          return addToLedger(store, tableName(eventType), ledgerEntries(ledgerKeys, texts, entry));
        }),
      );
      await erasing.start({ action: 'erase', id });
      return jsonAnswer(202, shown(erasure), { location: `erasures/${id}`, 'retry-after': '5' });
    },

    /** Shows the progress of an erasure and, at its end, the certificate. */
    async showErasure(id: string, scopes: KeyScopes): Promise<HttpResponse> {
      const stored = await readErasure(store, id);
      if (!stored) throw new Problem(404, `there is no erasure ${quoted(id)}`);
      const { erasure } = stored;
      const mayAll = scopes.eventTypes === undefined;
      const known = eventTypes.filter((one) => erasure.tables.includes(tableName(one)));
      const refused = known.filter(({ name }) => !allowsEventType(scopes, name));
      if (refused.length > 0) throw notForEventTypes(refused);
      // Tables without a definition, and reference tables, require a key for all event types.
      if (!mayAll && (known.length < erasure.tables.length || erasure.references))
        throw new Problem(
          403,
          `this API key does not permit all tables of the erasure ${quoted(id)}`,
        );
      return jsonAnswer(
        200,
        shown(erasure),
        erasure.state === 'done' ? {} : { 'retry-after': '5' },
      );
    },
  };
}

/** Returns an erasure without the members that only its stored form needs. */
const shown = (erasure: Erasure): object => ({
  ...erasure,
  formatVersion: undefined,
  sealedSubject: undefined,
});
