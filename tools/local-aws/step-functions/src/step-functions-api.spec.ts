// The official client, unmodified, against the local Step Functions.
import {
  DescribeExecutionCommand,
  ListExecutionsCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
  type DescribeExecutionCommandOutput,
} from '@aws-sdk/client-sfn';
import * as crypto from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { RecordFolder } from '@sluice/local-state-files';
import { signatureV4, startAwsJson, type LocalServer } from '@sluice/local-http';
import { Executions, recordId, type Execution } from './executions';
import { StateError } from './state-error';
import { readStateMachine } from './state-machine';
import { stepFunctionsApi } from './step-functions-api';

const stateMachineArn = 'arn:aws:states:us-east-1:000000000000:stateMachine:join';
const definition = readStateMachine(
  JSON.stringify({
    QueryLanguage: 'JSONata',
    StartAt: 'T',
    States: { T: { Type: 'Task', Resource: 'r', Arguments: '{% $states.input %}', End: true } },
  }),
);

const folder = mkdtempSync(join(tmpdir(), 'sluice-sfn-'));
afterAll(() => rmSync(folder, { recursive: true }));

let executions: Executions;
let server: LocalServer;
let client: SFNClient;
let runs = 0;

async function open(): Promise<void> {
  executions = new Executions({
    machines: [{ arn: stateMachineArn, name: 'join', roleArn: 'arn:role', definition }],
    records: new RecordFolder<Execution>(folder),
    runTask: async (_resource, args, signal) => {
      runs++;
      const { wait, fail } = args as { readonly wait?: boolean; readonly fail?: boolean };
      if (wait === true) await delay(60_000, undefined, { signal });
      if (fail === true) throw new StateError('A', 'as asked');
      return { args };
    },
    log: () => undefined,
  });
  server = await startAwsJson({
    credentials,
    permits: (_role, ...permission) => `refused ${permission.join(' ')}`,
    services: [stepFunctionsApi(executions)],
    reportError: (error) => {
      throw error;
    },
  });
  client = sdk(credentials);
}

const credentials = { accessKeyId: 'local', secretAccessKey: 'secret' };

const sdk = (own: typeof credentials): SFNClient =>
  new SFNClient({ endpoint: server.url, region: 'us-east-1', credentials: own, maxAttempts: 1 });

async function close(): Promise<void> {
  client.destroy();
  await executions.close();
  await server.close();
}

beforeEach(open);
afterEach(close);

async function start(name: string | undefined, input: unknown = {}): Promise<string> {
  const { executionArn, startDate } = await client.send(
    new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) }),
  );
  expect(startDate).toBeInstanceOf(Date);
  return executionArn!;
}

const describeExecution = (executionArn: string): Promise<DescribeExecutionCommandOutput> =>
  client.send(new DescribeExecutionCommand({ executionArn }));

test('a role needs to be allowed to start the state machine, and to see the execution', async () => {
  const role = sdk(signatureV4(crypto, credentials).credentialsOf('analytics'));
  const refusal = (call: Promise<unknown>) => expect(call).rejects;
  await refusal(role.send(new StartExecutionCommand({ stateMachineArn }))).toMatchObject({
    name: 'AccessDeniedException',
    message: `refused states:StartExecution ${stateMachineArn}`,
  });
  const executionArn = await start('seen');
  await refusal(role.send(new DescribeExecutionCommand({ executionArn }))).toMatchObject({
    message: `refused states:DescribeExecution ${executionArn}`,
  });
  role.destroy();
});

const rejection = async (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'none',
    (error: unknown) => (error as Error).name,
  );

test('an execution runs and tells its output', async () => {
  const arn = await start('one', { a: 1 });
  expect(arn).toBe('arn:aws:states:us-east-1:000000000000:execution:join:one');
  await executions.idle();
  expect(await describeExecution(arn)).toMatchObject({
    executionArn: arn,
    stateMachineArn,
    name: 'one',
    status: 'SUCCEEDED',
    input: '{"a":1}',
    output: '{"args":{"a":1}}',
    startDate: expect.any(Date),
    stopDate: expect.any(Date),
  });
});

test('a failed one tells error and cause', async () => {
  const arn = await start(undefined, { fail: true });
  await executions.idle();
  expect(await describeExecution(arn)).toMatchObject({
    status: 'FAILED',
    error: 'A',
    cause: 'as asked',
  });
});

test('the same name is the same execution while it runs, and refused with another input or afterwards', async () => {
  const before = runs;
  const arns = await Promise.all([start('twice', { wait: true }), start('twice', { wait: true })]);
  expect(new Set(arns).size).toBe(1);
  expect(runs - before).toBe(1);
  expect(await rejection(start('twice', { wait: false }))).toBe('ExecutionAlreadyExists');
  const [executionArn] = arns;
  await client.send(new StopExecutionCommand({ executionArn, error: 'E', cause: 'enough' }));
  expect(await describeExecution(executionArn)).toMatchObject({
    status: 'ABORTED',
    error: 'E',
    cause: 'enough',
  });
  expect(await rejection(start('twice', { wait: true }))).toBe('ExecutionAlreadyExists');
});

test('executions are known after a restart; what ran then is ABORTED', async () => {
  const ended = await start('ended');
  await executions.idle();
  const running = await start('running', { wait: true });
  await close();
  await open();
  expect(await describeExecution(ended)).toMatchObject({ status: 'SUCCEEDED' });
  expect(await describeExecution(running)).toMatchObject({
    status: 'ABORTED',
    error: 'LocalStack.Stopped',
  });
  const list = await client.send(
    new ListExecutionsCommand({ stateMachineArn, statusFilter: 'ABORTED' }),
  );
  expect(list.executions?.map(({ name }) => name)).toContain('running');
});

test('a crash leaves no execution running', async () => {
  const records = new RecordFolder<Execution>(folder);
  const [any] = records.open();
  const arn = `${any!.arn}-x`;
  records.put(recordId(arn), { ...any!, arn, name: 'cut', status: 'RUNNING' });
  await close();
  await open();
  expect(executions.list(stateMachineArn).filter(({ status }) => status === 'RUNNING')).toEqual([]);
});

test.each<[string, () => Promise<unknown>]>([
  [
    'StateMachineDoesNotExist',
    () => client.send(new StartExecutionCommand({ stateMachineArn: `${stateMachineArn}s` })),
  ],
  [
    'InvalidExecutionInput',
    () => client.send(new StartExecutionCommand({ stateMachineArn, input: '{' })),
  ],
  ['InvalidName', () => start('a/b:c')],
  ['InvalidName', () => start('x'.repeat(81))],
  ['ExecutionDoesNotExist', () => describeExecution(stateMachineArn)],
])('%s', async (name, call) => {
  expect(await rejection(call())).toBe(name);
});
