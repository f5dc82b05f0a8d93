import { stepFunctionsClient } from '@sluice/aws-clients/analytics';
import { jsonService } from '../testing/json-service';
import { RunsBusy } from './join-runs';
import { stepFunctionsJoinRuns } from './step-functions-join-runs';

const service = jsonService();

afterEach(() => delete service.answerOf);

const place = 'arn:aws:states:eu-central-1:111111111111';
const runs = () =>
  stepFunctionsJoinRuns({
    client: stepFunctionsClient(service.clientOptions()),
    stateMachineArnPrefix: `${place}:stateMachine:sluice-test-join-`,
  });

it('starts an execution of the join’s state machine, named as the run', async () => {
  service.answer = { executionArn: 'x', startDate: 1 };
  await runs().start({ join: 'goals', id: 'r1', date: '2026-11-01' });
  expect(service.calls.at(-1)).toEqual({
    operation: 'StartExecution',
    input: {
      stateMachineArn: `${place}:stateMachine:sluice-test-join-goals`,
      name: 'r1',
      input: '{"date":"2026-11-01"}',
    },
  });
});

it('says that it is busy where Step Functions takes no more', async () => {
  service.answer = { refuses: 'ExecutionLimitExceeded' };
  await expect(runs().start({ join: 'goals', id: 'r1', date: '2026-11-01' })).rejects.toThrow(
    RunsBusy,
  );
});

it('finds a run among the executions of its join’s state machine alone', async () => {
  service.answer = {
    executionArn: 'x',
    status: 'SUCCEEDED',
    input: '{"date":"2026-11-01"}',
    output: '{"date":"2026-11-01","report":{"left_rows":1}}',
    startDate: 1_795_000_000,
    stopDate: 1_795_000_005,
  };
  expect(await runs().find({ join: 'goals', id: 'r1' })).toEqual({
    state: 'SUCCEEDED',
    input: { date: '2026-11-01' },
    output: { date: '2026-11-01', report: { left_rows: 1 } },
    startedAt: new Date(1_795_000_000_000),
    stoppedAt: new Date(1_795_000_005_000),
  });
  expect(service.calls.at(-1)?.input).toEqual({
    executionArn: `${place}:execution:sluice-test-join-goals:r1`,
  });
});

it('tells the step that failed and what it said', async () => {
  service.answer = { executionArn: 'x', status: 'FAILED', error: 'Write the rows', cause: 'no' };
  expect(await runs().find({ join: 'goals', id: 'r1' })).toMatchObject({
    state: 'FAILED',
    error: 'Write the rows',
    cause: 'no',
  });
});

it('lists the latest executions of a state machine, each with what is told of it alone', async () => {
  service.answerOf = (operation) =>
    operation === 'ListExecutions'
      ? { executions: ['r2', 'r1'].map((name) => ({ executionArn: `${place}:${name}`, name })) }
      : { executionArn: 'x', status: 'RUNNING', input: '{"date":"2026-11-01"}', startDate: 1 };
  const run = { state: 'RUNNING', input: { date: '2026-11-01' }, startedAt: new Date(1_000) };
  expect(await runs().latest({ join: 'goals', most: 5 })).toEqual([
    { id: 'r2', ...run },
    { id: 'r1', ...run },
  ]);
  expect(service.calls.find(({ operation }) => operation === 'ListExecutions')?.input).toEqual({
    stateMachineArn: `${place}:stateMachine:sluice-test-join-goals`,
    maxResults: 5,
  });
});

it.each(['ExecutionDoesNotExist', 'InvalidArn'])(
  'has no run where it is told %s',
  async (refuses) => {
    service.answer = { refuses };
    expect(await runs().find({ join: 'goals', id: 'r1' })).toBeUndefined();
  },
);
