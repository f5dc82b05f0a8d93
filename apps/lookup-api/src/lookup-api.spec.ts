import { createTestApi, jsonOf, policyRow, today, yesterday } from './testing/test-api';

const everyColumn = {
  policyno: 'C-1',
  rowid: 'a',
  amount: '9007199254740993',
  price: '12.50',
  signedon: '2026-01-31',
  signedat: '2026-01-31T12:00:00.123456Z',
  ratio: 0.1,
  isopen: true,
  tags: ['x', 'ü"'],
  notes: '{"b":1.10}',
  event_id: 'a',
  ingested_at: '2026-11-20T10:00:00.000Z',
  unmapped: null,
};

const everyColumnRow = policyRow('C-1', 'a', {
  amount: 9007199254740993n,
  price: '12.50',
  signedon: '2026-01-31',
  signedat: '2026-01-31 12:00:00.123456',
  ratio: 0.1,
  isopen: true,
  tags: ['x', 'ü"'],
  notes: '{"b":1.10}',
});

describe('rows', () => {
  it.each(['raw', 'compacted'])('render every kind of column, from a %s file', async (kind) => {
    const { lake, get } = createTestApi();
    const rows = [everyColumnRow, policyRow('C-2', 'b')];
    if (kind === 'raw') await lake.addRaw(today, rows);
    else await lake.addCompacted(today, rows);
    expect(await get({ id: 'C-1' })).toEqual({ rows: [everyColumn], count: 1, cursor: null });
    const empty = Object.fromEntries(Object.keys(everyColumn).map((name) => [name, null]));
    expect(await get({ id: 'C-2' })).toEqual({
      rows: [
        {
          ...empty,
          policyno: 'C-2',
          rowid: 'b',
          event_id: 'b',
          ingested_at: '2026-11-20T10:00:00.000Z',
        },
      ],
      count: 1,
      cursor: null,
    });
  });

  it('are none where no row matches, and say so', async () => {
    const { lake, get } = createTestApi();
    expect(await get({ id: 'C-9' })).toMatchObject({ count: 0 });
    await lake.addRaw(today, [policyRow('C-1', 'a')]);
    expect(await get({ id: 'C-9' })).toEqual({
      rows: [],
      count: 0,
      cursor: null,
      message: 'No matching rows found',
    });
  });

  it('come once for each event, from raw and compacted files and from several days', async () => {
    const { lake, get } = createTestApi();
    const absorbed = await lake.addRaw(today, [policyRow('C-1', 'a'), policyRow('C-1', 'b')]);
    await lake.addCompacted(today, [policyRow('C-1', 'a'), policyRow('C-1', 'b')], {
      sealed: false,
      absorbed: [absorbed],
    });
    await lake.addRaw(today, [policyRow('C-1', 'b'), policyRow('C-1', 'c'), policyRow('C-2', 'd')]);
    await lake.addCompacted(yesterday, [policyRow('C-1', 'a'), policyRow('C-1', 'e')]);
    const { rows } = await get({ id: 'C-1', columns: 'rowid' });
    expect(rows.map(({ rowid }) => rowid)).toEqual(['a', 'b', 'c', 'e']);
  });

  it('are of the copy that arrived first, where an event is there twice', async () => {
    const { lake, get } = createTestApi();
    const at = (hour: number, amount: number) =>
      policyRow('C-1', 'a', { amount, ingested_at: `2026-11-20 ${hour}:00:00.000` });
    await lake.addRaw(today, [at(12, 2)]);
    await lake.addRaw(today, [at(11, 1)]);
    await lake.addRaw(today, [at(13, 3)]);
    expect((await get({ id: 'C-1', columns: 'amount' })).rows).toEqual([{ amount: 1 }]);
  });

  it('of several ids come with POST, in the order of the key', async () => {
    const { lake, send } = createTestApi();
    await lake.addCompacted(today, [policyRow('C-2', 'b'), policyRow('C-3', 'c')]);
    await lake.addRaw(yesterday, [policyRow('C-1', 'a')]);
    const answer = await send({
      method: 'POST',
      path: '/v1/events/policy/lookup',
      body: JSON.stringify({
        ids: ['C-3', 'C-1', 'C-9', 'C-3'],
        columns: ['event_id', 'policyno'],
      }),
    });
    expect(jsonOf(answer)).toEqual({
      rows: [
        { event_id: 'a', policyno: 'C-1' },
        { event_id: 'c', policyno: 'C-3' },
      ],
      count: 2,
      cursor: null,
    });
  });

  it('of a rewritten raw file are read anew', async () => {
    const { lake, get } = createTestApi();
    await lake.addRaw(today, [policyRow('C-1', 'a')]);
    await get({ id: 'C-1' });
    const key = `policy/raw/dt=${today}/hour=10/raw-1.parquet`;
    const { bytes } = lake.write([policyRow('C-1', 'z')], {
      codec: 'snappy',
      rowGroupRows: 10,
      statistics: 'all',
    });
    await lake.store.put(key, bytes);
    expect((await get({ id: 'C-1', columns: 'rowid' })).rows).toEqual([{ rowid: 'z' }]);
  });
});

describe('days', () => {
  it('are the last 31 with today, where none are named', async () => {
    const { lake, get } = createTestApi();
    for (const [date, id] of [
      ['2026-10-21', 'first'],
      ['2026-10-20', 'too old'],
      [today, 'last'],
    ] as const)
      await lake.addRaw(date, [policyRow('C-1', id)]);
    expect((await get({ id: 'C-1', columns: 'rowid' })).rows).toEqual([
      { rowid: 'first' },
      { rowid: 'last' },
    ]);
  });

  it.each([
    [{ date: '2026-11-10' }, ['10']],
    [{ from: '2026-11-10', to: '2026-11-11' }, ['10', '11']],
    [{ from: '2026-11-11' }, ['11', '12']],
    [{ to: '2026-11-11' }, ['10', '11']],
    [{ date: '2030-01-01' }, []],
  ])('%j', async (days, expected) => {
    const { lake, get } = createTestApi();
    for (const day of ['10', '11', '12'])
      await lake.addRaw(`2026-11-${day}`, [policyRow('C-1', day)]);
    const { rows } = await get({ id: 'C-1', columns: 'rowid', ...days });
    expect(rows.map(({ rowid }) => rowid)).toEqual(expected);
  });
});

it.each([
  ['empty', ''],
  ['as long as a key may be', 'é'.repeat(512)],
])('an id that is %s is asked for like any other', async (_, id) => {
  const { lake, get } = createTestApi();
  await lake.addRaw(today, [policyRow(id, 'raw'), policyRow('C-1', 'other')]);
  await lake.addCompacted(yesterday, [policyRow(id, 'compacted'), policyRow('C-1', 'another')]);
  const { rows } = await get({ id, columns: 'rowid' });
  expect(rows.map(({ rowid }) => rowid).toSorted()).toEqual(['compacted', 'raw']);
});

it.each(['9999-12-15', '9999-12-31', '0000-01-01'])(
  'a range that begins at %s ends at the last day that a date can name, or before',
  async (from) => {
    const { send } = createTestApi();
    const answer = await send({ query: { id: 'a', from } });
    expect(answer.status).toBe(200);
    expect(jsonOf(answer)).toMatchObject({ rows: [], cursor: null });
  },
);

describe('a wrong request', () => {
  it.each([
    ['"id" is missing', {}],
    ['"id" is given 2 times', { id: ['a', 'b'] }],
    ['unknown parameter "day"; known are id, date', { id: 'a', day: today }],
    ['"date" must be a date', { id: 'a', date: '2026-02-30' }],
    ['"date" excludes "from" and "to"', { id: 'a', date: today, from: today }],
    ['must not be after', { id: 'a', from: '2026-11-02', to: '2026-11-01' }],
    [
      '"from" (9999-12-15) must not be after "to" (9999-12-14)',
      { id: 'a', from: '9999-12-15', to: '9999-12-14' },
    ],
    ['more than 31 days', { id: 'a', from: '2026-10-01', to: '2026-11-01' }],
    ['POST /v1/queries/policy_by_key', { id: 'a', from: '2026-10-01', to: '2026-11-01' }],
    ['"columns" names "nope"', { id: 'a', columns: 'rowid,nope' }],
    ['"limit" must be 1 to 1000', { id: 'a', limit: '0' }],
    ['"limit" must be 1 to 1000', { id: 'a', limit: '1e3' }],
    ['"explain" must be true or false', { id: 'a', explain: 'yes' }],
    ['"cursor" is not one', { id: 'a', cursor: '!!' }],
    ['"cursor" is not one', { id: 'a', cursor: 'bnVsbA' }],
    [
      '"id" has 1025 bytes; nothing is found by a value of more than 1024',
      { id: 'x'.repeat(1_025) },
    ],
    ['"id" has 1026 bytes', { id: 'é'.repeat(513) }],
  ])('is answered 400: %s', async (message, query) => {
    const { send, store } = createTestApi();
    const answer = await send({ query });
    expect(answer.status).toBe(400);
    expect(jsonOf(answer).message).toContain(message);
    expect(store.requests).toBe(0);
  });

  it.each([
    ['not JSON', ''],
    ['must be a JSON object', '[]'],
    ['"ids" is missing', '{}'],
    ['1 to 100', '{"ids":[]}'],
    ['ids[0] must be a string or an integer', '{"ids":[1.5]}'],
    ['unknown member "id"', '{"ids":["a"],"id":"b"}'],
    ['"date" must be a string', '{"ids":["a"],"date":5}'],
    ['"columns" must be an array', '{"ids":["a"],"columns":{}}'],
    ['1 to 100', JSON.stringify({ ids: Array.from({ length: 101 }, String) })],
  ])('is answered 400 in POST: %s', async (message, body) => {
    const { send } = createTestApi();
    const answer = await send({ method: 'POST', path: '/v1/events/policy/lookup', body });
    expect(answer.status).toBe(400);
    expect(jsonOf(answer).message).toContain(message);
  });

  it('has its status where path, method or format are none of ours', async () => {
    const { send } = createTestApi();
    const status = async (parts: Parameters<typeof send>[0]) => (await send(parts)).status;
    expect(await status({ path: '/v1/events/nope', query: { id: 'a' } })).toBe(404);
    expect(await status({ path: '/v1/other' })).toBe(404);
    expect(await status({ path: '/v1/events/%ff', query: { id: 'a' } })).toBe(400);
    expect(await status({ method: 'DELETE', query: { id: 'a' } })).toBe(405);
    expect(await status({ path: '/v1/events/policy/lookup' })).toBe(405);
    expect(await status({ query: { id: 'a' }, headers: { accept: 'image/png' } })).toBe(406);
  });

  it('can neither leave the table nor be anything but data', async () => {
    const { lake, get, send } = createTestApi();
    const ids = ["'; DROP TABLE policy; --", '../../etc/passwd', '${7*7}', '\u0000', '%', '😀"\\'];
    await lake.addRaw(today, [
      policyRow('C-1', 'a'),
      ...ids.map((id, at) => policyRow(id, `row ${at}`)),
    ]);
    for (const [at, id] of ids.entries())
      expect((await get({ id, columns: 'policyno,rowid' })).rows).toEqual([
        { policyno: id, rowid: `row ${at}` },
      ]);
    expect((await send({ path: '/v1/events/..%2Fpolicy', query: { id: 'C-1' } })).status).toBe(404);
    expect((await send({ path: '/v1/events/__proto__', query: { id: 'C-1' } })).status).toBe(404);
  });
});

describe('the headers', () => {
  it('time the parts of every answer', async () => {
    const { send } = createTestApi();
    for (const query of [{ id: 'a' }, {}])
      expect((await send({ query })).headers['server-timing']).toMatch(/^\w+;dur=[\d.]+/);
  });

  it('let sealed days be cached, and be asked about without reading a row', async () => {
    const { lake, send, store } = createTestApi();
    await lake.addCompacted(yesterday, [policyRow('C-1', 'a')]);
    const query = { id: 'C-1', date: yesterday };
    const { status, headers } = await send({ query });
    expect(status).toBe(200);
    expect(headers).toMatchObject({ 'cache-control': 'private, max-age=300' });
    store.reset();
    const again = await send({ query, headers: { 'if-none-match': headers['etag'] ?? '' } });
    expect(again).toMatchObject({ status: 304, body: '' });
    expect(store.requests).toBe(0);
    const other = await send({
      query: { ...query, columns: 'rowid' },
      headers: { 'if-none-match': headers['etag'] ?? '' },
    });
    expect(other.status).toBe(200);
  });

  it('have a day that still fills asked about again', async () => {
    const { lake, send } = createTestApi();
    await lake.addRaw(today, [policyRow('C-1', 'a')]);
    const query = { id: 'C-1', date: today };
    const { headers } = await send({ query });
    expect(headers).toMatchObject({ 'cache-control': 'no-cache' });
    const ifNoneMatch = { 'if-none-match': headers['etag'] ?? '' };
    expect((await send({ query, headers: ifNoneMatch })).status).toBe(304);
    await lake.addRaw(today, [policyRow('C-1', 'b')]);
    expect((await send({ query, headers: ifNoneMatch })).status).toBe(200);
  });

  it('answer HEAD as GET without the body', async () => {
    const { lake, send } = createTestApi();
    await lake.addRaw(today, [policyRow('C-1', 'a')]);
    const head = await send({ method: 'HEAD', query: { id: 'C-1' } });
    expect(head).toMatchObject({ status: 200, body: '', headers: { 'x-row-count': '1' } });
  });
});

it('explains what it considered, pruned and read', async () => {
  const { lake, get } = createTestApi();
  const rows = Array.from({ length: 5_000 }, (_, index) => policyRow(`C-${index}`, `e${index}`));
  await lake.addCompacted(today, rows.slice(0, 2_500), { sealed: false });
  await lake.addCompacted(today, rows.slice(2_500), { sealed: false });
  await lake.addRaw(today, [policyRow('other', 'x')]);
  const { explain } = await get({ id: 'C-2600', date: today, explain: 'true' });
  expect(explain).toMatchObject({
    from: today,
    to: today,
    filesConsidered: 3,
    filesPruned: expect.any(Number),
    gets: expect.any(Number),
    bytesRead: expect.any(Number),
    days: [{ date: today, compactedFiles: 2, rawFiles: 1, sealed: false }],
  });
  const { gets, lists, requests } = explain as Readonly<Record<string, number>> & {
    readonly requests: readonly { readonly method: string }[];
  };
  const made = (method: string) => requests.filter((request) => request.method === method);
  expect([made('get').length, made('list').length]).toEqual([gets, lists]);
});
