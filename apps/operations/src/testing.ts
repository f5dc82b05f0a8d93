// Shared by the tests of this app: a small lake, and an API over it.
import { createRowTableBuilder } from '@sluice/columns';
import {
  defineEvent,
  tableColumns,
  type EventType,
  type ReferenceTable,
  type ScopesOf,
} from '@sluice/event-schema';
import { MemoryObjectStore } from '@sluice/lake-layout';
import type { HttpApi, HttpRequest } from '@sluice/lambda-http';
import { rawLayout, writeParquet } from '@sluice/parquet-writing';
import { createOperationsApi, type Erasing, type SubjectAccess } from './operations-api';

export const order = defineEvent({
  name: 'order',
  version: '1.0.0',
  description: 'An order',
  key: 'id',
  identity: 'event',
  schema: {
    type: 'object',
    required: ['id', 'event'],
    properties: {
      id: { type: 'string' },
      event: { type: 'string' },
      amount: { type: 'integer', description: 'In cents' },
    },
  },
});

export const noonMs = Date.parse('2026-11-20T12:00:00Z');

interface Asked {
  readonly query?: Record<string, string>;
  readonly body?: string | object;
  readonly accept?: string;
  readonly apiKeyId?: string;
}

export class TestLake {
  nowMs = noonMs;

  readonly store = new MemoryObjectStore({ now: () => this.nowMs });
  readonly started: unknown[] = [];
  readonly errors: unknown[] = [];
  readonly accesses: SubjectAccess[] = [];
  #ids = 0;

  readonly api: HttpApi;

  constructor(
    eventType: EventType = order,
    erasing?: Pick<Erasing, 'readLedgerKeys' | 'readHashKeys'>,
    scopesOf?: ScopesOf,
    references: readonly ReferenceTable[] = [],
  ) {
    this.api = createOperationsApi({
      eventTypes: [eventType],
      references,
      store: this.store,
      startWork: {
        replays: (request) => this.#start('replays', request),
        compactions: (request) => this.#start('compactions', request),
      },
      ...(erasing && {
        erasing: { ...erasing, start: (request: object) => this.#start('erasures', request) },
      }),
      ...(scopesOf && { scopesOf }),
      newId: () => `run-${++this.#ids}`,
      now: () => this.nowMs,
      onAccess: (access) => this.accesses.push(access),
      onError: (error) => this.errors.push(error),
    });
  }

  #start(kind: string, request: object): Promise<void> {
    this.started.push([kind, request]);
    return Promise.resolve();
  }

  /** Writes a raw file of rows whose ids begin with its name; the rows arrived one second apart. */
  async putRaw(name: string, rows: number, date = '2026-11-20'): Promise<void> {
    const builder = createRowTableBuilder(tableColumns(order));
    for (let row = 0; row < rows; row++)
      builder.append({
        id: `${name}${row}`,
        event: `${name}-${row}`,
        amount: row,
        event_id: `${name}-${row}`,
        ingested_at: new Date(this.nowMs + row * 1_000)
          .toISOString()
          .replace('T', ' ')
          .replace('Z', ''),
      });
    const { bytes } = writeParquet(builder.finish(), rawLayout);
    await this.store.put(`order/raw/dt=${date}/hour=12/${name}.parquet`, bytes);
  }

  putError(name: string, ...records: readonly string[]): Promise<unknown> {
    const lines = records.map((record) =>
      JSON.stringify({
        arrivalTimestamp: this.nowMs,
        errorCode: 'Lambda.ProcessingFailedStatus',
        errorMessage: 'failed',
        rawData: Buffer.from(record).toString('base64'),
      }),
    );
    return this.store.put(
      `order/errors/processing-failed/dt=2026-11-20/${name}`,
      Buffer.from(`${lines.join('\n')}\n`),
    );
  }

  async ask(method: string, path: string, asked: Asked = {}) {
    const { text, ...answer } = await this.text(method, path, asked);
    return { ...answer, body: JSON.parse(text) as Readonly<Record<string, unknown>> };
  }

  /** Asks like `ask`, for an answer that is not JSON. */
  async text(
    method: string,
    path: string,
    { query = {}, body = '', accept, apiKeyId }: Asked = {},
  ) {
    const request: HttpRequest = {
      method,
      path,
      query: new Map(Object.entries(query).map(([name, value]) => [name, [value]])),
      headers: new Map(accept === undefined ? [] : [['accept', accept]]),
      body: typeof body === 'string' ? body : JSON.stringify(body),
      ...(apiKeyId !== undefined && { caller: { apiKeyId } }),
    };
    const { status, headers, body: text } = await this.api(request);
    return { status, headers, text: String(text) };
  }
}
