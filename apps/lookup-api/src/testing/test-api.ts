import { defineEvent, type EventType, type ScopesOf } from '@sluice/event-schema';
import type { HttpApi, HttpRequest, HttpResponse } from '@sluice/lambda-http';
import { createLookupApi } from '../lookup-api';
import { RoundsStore } from './rounds-store';
import { TestLake, type TestRow } from './test-lake';

/** An event type with a column of every kind, and several rows for one key. */
export const policy = defineEvent({
  name: 'policy',
  version: '1.0.0',
  key: 'policyNo',
  identity: 'rowId',
  schema: {
    type: 'object',
    required: ['policyNo', 'rowId'],
    properties: {
      policyNo: { type: 'string' },
      rowId: { type: 'string' },
      amount: { type: 'integer' },
      price: { type: 'string', format: 'decimal', precision: 18, scale: 2 },
      signedOn: { type: 'string', format: 'date' },
      signedAt: { type: 'string', format: 'date-time', digits: 6 },
      ratio: { type: 'number' },
      isOpen: { type: 'boolean' },
      tags: { type: 'array', items: { type: 'string' } },
      notes: { type: 'object' },
    },
  },
});

export const policyRow = (policyno: string, id: string, rest: TestRow = {}): TestRow => ({
  policyno,
  rowid: id,
  event_id: id,
  ...rest,
});

export const today = '2026-11-20';
export const yesterday = '2026-11-19';

export interface RequestParts {
  readonly method?: string;
  readonly path?: string;
  readonly query?: Readonly<Record<string, string | readonly string[]>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly apiKeyId?: string;
}

export interface JsonAnswer {
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  readonly count: number;
  readonly cursor: string | null;
  readonly message?: string;
  readonly explain?: Readonly<Record<string, unknown>>;
}

export interface TestApi {
  readonly lake: TestLake;
  readonly store: RoundsStore;
  /** Restarts the API with empty caches, like a new function instance. */
  readonly restart: () => void;
  readonly send: (parts: RequestParts) => Promise<HttpResponse>;
  /** Sends a GET for the event type, which must be answered with 200 and JSON. */
  readonly get: (query: NonNullable<RequestParts['query']>) => Promise<JsonAnswer>;
}

export function createTestApi(eventType: EventType = policy, scopesOf?: ScopesOf): TestApi {
  const lake = new TestLake(eventType);
  const store = new RoundsStore(lake.store);
  const create = (): HttpApi =>
    createLookupApi({
      eventTypes: [eventType],
      store,
      now: () => lake.nowMs,
      ...(scopesOf && { scopesOf }),
      onError: (error) => {
        throw error;
      },
    });
  let api = create();
  const send = (parts: RequestParts): Promise<HttpResponse> => api(request(eventType, parts));
  return {
    lake,
    store,
    restart() {
      api = create();
    },
    send,
    async get(query) {
      const answer = await send({ query });
      if (answer.status !== 200) throw new Error(`${answer.status}: ${String(answer.body)}`);
      return jsonOf(answer);
    },
  };
}

export const jsonOf = ({ body }: HttpResponse): JsonAnswer =>
  JSON.parse(String(body)) as JsonAnswer;

const request = (
  { name }: EventType,
  {
    method = 'GET',
    path = `/v1/events/${name}`,
    query = {},
    headers = {},
    body = '',
    apiKeyId,
  }: RequestParts,
): HttpRequest => ({
  method,
  path,
  query: new Map(Object.entries(query).map(([key, value]) => [key, [value].flat()])),
  headers: new Map(Object.entries(headers)),
  body,
  ...(apiKeyId !== undefined && { caller: { apiKeyId } }),
});
