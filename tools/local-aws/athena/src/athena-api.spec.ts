// The official client, unmodified, against the local Athena.
import {
  AthenaClient,
  DeleteWorkGroupCommand,
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  paginateGetQueryResults,
  StartQueryExecutionCommand,
  StopQueryExecutionCommand,
  type QueryExecution as SdkExecution,
  type StartQueryExecutionCommandInput,
} from '@aws-sdk/client-athena';
import * as crypto from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { RecordFolder } from '@sluice/local-state-files';
import { signatureV4, startAwsJson, type LocalServer } from '@sluice/local-http';
import { athenaApi } from './athena-api';
import { bucket, LakeUnderTest } from './lake-under-test';
import { QueryExecutions, type QueryExecution } from './query-executions';
import { runQuery } from './query-engine';

const lake = new LakeUnderTest();
const workGroups = [
  { name: 'sluice', outputLocation: `s3://${bucket}/query-results/`, isEnforced: true },
  { name: 'primary', outputLocation: undefined, isEnforced: false },
];
let executions: QueryExecutions;
let server: LocalServer;
let client: AthenaClient;

async function open(timeoutMs = 60_000): Promise<void> {
  executions = new QueryExecutions({
    objects: lake.objects,
    records: new RecordFolder<QueryExecution>(join(lake.objects, 'records')),
    workGroups,
    run: (query, signal) =>
      runQuery({ catalog: lake.catalog, objects: lake.objects, memoryMb: 256 }, query, signal),
    timeoutMs,
  });
  server = await startAwsJson({
    credentials: { accessKeyId: 'local', secretAccessKey: 'secret' },
    permits: (_role, ...permission) => `refused ${permission.join(' ')}`,
    services: [athenaApi(executions)],
    reportError: (error) => {
      throw error;
    },
  });
  client = sdk('local');
}

const sdk = (accessKeyId: string, secretAccessKey = 'secret'): AthenaClient =>
  new AthenaClient({
    endpoint: server.url,
    region: 'us-east-1',
    credentials: { accessKeyId, secretAccessKey },
    maxAttempts: 1,
  });

async function close(): Promise<void> {
  client.destroy();
  await executions.close();
  await server.close();
}

beforeEach(() => open());
afterEach(close);

async function start(
  QueryString: string,
  more: Partial<StartQueryExecutionCommandInput> = {},
): Promise<string> {
  const command = new StartQueryExecutionCommand({ QueryString, WorkGroup: 'sluice', ...more });
  return (await client.send(command)).QueryExecutionId!;
}

async function finished(id: string): Promise<SdkExecution> {
  for (;;) {
    const { QueryExecution } = await client.send(
      new GetQueryExecutionCommand({ QueryExecutionId: id }),
    );
    if (!['QUEUED', 'RUNNING'].includes(QueryExecution!.Status!.State!)) return QueryExecution!;
    await delay(10);
  }
}

const rejection = async (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'none',
    (error: unknown) => (error as Error).name,
  );

const results = (QueryExecutionId: string) =>
  client.send(new GetQueryResultsCommand({ QueryExecutionId }));

test('a query runs, and its rows come with the types of its columns after their names', async () => {
  const id = await start(
    `SELECT CAST(1 AS bigint) AS n, 'a,"b"\n' AS t, CAST(NULL AS varchar) AS nothing, '' AS blank, 1e7 AS d,
     CAST(2 AS double) AS e, TIMESTAMP '2026-01-02 03:04:05' AS at, true AS yes, [1, NULL] AS list, DATE '2026-01-02' AS day,
     CAST(1.50 AS decimal(5, 2)) AS exact, {'a': 'x'} AS entry`,
    { QueryExecutionContext: { Database: 'db' } },
  );
  const { Status, StatementType, WorkGroup, ResultConfiguration, Statistics } = await finished(id);
  expect(Status).toMatchObject({
    State: 'SUCCEEDED',
    SubmissionDateTime: expect.any(Date),
    CompletionDateTime: expect.any(Date),
  });
  expect(Statistics?.TotalExecutionTimeInMillis).toBeGreaterThanOrEqual(0);
  expect({ StatementType, WorkGroup }).toEqual({ StatementType: 'DML', WorkGroup: 'sluice' });
  const key = `query-results/${id}.csv`;
  expect(ResultConfiguration?.OutputLocation).toBe(`s3://${bucket}/${key}`);
  expect(readFileSync(lake.path(key), 'utf8')).toMatch(/^"n","t",/);

  const { ResultSet } = await results(id);
  expect(ResultSet?.ResultSetMetadata?.ColumnInfo?.map(({ Name, Type }) => [Name, Type])).toEqual([
    ['n', 'bigint'],
    ['t', 'varchar'],
    ['nothing', 'varchar'],
    ['blank', 'varchar'],
    ['d', 'double'],
    ['e', 'double'],
    ['at', 'timestamp'],
    ['yes', 'boolean'],
    ['list', 'array'],
    ['day', 'date'],
    ['exact', 'decimal'],
    ['entry', 'row'],
  ]);
  expect(ResultSet?.Rows?.map(({ Data }) => Data?.map(({ VarCharValue }) => VarCharValue))).toEqual(
    [
      ['n', 't', 'nothing', 'blank', 'd', 'e', 'at', 'yes', 'list', 'day', 'exact', 'entry'],
      [
        '1',
        'a,"b"\n',
        undefined,
        '',
        '1.0E7',
        '2.0',
        '2026-01-02 03:04:05.000',
        'true',
        '[1, null]',
        '2026-01-02',
        '1.50',
        '{a=x}',
      ],
    ],
  );
});

test.each([1, 2, 7, 1000])('pages of %d rows hold every row once', async (MaxResults) => {
  const id = await start(
    `SELECT CASE WHEN range % 3 > 0 THEN 'é"\n' || range END AS x FROM range(20)`,
  );
  await finished(id);
  const texts: (string | undefined)[] = [];
  for await (const { ResultSet } of paginateGetQueryResults(
    { client, pageSize: MaxResults },
    { QueryExecutionId: id },
  )) {
    expect(ResultSet!.Rows!.length).toBeLessThanOrEqual(MaxResults);
    texts.push(...ResultSet!.Rows!.map(({ Data }) => Data![0]!.VarCharValue));
  }
  expect(texts).toEqual([
    'x',
    ...Array.from({ length: 20 }, (_, n) => (n % 3 > 0 ? `é"\n${n}` : undefined)),
  ]);
});

test('parameters are bound, and a value that is no literal fails the query', async () => {
  const sql = 'SELECT ? AS x WHERE ? > 1';
  const id = await start(sql, { ExecutionParameters: ["'it''s'", '2'] });
  expect(await finished(id)).toMatchObject({
    Status: { State: 'SUCCEEDED' },
    ExecutionParameters: ["'it''s'", '2'],
  });
  expect((await results(id)).ResultSet?.Rows?.[1]?.Data).toEqual([{ VarCharValue: "it's" }]);
  const hostile = await finished(
    await start(sql, { ExecutionParameters: ['1; DROP TABLE x', '2'] }),
  );
  expect(hostile.Status).toMatchObject({
    State: 'FAILED',
    StateChangeReason: expect.stringMatching(/not a literal/),
  });
});

test('the same token is the same execution, before and after a restart', async () => {
  const more = { ClientRequestToken: 'a-token-of-more-than-32-characters' };
  const ids = await Promise.all([1, 2, 3].map(() => start('SELECT 1 AS x', more)));
  expect(new Set(ids).size).toBe(1);
  const [id = ''] = ids;
  await finished(id);
  await close();
  await open();
  expect(await start('SELECT 1 AS x', more)).toBe(id);
  expect((await finished(id)).Status?.State).toBe('SUCCEEDED');
  expect((await results(id)).ResultSet?.Rows).toHaveLength(2);
  expect(await rejection(start('SELECT 2 AS x', more))).toBe('InvalidRequestException');
});

const endless = 'SELECT count(*) FROM range(1000000000) a, range(1000000) b';

test('a query can be stopped, one that waits too', async () => {
  const ids = await Promise.all([1, 2, 3].map(() => start(endless)));
  const states = await Promise.all(
    ids.map(async (id) => {
      await client.send(new StopQueryExecutionCommand({ QueryExecutionId: id }));
      return (await finished(id)).Status;
    }),
  );
  expect(states).toEqual(
    ids.map((): unknown =>
      expect.objectContaining({ State: 'CANCELLED', StateChangeReason: 'Query cancelled by user' }),
    ),
  );
  expect(await rejection(results(ids[0]!))).toBe('InvalidRequestException');
});

test('a query that takes too long fails', async () => {
  await close();
  await open(100);
  expect((await finished(await start(endless))).Status).toMatchObject({
    State: 'FAILED',
    StateChangeReason: 'Query timeout after 0.1 s',
  });
});

test('closing cancels what runs, and a query that a crash cut off is known as cancelled', async () => {
  const id = await start(endless);
  await close();
  await open();
  expect((await finished(id)).Status?.State).toBe('CANCELLED');
  const records = new RecordFolder<QueryExecution>(join(lake.objects, 'records'));
  records.open();
  records.put('cut-off', { ...records.get(id)!, id: 'cut-off', state: 'RUNNING' });
  await close();
  await open();
  expect((await finished('cut-off')).Status).toMatchObject({
    State: 'CANCELLED',
    StateChangeReason: 'the local stack ended while the query ran',
  });
});

test('a failed query says why', async () => {
  const { Status } = await finished(await start('SELECT * FROM nothing'));
  expect(Status).toMatchObject({
    State: 'FAILED',
    StateChangeReason: expect.stringMatching(/nothing does not exist/),
    AthenaError: { ErrorCategory: 2, Retryable: false },
  });
});

test.each<[string, () => Promise<unknown>]>([
  ['an unknown workgroup', () => start('SELECT 1', { WorkGroup: 'other' })],
  ['no place for results', () => start('SELECT 1', { WorkGroup: 'primary' })],
  ['an empty query', () => start(' ')],
  ['a query that is too long', () => start(`SELECT '${'x'.repeat(262_144)}'`)],
  ['an unknown id', () => results('nothing')],
  ['an id that is a path', () => results('../../x')],
])('%s is an InvalidRequestException', async (_, call) => {
  expect(await rejection(call())).toBe('InvalidRequestException');
});

test('results of a query whose file is gone are an InvalidRequestException', async () => {
  const id = await start('SELECT 1');
  await finished(id);
  rmSync(lake.path(`query-results/${id}.csv`));
  expect(await rejection(results(id))).toBe('InvalidRequestException');
});

test("a workgroup that enforces nothing takes the request's own place", async () => {
  const id = await start('SELECT 1', {
    WorkGroup: 'primary',
    ResultConfiguration: { OutputLocation: `s3://${bucket}/mine` },
  });
  await finished(id);
  expect(existsSync(lake.path(`mine/${id}.csv`))).toBe(true);
});

test('a role needs to be allowed to use the workgroup, also for an execution of it', async () => {
  const { credentialsOf } = signatureV4(crypto, {
    accessKeyId: 'local',
    secretAccessKey: 'secret',
  });
  const own = credentialsOf('analytics');
  const role = sdk(own.accessKeyId, own.secretAccessKey);
  const workGroup = 'arn:aws:athena:us-east-1:000000000000:workgroup';
  await expect(
    role.send(new StartQueryExecutionCommand({ QueryString: 'SELECT 1', WorkGroup: 'sluice' })),
  ).rejects.toMatchObject({
    name: 'AccessDeniedException',
    message: `refused athena:StartQueryExecution ${workGroup}/sluice`,
  });
  await expect(
    role.send(new StartQueryExecutionCommand({ QueryString: 'SELECT 1' })),
  ).rejects.toMatchObject({ message: `refused athena:StartQueryExecution ${workGroup}/primary` });
  const QueryExecutionId = await start('SELECT 1');
  await expect(role.send(new GetQueryExecutionCommand({ QueryExecutionId }))).rejects.toMatchObject(
    { message: `refused athena:GetQueryExecution ${workGroup}/sluice` },
  );
  role.destroy();
});

test('a wrong access key, a wrong secret, and an operation that is not there, are refused', async () => {
  expect(
    await rejection(sdk('other').send(new GetQueryExecutionCommand({ QueryExecutionId: 'x' }))),
  ).toBe('UnrecognizedClientException');
  expect(
    await rejection(
      sdk('local', 'guessed').send(new GetQueryExecutionCommand({ QueryExecutionId: 'x' })),
    ),
  ).toBe('InvalidSignatureException');
  const unknown = client.send(new DeleteWorkGroupCommand({ WorkGroup: 'sluice' }));
  expect(await rejection(unknown)).toBe('UnknownOperationException');
});
