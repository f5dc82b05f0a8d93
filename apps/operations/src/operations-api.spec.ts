import {
  commitManifest,
  rawFileToken,
  recordTableDefinition,
  trackRun,
  type Manifest,
} from '@sluice/lake-layout';
import { defineEvent, tableColumns } from '@sluice/event-schema';
import {
  certificatesPrefix,
  closeErasure,
  erasureKey,
  type Erasure,
} from '@sluice/privacy/erasures';
import { noonMs, order, TestLake } from './testing';

const date = '2026-11-20';

/**
 * Writes a manifest in which the day's raw files are absorbed. Files of rows are not written, because the API only
 * reads the manifest.
 */
async function absorb(lake: TestLake, { sealed = false, rows = 5 } = {}): Promise<void> {
  const tokens: string[] = [];
  for await (const file of lake.store.list('order/raw/')) tokens.push(rawFileToken(file));
  const manifest: Manifest = {
    formatVersion: 1,
    table: 'order',
    date,
    sealed,
    announced: sealed,
    files: [
      {
        key: `order/compacted/dt=${date}/a.parquet`,
        bytes: 100,
        etag: '"x"',
        rows,
        minKey: 'a',
        maxKey: 'b',
        footerBytes: 10,
        run: 1,
      },
    ],
    absorbed: [{ atMs: lake.nowMs, tokens }],
    replaced: [],
    updatedAtMs: lake.nowMs,
    late: { minutes: 2, hours: 1, days: 0 },
  };
  await commitManifest(lake.store, manifest, undefined);
}

test('says of each table what it holds, what comes in, what waits, and what failed', async () => {
  const lake = new TestLake();
  await lake.putRaw('a', 5);
  await absorb(lake);
  lake.nowMs += 60_000;
  await lake.putRaw('b', 3);
  await lake.putError('x', '{"id":1,"event":"e"}', '{"id":"1"}');
  lake.nowMs += 30_000;
  const { status, body } = await lake.ask('GET', '/v1/lake');
  expect(status).toBe(200);
  expect(body).toEqual({
    atMs: lake.nowMs,
    tables: [
      {
        table: 'order',
        eventType: 'order',
        version: '1.0.0',
        description: 'An order',
        key: 'id',
        columns: tableColumns(order).length,
        rows: 8,
        isExact: true,
        bytes: expect.any(Number) as number,
        files: { raw: 2, compacted: 1 },
        days: 1,
        sealedDays: 0,
        firstDay: date,
        lastDay: date,
        lastDeliveryMs: noonMs + 60_000,
        lastCompactionMs: noonMs,
        backlog: {
          files: 1,
          bytes: expect.any(Number) as number,
          rows: 3,
          oldestMs: noonMs + 60_000,
        },
        delivered: {
          fromMs: lake.nowMs - 3_600_000,
          stepMs: 60_000,
          points: [
            { atMs: noonMs, rows: 5 },
            { atMs: noonMs + 60_000, rows: 3 },
          ],
          rowsPerMinute: 1.6,
        },
        late: { minutes: 2, hours: 1, days: 0 },
        failures: { records: 2, replayed: 0, lastMs: noonMs + 60_000, isExact: true },
        faults: [],
      },
    ],
  });
  // What is known by its ETag is not read again.
  const gets = () => lake.store.calls.filter(({ operation }) => operation === 'get').length;
  const before = gets();
  await lake.ask('GET', '/v1/lake');
  expect(gets()).toBe(before);
});

test('a day is raw, open, sealed, late or damaged', async () => {
  const lake = new TestLake();
  const state = async () =>
    ((await lake.ask('GET', '/v1/lake/order/days')).body['days'] as { state: string }[])[0]?.state;
  await lake.putRaw('a', 1);
  expect(await state()).toBe('raw');
  await absorb(lake, { sealed: true });
  expect(await state()).toBe('sealed');
  await lake.putRaw('b', 1);
  expect(await state()).toBe('late');
  await lake.store.put(`order/manifests/dt=${date}.json`, Buffer.from('{'));
  expect(await state()).toBe('damaged');
  const { body } = await lake.ask('GET', '/v1/lake');
  expect(JSON.stringify(body)).toContain('is not JSON');
});

test('a day says which rows are gone because people were erased, by the passes of all erasures', async () => {
  const lake = new TestLake(defineEvent({ ...order, subject: 'id' }));
  const erasedOf = async () =>
    ((await lake.ask('GET', '/v1/lake/order/days')).body['days'] as { erased?: unknown }[])[0]
      ?.erased;
  const erasure = (id: string, ...passes: readonly (readonly [number, number])[]): Erasure => ({
    ...{ formatVersion: 1, id, state: 'done', tables: ['order'], suppress: false },
    requestedAtMs: noonMs,
    certificate: {
      ...{ erasure: id, requestedAtMs: noonMs, tables: ['order'], suppress: false },
      streamsForgetAtMs: 0,
      passes: passes.map(([endedAtMs, rows]) => ({
        ...{ startedAtMs: noonMs, endedAtMs, deletedQueryResults: 0, replacedFilesGoAtMs: 0 },
        tables: [
          { table: 'order', days: [{ date, rows }] },
          { table: 'visit', days: [{ date, rows: 1_000 }] },
        ],
      })),
    },
  });
  await lake.putRaw('a', 1);
  expect(await erasedOf()).toBeUndefined();
  const open = Buffer.from(JSON.stringify(erasure('e1', [noonMs + 1, 2])));
  await lake.store.put(erasureKey('e1'), open);
  expect(await erasedOf()).toEqual({ rows: 2, erasures: 1, lastMs: noonMs + 1 });
  await closeErasure(lake.store, erasure('e1', [noonMs + 1, 2], [noonMs + 9, 1]));
  await closeErasure(lake.store, erasure('e2', [noonMs + 5, 4]));
  await closeErasure(lake.store, erasure('e3', [noonMs + 99, 0]));
  // It dies between storing the certificate and deleting the request.
  await lake.store.put(erasureKey('e1'), open);
  expect(await erasedOf()).toEqual({ rows: 7, erasures: 2, lastMs: noonMs + 9 });
  const gets = () => lake.store.calls.filter(({ key }) => key.startsWith(certificatesPrefix));
  const before = gets().length;
  expect(await erasedOf()).toEqual({ rows: 7, erasures: 2, lastMs: noonMs + 9 });
  expect(gets().filter(({ operation }) => operation === 'get')).toHaveLength(3);
  expect(gets().length - before).toBe(1);
});

test('the latest rows come from the newest files, each event once, in any format', async () => {
  const lake = new TestLake();
  await lake.putRaw('old', 2);
  lake.nowMs += 60_000;
  await lake.putRaw('new', 3);
  const { status, body } = await lake.ask('GET', '/v1/lake/order/rows', { query: { limit: '4' } });
  expect(status).toBe(200);
  expect((body['rows'] as { id: string }[]).map(({ id }) => id)).toEqual([
    'new2',
    'new1',
    'new0',
    'old1',
  ]);
  expect(body).toMatchObject({ count: 4, filesRead: 2, isExact: true });
  // A file that is damaged is left out, and that is said.
  await lake.store.put(`order/raw/dt=${date}/hour=12/z.parquet`, Buffer.from('no Parquet'));
  expect((await lake.ask('GET', '/v1/lake/order/rows')).body).toMatchObject({
    count: 5,
    isExact: false,
  });
});

test('the definitions of a table are told with what each changed, also one that nothing is stored by', async () => {
  const lake = new TestLake();
  const ask = async () => (await lake.ask('GET', '/v1/lake/order/definitions')).body;
  expect(await ask()).toEqual({ definitions: [{ version: '1.0.0', changes: [] }] });
  const { id, event } = order.schema.properties as { readonly id: object; readonly event: object };
  const properties = { id, event };
  const earlier = { ...order, version: '0.9.0', schema: { ...order.schema, properties } };
  await recordTableDefinition(lake.store, earlier, { nowMs: 1 });
  await recordTableDefinition(lake.store, order, { nowMs: 2 });
  expect(await ask()).toMatchObject({
    definitions: [
      { version: '1.0.0', sinceMs: 2, changes: expect.arrayContaining([expect.anything()]) },
      { version: '0.9.0', sinceMs: 1, changes: [] },
    ],
  });
});

test('the snapshots of a table are told, the newest first, with ids of 64 bits', async () => {
  const lake = new TestLake();
  const ask = async () => (await lake.ask('GET', '/v1/lake/order/snapshots')).body;
  expect(await ask()).toEqual({ snapshots: [] });
  const snapshot = (id: string, atMs: number) =>
    `{"snapshot-id": ${id}, "timestamp-ms": ${atMs}, "summary": {"operation":"append","total-records":"5"}}`;
  const [first, last] = ['1', '9223372036854775807'];
  await lake.store.put('order/iceberg/metadata/version-hint.text', Buffer.from('7\n'));
  await lake.store.put(
    'order/iceberg/metadata/v7.metadata.json',
    Buffer.from(`{"snapshots":[${snapshot(first, 1)},${snapshot(last, 2)}]}`),
  );
  expect(await ask()).toEqual({
    snapshots: [
      { id: last, atMs: 2, operation: 'append', rows: 5 },
      { id: first, atMs: 1, operation: 'append', rows: 5 },
    ],
  });
});

test('failures are grouped, and a dry run shows what fixes would make of them', async () => {
  const lake = new TestLake();
  await lake.putError('x', '{"id":"a","event":"e","amount":"12"}', '{"id":"b"}');
  const { body: failures } = await lake.ask('GET', '/v1/failures', { query: { table: 'order' } });
  expect(failures).toMatchObject({ records: 2 });
  const { status, body } = await lake.ask('POST', '/v1/replays', {
    body: {
      table: 'order',
      dryRun: true,
      reason: { code: 'type', pointer: '/amount' },
      fixes: [{ at: '/amount', to: 'integer' }],
    },
  });
  expect(status).toBe(200);
  expect(body).toMatchObject({
    dryRun: true,
    sent: 1,
    left: 0,
    groups: [
      {
        verdict: 'sent',
        examples: [
          {
            before: '{"id":"a","event":"e","amount":"12"}',
            body: '{"id":"a","event":"e","amount":12}',
          },
        ],
      },
    ],
  });
  expect(lake.store.calls.filter(({ operation }) => operation === 'put')).toHaveLength(1);
  expect(lake.started).toEqual([]);
});

test('a dry run tries another schema, and says what that changes; a replay takes none', async () => {
  const lake = new TestLake();
  await lake.putError('x', '{"id":"a","event":"e","amount":"12"}');
  const { body: types } = await lake.ask('GET', '/v1/event-types', {});
  const { eventTypes } = types as { readonly eventTypes: readonly { readonly schema: Schema }[] };
  const { schema } = eventTypes[0]!;
  const loose = { ...schema, properties: { ...schema.properties, amount: { type: 'string' } } };
  const ask = (body: object) =>
    lake.ask('POST', '/v1/replays', { body: { table: 'order', ...body } });
  expect((await ask({ dryRun: true })).body).toMatchObject({ sent: 0, left: 1 });
  const { body } = await ask({ dryRun: true, schema: loose });
  expect(body).toMatchObject({ sent: 1, left: 0 });
  expect((body as { readonly changes: unknown }).changes).toContainEqual(
    expect.objectContaining({ what: '"amount" changed from bigint to string' }),
  );
  expect(await ask({ schema: loose })).toMatchObject({ status: 400 });
  expect(await ask({ dryRun: true, schema: { type: 'string' } })).toMatchObject({ status: 400 });
  expect(lake.started).toEqual([]);
});

interface Schema {
  readonly properties: object;
}

test('a replay begins once it is written down, and says how it goes', async () => {
  const lake = new TestLake();
  const asked = { table: 'order', fixes: [{ at: '/amount', to: 'integer' }] };
  const begun = await lake.ask('POST', '/v1/replays', { body: asked });
  expect(begun).toMatchObject({
    status: 202,
    headers: { location: 'replays/run-1' },
    body: { id: 'run-1', state: 'queued', request: asked },
  });
  expect(lake.started).toEqual([['replays', { action: 'replay', ...asked, run: 'run-1' }]]);
  await trackRun(lake.store, 'replays', 'run-1', {
    now: () => lake.nowMs,
    work: () => Promise.resolve({ sent: 3 }),
  });
  expect((await lake.ask('GET', '/v1/replays/run-1')).body).toMatchObject({
    state: 'done',
    result: { sent: 3 },
  });
});

test('a compaction begins for a table, a day, or to seal one', async () => {
  const lake = new TestLake();
  const body = { date, seal: true };
  const begun = await lake.ask('POST', '/v1/lake/order/compactions', { body });
  expect(begun).toMatchObject({ status: 202, headers: { location: 'compactions/run-1' } });
  expect(lake.started).toEqual([
    ['compactions', { action: 'compact', table: 'order', date, seal: true, run: 'run-1' }],
  ]);
  expect((await lake.ask('GET', '/v1/lake/order/compactions/run-1')).body).toMatchObject({
    state: 'queued',
  });
});

test('says which event types there are, and infers another from a sample', async () => {
  const lake = new TestLake();
  expect((await lake.ask('GET', '/v1/event-types')).body).toMatchObject({
    eventTypes: [{ name: 'order', key: 'id', columns: expect.any(Array) as unknown[] }],
  });
  const sample = '{"id":"a","price":1.5}\n{"id":"b","price":2}\n';
  const { status, body } = await lake.ask('POST', '/v1/inferences', {
    query: { name: 'sale', key: 'id' },
    body: sample,
  });
  expect(status).toBe(200);
  expect(body['definition']).toMatchObject({ name: 'sale', key: 'id' });
});

test.each(['{"id":"a","n":9223372036854775807}', '[{"id":"a","n":9223372036854775807}]'])(
  'infers from the digits as they were sent: %s',
  async (body) => {
    const answer = await new TestLake().ask('POST', '/v1/inferences', {
      query: { name: 'sale', key: 'id' },
      body,
    });
    expect(answer.body).toMatchObject({
      definition: { schema: { properties: { n: { type: 'integer' } } } },
    });
  },
);

test.each([
  ['{"price":"double"}', 200, { price: { type: 'number' } }],
  ['{"cost":"double"}', 400, 'no column of the 2 events has this path'],
  ['{"price":"money"}', 400, 'such as {"price":"double"}'],
  ['price', 400, '"types" is not JSON'],
])('infers with the types that are asked for: %s', async (types, status, expected) => {
  const sample = '{"id":"a","price":1.5}\n{"id":"b","price":"two"}\n';
  const query = { name: 'sale', key: 'id', types };
  const answer = await new TestLake().ask('POST', '/v1/inferences', { query, body: sample });
  expect(answer.status).toBe(status);
  if (typeof expected === 'string') expect(answer.body['message']).toContain(expected);
  else
    expect(answer.body).toMatchObject({
      definition: { schema: { properties: expected } },
      report: { warnings: [expect.stringContaining('the first at line 2, and its event fails')] },
    });
});

test.each<[string, string, object | undefined, number, string]>([
  ['GET', '/v1/nothing', undefined, 404, 'there is nothing here'],
  ['GET', '/v1/lake/orders/days', undefined, 404, 'there is no table "orders"; there is order'],
  ['POST', '/v1/lake', undefined, 405, 'POST is not for this path'],
  ['POST', '/v1/replays', {}, 400, '"table" is missing'],
  ['POST', '/v1/replays', { table: 'order', dry: true }, 400, 'unknown member "dry"'],
  ['POST', '/v1/replays', { table: 'order', fixes: 1 }, 400, 'fixes must be a list'],
  ['POST', '/v1/replays', { table: 'order', from: 'today' }, 400, '"from" must be a day'],
  ['POST', '/v1/replays', { table: 'order', kind: 'x' }, 400, '"kind" must be one of'],
  ['POST', '/v1/lake/order/compactions', { seal: true }, 400, '"seal" needs a "date"'],
  ['GET', '/v1/replays/..%2Fx', undefined, 404, 'there is no run "../x"'],
])('%s %s with %j is refused with %i', async (method, path, body, status, message) => {
  const lake = new TestLake();
  const answer = await lake.ask(method, path, body ? { body } : {});
  expect(answer.status).toBe(status);
  expect(answer.body['message']).toContain(message);
  expect(lake.errors).toEqual([]);
});

test('what it can not do is told, and clients hear that the request failed', async () => {
  const lake = new TestLake();
  lake.store.list = () => {
    throw new Error('no access');
  };
  const { status, body } = await lake.ask('GET', '/v1/lake');
  expect([status, body['message']]).toEqual([500, 'the request failed; try again']);
  expect(lake.errors).toMatchObject([{ message: 'no access' }]);
});
