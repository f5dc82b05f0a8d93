import { createTestApi, jsonOf } from '../testing/test-api';

const runs = '/v1/jobs/sale_customers/runs';

describe('a run', () => {
  it('is started for the day that is named', async () => {
    const { runs: started, send } = createTestApi();
    const answer = await send('POST', runs, { body: { date: '2026-11-01' } });
    expect(answer.status).toBe(202);
    expect(jsonOf(answer)).toEqual({
      id: '2026-11-01-id1',
      join: 'sale_customers',
      date: '2026-11-01',
      state: 'RUNNING',
    });
    expect(started.started).toEqual([
      { join: 'sale_customers', id: '2026-11-01-id1', date: '2026-11-01' },
    ]);
  });

  it.each(['', '/'])('is where its start says, whatever is before the path', async (end) => {
    const { send } = createTestApi();
    const answer = await send('POST', runs + end, { body: { date: '2026-11-01' } });
    const url = new URL(answer.headers['location'] ?? '', `https://example.org/dev${runs}${end}`);
    expect(url.pathname).toBe(`/dev${runs}/2026-11-01-id1`);
  });

  it('is of yesterday where no day is named, and today has begun', async () => {
    const { send } = createTestApi();
    expect(jsonOf(await send('POST', runs))).toMatchObject({ date: '2026-11-19' });
    expect(jsonOf(await send('POST', runs, { body: { date: '2026-11-20' } }))).toMatchObject({
      date: '2026-11-20',
    });
  });

  it.each([
    ['a day that the calendar lacks', { date: '2026-02-30' }],
    ['SQL', { date: "2026-11-01' OR '1'='1" }],
    ['a key', { date: '../../reference/customers' }],
    ['a number', { date: 20261101 }],
    ['null', { date: null }],
    ['tomorrow', { date: '2026-11-21' }],
    ['a member that there is none of', { date: '2026-11-01', bucket: 'x' }],
  ])('of %s is refused', async (_, body) => {
    const { runs: started, send } = createTestApi();
    expect(await send('POST', runs, { body })).toMatchObject({ status: 400 });
    expect(started.started).toEqual([]);
  });

  it('of no such join is not found, and the joins are named', async () => {
    const { send } = createTestApi();
    const answer = await send('POST', '/v1/jobs/customers/runs');
    expect(answer.status).toBe(404);
    expect(jsonOf(answer)['message']).toContain('defined are sale_customers');
  });

  it('is refused for a while where the executor takes no more', async () => {
    const { runs: started, send } = createTestApi();
    started.isBusy = true;
    expect(await send('POST', runs)).toMatchObject({ status: 429 });
  });
});

describe('what came of a run', () => {
  const startedAt = new Date('2026-11-20T09:00:00Z');
  const stoppedAt = new Date('2026-11-20T09:00:05Z');
  const input = { date: '2026-11-01' };

  async function show(run: Parameters<ReturnType<typeof createTestApi>['runs']['runs']['set']>[1]) {
    const { runs: kept, send } = createTestApi();
    kept.runs.set('sale_customers/r1', run);
    const answer = await send('GET', `${runs}/r1`);
    expect(answer.status).toBe(200);
    return jsonOf(answer);
  }

  it('while it goes on', async () => {
    expect(await show({ state: 'RUNNING', input, startedAt })).toEqual({
      id: 'r1',
      join: 'sale_customers',
      date: '2026-11-01',
      state: 'RUNNING',
      startedAt: '2026-11-20T09:00:00.000Z',
    });
  });

  it('when it succeeded: its counts, and its day though it was started by an object', async () => {
    const report = { left_rows: 3, right_rows: 2, result_rows: 4, unmatched_right: 1 };
    const output = { join: 'sale_customers', date: '2026-11-02', run: 'r1', report };
    const byEvent = { detail: { object: { key: 'sale/sealed/dt=2026-11-02.json' } } };
    expect(
      await show({ state: 'SUCCEEDED', input: byEvent, output, startedAt, stoppedAt }),
    ).toMatchObject({ date: '2026-11-02', state: 'SUCCEEDED', report });
  });

  it.each([
    [
      'what Athena said of the query',
      JSON.stringify({
        QueryExecution: { Status: { State: 'FAILED', StateChangeReason: 'HIVE_BAD_DATA: x' } },
      }),
      'HIVE_BAD_DATA: x',
    ],
    [
      'what Glue said of the job',
      JSON.stringify({ JobRunState: 'FAILED', ErrorMessage: 'OutOfMemory' }),
      'OutOfMemory',
    ],
    ['a sentence', 'Access Denied', 'Access Denied'],
    ['JSON of another shape', '{"a":1}', '{"a":1}'],
  ])('when it failed: the step, and why, from %s', async (_, cause, reason) => {
    const failed = { state: 'FAILED', input, error: 'Write the rows', cause } as const;
    expect(await show(failed)).toMatchObject({
      state: 'FAILED',
      failedStep: 'Write the rows',
      reason,
    });
  });

  it('when it was stopped by hand', async () => {
    expect(await show({ state: 'ABORTED', input })).toMatchObject({ state: 'ABORTED' });
  });

  it.each([
    ['of another join', `/v1/jobs/sale_shops/runs/r1`],
    ['that nobody started', `${runs}/r2`],
    ['with an id that is an ARN', `${runs}/r1%3Ar2`],
    ['with an id that climbs', `${runs}/..%2Fr1`],
  ])('%s is not found', async (_, path) => {
    const { runs: kept, send } = createTestApi();
    kept.runs.set('sale_customers/r1', { state: 'RUNNING', input });
    expect(await send('GET', path)).toMatchObject({ status: 404 });
  });
});

describe('the latest runs of a join', () => {
  const input = { date: '2026-11-01' };
  const withRuns = (count: number) => {
    const { runs: kept, send } = createTestApi();
    for (let run = 1; run <= count; run++)
      kept.runs.set(`sale_customers/r${run}`, { state: 'RUNNING', input });
    kept.runs.set('sale_shops/other', { state: 'RUNNING', input });
    return { kept, list: (query = {}) => send('GET', runs, { query }) };
  };

  it('are told as each alone is, the newest first', async () => {
    const { kept, list } = withRuns(1);
    const byEvent = { detail: { object: { key: 'sale/sealed/dt=2026-11-02.json' } } };
    const failed = { state: 'FAILED', error: 'Count', cause: 'no' } as const;
    kept.runs.set('sale_customers/r2', { ...failed, input: byEvent });
    expect(jsonOf(await list())).toEqual({
      runs: [
        { id: 'r2', join: 'sale_customers', state: 'FAILED', failedStep: 'Count', reason: 'no' },
        { id: 'r1', join: 'sale_customers', state: 'RUNNING', date: '2026-11-01' },
      ],
    });
  });

  it('are ten, or as many as are asked for', async () => {
    const { list } = withRuns(25);
    const listed = async (query?: object) => jsonOf(await list(query))['runs'];
    expect(await listed()).toHaveLength(10);
    expect(await listed({ limit: '20' })).toHaveLength(20);
  });

  it.each([{ limit: '21' }, { limit: '0' }, { limit: 'x' }, { most: '3' }])(
    'are refused for %j',
    async (query) => {
      expect(await withRuns(1).list(query)).toMatchObject({ status: 400 });
    },
  );

  it('are to be asked for again where the executor is busy', async () => {
    const { kept, list } = withRuns(1);
    kept.isBusy = true;
    expect(await list()).toMatchObject({ status: 429 });
  });
});

it('lists the joins', async () => {
  const { send } = createTestApi();
  expect(jsonOf(await send('GET', '/v1/jobs'))).toMatchObject({
    jobs: [
      {
        name: 'sale_customers',
        left: 'sale',
        right: 'customers',
        type: 'right',
        schedule: 'day-sealed',
        engine: 'athena',
      },
      { name: 'sale_shops' },
      { name: 'sale_products' },
    ],
  });
});
