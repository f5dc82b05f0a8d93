import { bindQuery } from '@sluice/event-schema';
import { salesOfCustomer } from '@sluice/event-schema/testing/shop';
import { codePoint } from '@sluice/event-schema/testing/code-point';
import { tableFromIPC } from 'apache-arrow';
import { parse } from 'csv-parse/sync';
import { toProxyResult } from '@sluice/lambda-http';
import * as fc from 'fast-check';
import { createTestApi, executionId, jsonOf, queries } from '../testing/test-api';

const customer = { id: 25413, from: '2026-11-01', to: '2026-11-19' };

describe('starting', () => {
  it('binds the parameters, and answers where to look', async () => {
    const { engine, send } = createTestApi();
    const answer = await send('POST', '/v1/queries/sales_of_customer', { body: customer });
    expect(answer).toMatchObject({ status: 202, headers: { 'retry-after': '1' } });
    expect(jsonOf(answer)).toEqual({
      id: executionId(1),
      name: 'sales_of_customer',
      state: 'QUEUED',
    });
    const bound = bindQuery(salesOfCustomer, customer);
    expect(engine.started).toEqual([
      {
        sql: 'sql' in bound ? bound.sql : '',
        parameters: ['25413', "'2026-11-01'", "'2026-11-19'"],
      },
    ]);
  });

  it.each([
    ['nothing', {}, ['"id" is missing', '"from" is missing', '"to" is missing']],
    ['a text for an integer', { ...customer, id: 'x' }, ['"id" must be an integer']],
    ['a day that the calendar lacks', { ...customer, to: '2026-02-30' }, ['"to" must be a date']],
    [
      'a parameter too many',
      { ...customer, top: 1 },
      ['"top" is no parameter of sales_of_customer'],
    ],
    ['an object for a value', { ...customer, id: { $gt: 0 } }, ['"id" must be an integer']],
    ['null', { ...customer, id: null }, ['"id" must be an integer']],
  ])('%s is refused, and each parameter is named', async (_, body, messages) => {
    const { engine, send } = createTestApi();
    const answer = await send('POST', '/v1/queries/sales_of_customer', { body });
    expect(answer.status).toBe(400);
    for (const message of messages) expect(jsonOf(answer)['message']).toContain(message);
    expect(engine.started).toEqual([]);
  });

  it.each([
    ['no JSON', '{"id":', 400],
    ['an array', '[1]', 400],
    ['too much', `{"id":"${'x'.repeat(70_000)}"}`, 413],
  ])('a body of %s is refused', async (_, body, status) => {
    const { send } = createTestApi();
    expect(await send('POST', '/v1/queries/sales_of_customer', { body })).toMatchObject({ status });
  });

  it('a query that is not defined is not found, and those that are get named', async () => {
    const { engine, send } = createTestApi();
    const answer = await send('POST', '/v1/queries/DROP%20TABLE', { body: {} });
    expect(answer.status).toBe(404);
    expect(jsonOf(answer)['message']).toContain('defined are sales_of_customer, top_customers');
    expect(engine.started).toEqual([]);
  });

  it('no text gets out of its literal, whatever it holds', async () => {
    const texts = fc.oneof(
      fc.string({ unit: codePoint, maxLength: 60 }),
      fc.constantFrom(
        "'",
        "''",
        "' OR '1'='1",
        "'; DROP TABLE x --",
        '\\',
        "\\'",
        '?',
        ':to',
        '\0',
      ),
    );
    await fc.assert(
      fc.asyncProperty(texts, async (kind) => {
        const { engine, send } = createTestApi();
        const days = { from: '2026-11-01', to: '2026-11-19' };
        const answer = await send('POST', '/v1/queries/top_customers', {
          body: { ...days, kind },
        });
        if (answer.status === 400) {
          expect(jsonOf(answer)['message']).toContain('"kind"');
          expect(engine.started).toEqual([]);
          return;
        }
        const [{ sql, parameters } = { sql: '', parameters: [] }] = engine.started;
        // A quote inside is doubled, so nothing but the last one closes the literal.
        expect(parameters).toContain(`'${kind.replaceAll("'", "''")}'`);
        for (const literal of parameters) expect(literal).toMatch(/^(?:\d+|'(?:[^']|'')*')$/s);
        expect(sql).not.toMatch(/DROP|1'='1/);
      }),
      { numRuns: 200 },
    );
  });

  it('is refused for a while where the engine takes no more', async () => {
    const { engine, send } = createTestApi();
    engine.isBusy = true;
    const answer = await send('POST', '/v1/queries/sales_of_customer', { body: customer });
    expect(answer).toMatchObject({ status: 429, headers: { 'retry-after': '5' } });
  });
});

describe('an execution', () => {
  it.each(['QUEUED', 'RUNNING'] as const)(
    'that is %s says so and when to ask again',
    async (state) => {
      const { engine, send } = createTestApi();
      const id = engine.execution('sales_of_customer', { state });
      const answer = await send('GET', `/v1/queries/${id}`, { accept: 'text/csv' });
      expect(answer).toMatchObject({
        status: 202,
        headers: {
          'x-query-state': state,
          'retry-after': '1',
          'content-type': 'application/json',
          'cache-control': 'no-store',
        },
      });
      expect(jsonOf(answer)).toEqual({ id, name: 'sales_of_customer', state });
    },
  );

  it.each(['FAILED', 'CANCELLED'] as const)('that is %s says why', async (state) => {
    const { engine, send } = createTestApi();
    const reason = 'Bytes scanned limit was exceeded';
    const id = engine.execution('top_customers', { state, reason });
    const answer = await send('GET', `/v1/queries/${id}`);
    expect(answer).toMatchObject({ status: 200, headers: { 'x-query-state': state } });
    expect(jsonOf(answer)).toEqual({ id, name: 'top_customers', state, reason });
  });

  it.each([
    ['that nobody started', () => executionId(99)],
    ['that is no id', () => "x' OR 1"],
    [
      'of another workgroup',
      ({ engine }: ReturnType<typeof createTestApi>) =>
        engine.execution('top_customers', { workGroup: 'payroll' }),
    ],
    [
      'of SQL that is not defined here',
      ({ engine }: ReturnType<typeof createTestApi>) =>
        engine.execution('top_customers', { sql: 'SELECT * FROM "salaries"' }),
    ],
  ])('%s is not found, not shown and not stopped', async (_, idOf) => {
    const api = createTestApi();
    const id = encodeURIComponent(idOf(api));
    expect(await api.send('GET', `/v1/queries/${id}`)).toMatchObject({ status: 404 });
    expect(await api.send('DELETE', `/v1/queries/${id}`)).toMatchObject({ status: 404 });
    expect(api.engine.stopped).toEqual([]);
  });

  it.each(['sales_of_customer', 'sales_of_customer/'])(
    'is where its start says, whatever is before the path (%s)',
    async (path) => {
      const { send } = createTestApi();
      const answer = await send('POST', `/v1/queries/${path}`, { body: customer });
      const url = new URL(
        answer.headers['location'] ?? '',
        `https://example.org/dev/v1/queries/${path}`,
      );
      expect(url.pathname).toBe(`/dev/v1/queries/${executionId(1)}`);
    },
  );

  it('can be stopped', async () => {
    const { engine, send } = createTestApi();
    const id = engine.execution('top_customers', { state: 'RUNNING' });
    expect(await send('DELETE', `/v1/queries/${id}`)).toMatchObject({ status: 204, body: '' });
    expect(engine.stopped).toEqual([id]);
  });
});

describe('rows', () => {
  const columns = [
    { name: 'id', type: 'bigint' },
    { name: 'name', type: 'varchar' },
    { name: 'at', type: 'timestamp', precision: 3 },
    { name: 'day', type: 'date' },
    { name: 'price', type: 'decimal', precision: 10, scale: 2 },
    { name: 'share', type: 'double' },
    { name: 'ok', type: 'boolean' },
    { name: 'tags', type: 'array' },
  ];
  const rows = [
    [
      '9223372036854775807',
      'a,"b"\n',
      '2026-11-19 10:00:00.123',
      '2026-11-19',
      '-1.50',
      '1.0E10',
      'true',
      '[a, b]',
    ],
    ['1', '', null, null, null, 'NaN', 'false', null],
  ];

  async function answerAs(accept: string) {
    const { engine, send } = createTestApi();
    Object.assign(engine, { columns, rows });
    const id = engine.execution('top_customers', { bytesScanned: 5 });
    const answer = await send('GET', `/v1/queries/${id}`, { accept });
    expect(answer).toMatchObject({
      status: 200,
      headers: { 'content-type': accept, 'x-query-state': 'SUCCEEDED', 'x-row-count': '2' },
    });
    return { id, ...answer };
  }

  it('come as JSON with what there is to say of them', async () => {
    const { id, body } = await answerAs('application/json');
    expect(JSON.parse(String(body))).toEqual({
      rows: [
        {
          id: '9223372036854775807',
          name: 'a,"b"\n',
          at: '2026-11-19T10:00:00.123Z',
          day: '2026-11-19',
          price: '-1.50',
          share: 10_000_000_000,
          ok: true,
          tags: '[a, b]',
        },
        { id: 1, name: '', at: null, day: null, price: null, share: 'NaN', ok: false, tags: null },
      ],
      count: 2,
      cursor: null,
      id,
      name: 'top_customers',
      state: 'SUCCEEDED',
      bytesScanned: 5,
    });
  });

  it('come as CSV that tells null from an empty text', async () => {
    const { body } = await answerAs('text/csv');
    const [first, second] = parse(String(body), { columns: true });
    expect(first).toMatchObject({ name: 'a,"b"\n', price: '-1.50' });
    expect(second).toMatchObject({ id: '1', name: '', at: '' });
    expect(String(body)).toContain('\r\n1,"",,,,NaN,false,\r\n');
  });

  it('come as an Arrow stream with the types of the result', async () => {
    const { body } = await answerAs('application/vnd.apache.arrow.stream');
    const table = tableFromIPC(body as Uint8Array);
    expect(table.schema.fields.map(({ name, type }) => `${name}: ${String(type)}`)).toEqual([
      'id: Int64',
      'name: Utf8',
      'at: Timestamp<MILLISECOND>',
      'day: Date32<DAY>',
      'price: Decimal[10e+2]',
      'share: Float64',
      'ok: Bool',
      'tags: Utf8',
    ]);
    expect(table.getChild('id')?.get(0)).toBe(9223372036854775807n);
  });

  it('are gone some day, and the answer says what to do', async () => {
    const { engine, send } = createTestApi();
    const id = engine.execution('top_customers');
    engine.areResultsGone = true;
    const answer = await send('GET', `/v1/queries/${id}`);
    expect(answer.status).toBe(410);
    expect(jsonOf(answer)['message']).toContain('start the query again');
  });

  it('none is an answer too', async () => {
    const { engine, send } = createTestApi();
    engine.columns = columns;
    const id = engine.execution('top_customers');
    expect(jsonOf(await send('GET', `/v1/queries/${id}`))).toMatchObject({
      rows: [],
      count: 0,
      cursor: null,
    });
  });

  it('that the engine gives in another type than it says are an error that is told inside', async () => {
    const { engine, errors, send } = createTestApi();
    Object.assign(engine, { columns: columns.slice(0, 1), rows: [['1.5']] });
    const id = engine.execution('top_customers');
    const answer = await send('GET', `/v1/queries/${id}`);
    expect(answer.status).toBe(500);
    expect(String(answer.body)).not.toContain('1.5');
    expect(String(errors[0])).toContain('the engine gave "1.5" for column "id", which is bigint');
  });
});

describe('paging', () => {
  async function allPages(rowsAtOnce: number, limit: number, rows: readonly string[]) {
    const { engine, send } = createTestApi();
    engine.columns = [{ name: 'text', type: 'varchar' }];
    engine.rows = rows.map((row) => [row]);
    engine.rowsAtOnce = rowsAtOnce;
    const id = engine.execution('top_customers');
    const seen: string[] = [];
    let cursor = '';
    let pages = 0;
    do {
      const answer = await send('GET', `/v1/queries/${id}`, {
        query: { limit: String(limit), ...(cursor && { cursor }) },
      });
      expect(Buffer.byteLength(JSON.stringify(toProxyResult(answer)))).toBeLessThan(6 * 2 ** 20);
      const page = jsonOf(answer) as { rows: { text: string }[]; cursor: string | null };
      expect(page.rows.length).toBeLessThanOrEqual(limit);
      seen.push(...page.rows.map(({ text }) => text));
      cursor = page.cursor ?? '';
      expect(answer.headers['x-next-cursor']).toBe(page.cursor ?? undefined);
    } while (cursor !== '' && ++pages < 100);
    return { seen, pages };
  }

  it('gives each row once, however many fit on a page', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 9 }),
        fc.array(fc.string(), { maxLength: 30 }),
        async (rowsAtOnce, limit, rows) => {
          expect((await allPages(rowsAtOnce, limit, rows)).seen).toEqual(rows);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('ends a page before Lambda’s 6 MB and goes on in the middle', async () => {
    const rows = Array.from({ length: 9 }, (_, index) => `${index}${'"'.repeat(700_000)}`);
    const { seen, pages } = await allPages(1_000, 100, rows);
    expect(seen).toEqual(rows);
    expect(pages).toBeGreaterThan(1);
  });

  it.each([
    ['limit', '0'],
    ['limit', '1001'],
    ['limit', '1e2'],
    ['limit', ''],
    ['cursor', 'x'],
    ['cursor', Buffer.from('[1,"other",0,null]').toString('base64url')],
    ['cursor', Buffer.from(`[1,"${executionId(1)}",-1,null]`).toString('base64url')],
    ['cursor', Buffer.from(`[1,"${executionId(1)}",0,"no token"]`).toString('base64url')],
    ['cursor', 'A'.repeat(5_000)],
    ['columns', 'id'],
  ])('%s: one that is none is refused by its name', async (name, value) => {
    const { engine, send } = createTestApi();
    const id = engine.execution('top_customers');
    const answer = await send('GET', `/v1/queries/${id}`, { query: { [name]: value } });
    expect(answer.status).toBe(400);
    expect(jsonOf(answer)['message']).toContain(name);
  });
});

it('lists what is defined, with the parameters', async () => {
  const { send } = createTestApi();
  const { queries: listed } = jsonOf(await send('GET', '/v1/queries')) as {
    queries: { name: string; parameters: object; sql?: string }[];
  };
  expect(listed.map(({ name }) => name)).toEqual(queries.map(({ name }) => name));
  expect(listed[0]?.parameters).toEqual(salesOfCustomer.parameters);
  expect(listed[0]).not.toHaveProperty('sql');
});

it('an answer that cannot be made is 406', async () => {
  const { engine, send } = createTestApi();
  const id = engine.execution('top_customers');
  const answer = await send('GET', `/v1/queries/${id}`, { accept: 'image/png' });
  expect(answer.status).toBe(406);
  expect(jsonOf(answer)['message']).toContain('text/csv');
});
