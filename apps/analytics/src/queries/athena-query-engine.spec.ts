import { athenaClient } from '@sluice/aws-clients/analytics';
import { jsonService } from '../testing/json-service';
import { athenaQueryEngine } from './athena-query-engine';
import { EngineBusy } from './query-engine';

const service = jsonService();

const engine = () =>
  athenaQueryEngine({
    client: athenaClient(service.clientOptions()),
    workGroup: 'sluice-test',
    database: 'sluice_test',
  });
const lastInput = () => service.calls.at(-1)?.input;

it('starts a query in the workgroup and the database of the lake, with its literals', async () => {
  service.answer = { QueryExecutionId: 'q1' };
  expect(await engine().start({ sql: 'SELECT ?', parameters: ["'a'"] })).toBe('q1');
  expect(lastInput()).toEqual({
    QueryString: 'SELECT ?',
    ExecutionParameters: ["'a'"],
    QueryExecutionContext: { Catalog: 'AwsDataCatalog', Database: 'sluice_test' },
    WorkGroup: 'sluice-test',
    // The SDK's own, so that an attempt made again starts nothing twice.
    ClientRequestToken: expect.stringMatching(/.{32,}/) as unknown,
  });
  await engine().start({ sql: 'SELECT 1', parameters: [] });
  expect(lastInput()).not.toHaveProperty('ExecutionParameters');
});

it('says that it is busy where Athena takes no more, and throws on anything else', async () => {
  service.answer = { refuses: 'TooManyRequestsException' };
  const query = { sql: 'SELECT 1', parameters: [] };
  await expect(engine().start(query)).rejects.toThrow(EngineBusy);
  service.answer = { refuses: 'InvalidRequestException' };
  await expect(engine().start(query)).rejects.not.toBeInstanceOf(EngineBusy);
});

it('tells of an execution, and prefers the error of Athena to the reason', async () => {
  service.answer = {
    QueryExecution: {
      QueryExecutionId: 'q1',
      Query: 'SELECT 1',
      WorkGroup: 'sluice-test',
      Status: {
        State: 'FAILED',
        StateChangeReason: 'worse words',
        AthenaError: { ErrorMessage: 'better words' },
        SubmissionDateTime: 1_795_000_000.5,
      },
      Statistics: { DataScannedInBytes: 7 },
    },
  };
  expect(await engine().find('q1')).toEqual({
    id: 'q1',
    workGroup: 'sluice-test',
    sql: 'SELECT 1',
    state: 'FAILED',
    reason: 'better words',
    submittedAt: new Date(1_795_000_000_500),
    bytesScanned: 7,
  });
});

it.each(['InvalidRequestException', 'AccessDeniedException'])(
  'finds no execution where Athena says %s',
  async (refuses) => {
    service.answer = { refuses };
    expect(await engine().find('q1')).toBeUndefined();
  },
);

it('an execution that Athena can not tell of for now is an error', async () => {
  service.answer = { refuses: 'InternalServerException' };
  await expect(engine().find('q1')).rejects.toThrow();
});

const texts = (...values: (string | null)[]) => ({
  Data: values.map((value) => (value === null ? {} : { VarCharValue: value })),
});
const ResultSetMetadata = {
  ColumnInfo: [
    { Name: 'a', Type: 'varchar' },
    { Name: 'b', Type: 'decimal', Precision: 10, Scale: 2 },
  ],
};

it('leaves the names out of the first page, asks for one row more for them, and knows null', async () => {
  service.answer = {
    ResultSet: { Rows: [texts('a', 'b'), texts('', null)], ResultSetMetadata },
    NextToken: 't1',
  };
  expect(await engine().page('q1', 1)).toEqual({
    columns: [
      { name: 'a', type: 'varchar' },
      { name: 'b', type: 'decimal', precision: 10, scale: 2 },
    ],
    rows: [['', null]],
    nextToken: 't1',
  });
  expect(lastInput()).toEqual({ QueryExecutionId: 'q1', MaxResults: 2 });
  await engine().page('q1', 1_000);
  expect(lastInput()).toMatchObject({ MaxResults: 1_000 });
});

it('takes every row of a later page', async () => {
  service.answer = { ResultSet: { Rows: [texts('x', '1')], ResultSetMetadata } };
  expect(await engine().page('q1', 5, 't1')).toMatchObject({ rows: [['x', '1']] });
  expect(lastInput()).toEqual({ QueryExecutionId: 'q1', MaxResults: 5, NextToken: 't1' });
});

it('has no page for a token that Athena does not know, and none where the results are gone', async () => {
  service.answer = { refuses: 'InvalidRequestException' };
  expect(await engine().page('q1', 5, 'x')).toBeUndefined();
  expect(await engine().page('q1', 5)).toBeUndefined();
  service.answer = { refuses: 'InternalServerException' };
  await expect(engine().page('q1', 5)).rejects.toThrow();
});

it('stops an execution', async () => {
  service.answer = {};
  await engine().stop('q1');
  expect(service.calls.at(-1)).toEqual({
    operation: 'StopQueryExecution',
    input: { QueryExecutionId: 'q1' },
  });
});
