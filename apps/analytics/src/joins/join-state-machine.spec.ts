import { joinQuery, joinReportQuery, type Join } from '@sluice/event-schema';
import { saleCustomers, shop } from '@sluice/event-schema/testing/shop';
import { runStateMachine, ServiceError, type RunResult } from '../testing/run-state-machine';
import { joinStateMachine } from './join-state-machine';

const place = { bucket: 'lake', database: 'sluice_dev', workGroup: 'sluice-dev' };
const run = '2026-01-31-r1';
const manifest = 's3://lake/query-results/m1-manifest.csv';
const report = {
  left_rows: 4,
  right_rows: 3,
  result_rows: 5,
  unmatched_left: 1,
  unmatched_right: 2,
  null_left_keys: 0,
  null_right_keys: 0,
  duplicate_right_keys: 0,
};
const texts = (values: readonly unknown[]) => ({
  Data: values.map((value) => ({ VarCharValue: String(value) })),
});

interface Call {
  readonly resource: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

interface TryOptions {
  readonly join?: Join;
  readonly input?: unknown;
  readonly name?: string;
  readonly manifestLocation?: string | undefined;
  readonly referenceFiles?: number;
  /** The call of this number, from 0, says no. */
  readonly failAt?: number;
  readonly error?: ServiceError;
  /** How often it says no. */
  readonly times?: number;
}

async function tryRun({
  join = saleCustomers,
  input = { date: '2026-01-31' },
  name = run,
  manifestLocation = manifest,
  referenceFiles = 1,
  failAt,
  error = new ServiceError('States.TaskFailed', '{"Status":{"StateChangeReason":"no"}}'),
  times = Infinity,
}: TryOptions = {}): Promise<{ result: RunResult; calls: readonly Call[] }> {
  const calls: Call[] = [];
  let refused = 0;
  let answered = 0;
  const result = await runStateMachine(
    joinStateMachine({ join, ...place, ...(join.engine === 'spark' && { glueJob: 'job' }) }),
    {
      input,
      run: name,
      call(resource, parameters) {
        if (answered === failAt && refused < times) {
          refused++;
          throw error;
        }
        answered++;
        calls.push({ resource, parameters: parameters as Call['parameters'] });
        if (resource === 'aws-sdk:s3:listObjectsV2') return { KeyCount: referenceFiles };
        if (resource === 'athena:getQueryResults')
          return {
            ResultSet: { Rows: [texts(Object.keys(report)), texts(Object.values(report))] },
          };
        const Statistics =
          manifestLocation === '' ? {} : { DataManifestLocation: manifestLocation };
        return { QueryExecution: { QueryExecutionId: `q${calls.length}`, Statistics } };
      },
    },
  );
  return { result, calls };
}

it('writes the rows beside the result before, counts them, and then swaps them in', async () => {
  const { result, calls } = await tryRun();
  const athena = {
    ExecutionParameters: ["'2026-01-31'"],
    QueryExecutionContext: { Catalog: 'AwsDataCatalog', Database: 'sluice_dev' },
    WorkGroup: 'sluice-dev',
  };
  expect(calls).toEqual([
    {
      resource: 'aws-sdk:s3:listObjectsV2',
      parameters: { Bucket: 'lake', Prefix: 'reference/customers/', MaxKeys: 1 },
    },
    {
      resource: 'athena:startQueryExecution.sync',
      parameters: {
        ...athena,
        QueryString: `UNLOAD (\n${joinQuery(saleCustomers)}\n) TO 's3://lake/results/sale_customers/dt=2026-01-31/run=${run}/' WITH (format = 'PARQUET', compression = 'ZSTD')`,
      },
    },
    {
      resource: 'athena:startQueryExecution.sync',
      parameters: { ...athena, QueryString: joinReportQuery(saleCustomers) },
    },
    {
      resource: 'athena:getQueryResults',
      parameters: { QueryExecutionId: 'q3', MaxResults: 2 },
    },
    {
      resource: 'aws-sdk:s3:copyObject',
      parameters: {
        Bucket: 'lake',
        Key: 'results/sale_customers/symlinks/dt=2026-01-31/symlink.txt',
        CopySource: 'lake/query-results/m1-manifest.csv',
      },
    },
  ]);
  expect(result).toMatchObject({
    status: 'SUCCEEDED',
    output: { join: 'sale_customers', date: '2026-01-31', run, report },
  });
});

it('takes the result away where the rows have no files', async () => {
  const { result, calls } = await tryRun({ manifestLocation: '' });
  expect(calls.at(-1)).toEqual({
    resource: 'aws-sdk:s3:deleteObject',
    parameters: {
      Bucket: 'lake',
      Key: 'results/sale_customers/symlinks/dt=2026-01-31/symlink.txt',
    },
  });
  expect(result.status).toBe('SUCCEEDED');
});

it('refuses to run without its reference table, and says how to put it', async () => {
  const { result, calls } = await tryRun({ referenceFiles: 0 });
  expect(calls).toHaveLength(1);
  expect(result).toMatchObject({
    status: 'FAILED',
    error: 'Find the reference table',
    cause: expect.stringMatching(
      /^customers was never put: .*lake -- put-reference --name customers/,
    ) as string,
  });
});

it.each([
  ['a day', { date: '2026-01-31' }],
  ['a schedule: the day before', { scheduledTime: '2026-02-01T03:00:00Z' }],
  [
    'the marker of a sealed day',
    {
      detail: {
        bucket: { name: 'lake' },
        object: { key: 'sale/sealed/dt=2026-01-31.json' },
      },
    },
  ],
])('is started by %s', async (_, input) => {
  const { result } = await tryRun({ input });
  expect(result.output).toMatchObject({ date: '2026-01-31' });
});

it.each([
  ['no day', {}, run],
  ['a day that is none', { date: '2026-13-01' }, run],
  ['SQL', { date: "2026-01-31' OR '1'='1" }, run],
  ['more than a day', { date: '2026-01-31\n' }, run],
  ['a number', { date: 20260131 }, run],
  ['null', { date: null }, run],
  ['another object', { detail: { object: { key: 'sale/raw/x.parquet' } } }, run],
  ['a run whose name ends the location', { date: '2026-01-31' }, "r' WITH (format='CSV') --"],
])('an input with %s is refused before anything is called', async (_, input, name) => {
  const { result, calls } = await tryRun({ input, name });
  expect(calls).toEqual([]);
  expect(result).toMatchObject({
    status: 'FAILED',
    error: 'Check the input',
    cause: expect.stringContaining('{"date":"2026-01-31"}') as string,
  });
});

const steps = [
  'Find the reference table',
  'Write the rows',
  'Count the rows',
  'Read the counts',
  'Swap in the result',
] as const;

it.each(steps)('where "%s" fails, the run says so and the result before stays', async (step) => {
  const { result, calls } = await tryRun({ failAt: steps.indexOf(step) });
  expect(result).toMatchObject({
    status: 'FAILED',
    error: step,
    cause: '{"Status":{"StateChangeReason":"no"}}',
  });
  expect(calls.map(({ resource }) => resource)).not.toContain('aws-sdk:s3:copyObject');
});

it('waits and tries again where Athena takes no more, and gives up after five times', async () => {
  const error = new ServiceError('Athena.TooManyRequestsException', 'slow down');
  expect((await tryRun({ failAt: 1, error, times: 5 })).result.status).toBe('SUCCEEDED');
  expect((await tryRun({ failAt: 1, error, times: 6 })).result).toMatchObject({
    status: 'FAILED',
    error: 'Write the rows',
    cause: 'slow down',
  });
});

it('two runs of one day never write to the same place', async () => {
  const [first, second] = await Promise.all([tryRun({ name: 'a' }), tryRun({ name: 'b' })]);
  expect(first.calls[1]?.parameters['QueryString']).not.toBe(
    second.calls[1]?.parameters['QueryString'],
  );
});

it('runs on Spark where the join says so, and swaps in the list that the job wrote', async () => {
  const { result, calls } = await tryRun({ join: { ...saleCustomers, engine: 'spark' } });
  expect(calls[1]).toEqual({
    resource: 'glue:startJobRun.sync',
    parameters: {
      JobName: 'job',
      Arguments: {
        '--date': '2026-01-31',
        '--run': run,
        '--manifest': `s3://lake/query-results/${run}-manifest.csv`,
      },
    },
  });
  expect(calls.at(-1)?.parameters['CopySource']).toBe(`lake/query-results/${run}-manifest.csv`);
  expect(result.status).toBe('SUCCEEDED');
});

describe.each(shop.joins.map((join) => [join.name, join] as const))('%s', (_, join) => {
  const { States, StartAt } = joinStateMachine({ join, ...place });

  it('has a way to each state and from each but the last', () => {
    const reached = new Set([StartAt]);
    for (const state of Object.values(States)) {
      if ('Next' in state) reached.add(state.Next);
      if (state.Type === 'Choice')
        [...state.Choices.map(({ Next }) => Next), state.Default].forEach((next) =>
          reached.add(next),
        );
      if (state.Type === 'Task') state.Catch.forEach(({ Next }) => reached.add(Next));
    }
    expect([...reached].sort()).toEqual(Object.keys(States).sort());
  });

  it('calls no function, and catches every failure', () => {
    for (const state of Object.values(States)) {
      if (state.Type !== 'Task') continue;
      expect(state.Resource).toMatch(/^arn:aws:states:::(athena|aws-sdk:s3):/);
      expect(state.Catch).toMatchObject([{ ErrorEquals: ['States.ALL'], Next: 'Failed' }]);
    }
  });
});
