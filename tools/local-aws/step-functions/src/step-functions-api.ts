import { ServiceError, type JsonService } from '@sluice/local-http';
import type { Execution, Executions } from './executions';

type Input = Readonly<Record<string, unknown>>;

/** Returns the operations of Step Functions that Sluice uses. */
export const stepFunctionsApi = (executions: Executions): JsonService => ({
  target: 'AWSStepFunctions',
  signingName: 'states',
  version: '1.0',
  resourcesOf: (operation, input) => [
    text(
      input,
      operation === 'StartExecution' || operation === 'ListExecutions'
        ? 'stateMachineArn'
        : 'executionArn',
    ),
  ],
  operations: {
    StartExecution: (input) => {
      const name = input['name'];
      const { arn, startedAtMs } = executions.start(
        text(input, 'stateMachineArn'),
        typeof input['input'] === 'string' ? input['input'] : '{}',
        typeof name === 'string' ? name : undefined,
      );
      return { executionArn: arn, startDate: seconds(startedAtMs) };
    },
    DescribeExecution: (input) => describe(executions.get(text(input, 'executionArn'))),
    StopExecution: async (input) => {
      const { error, cause } = input;
      const { stoppedAtMs } = await executions.stop(text(input, 'executionArn'), {
        ...(typeof error === 'string' && { error }),
        ...(typeof cause === 'string' && { cause }),
      });
      return { stopDate: seconds(stoppedAtMs ?? Date.now()) };
    },
    ListExecutions: (input) => {
      const status = input['statusFilter'];
      const max = Number(input['maxResults'] ?? 100);
      const found = executions
        .list(text(input, 'stateMachineArn'))
        .filter((execution) => status === undefined || execution.status === status);
      return { executions: found.slice(0, max).map(summary) };
    },
  },
});

const summary = ({ arn, stateMachineArn, name, status, startedAtMs, stoppedAtMs }: Execution) => ({
  executionArn: arn,
  stateMachineArn,
  name,
  status,
  startDate: seconds(startedAtMs),
  ...(stoppedAtMs !== undefined && { stopDate: seconds(stoppedAtMs) }),
});

const describe = (execution: Execution): object => {
  const { input, output, error, cause } = execution;
  return {
    ...summary(execution),
    input,
    inputDetails: { included: true },
    ...(output !== undefined && { output, outputDetails: { included: true } }),
    ...(error !== undefined && { error }),
    ...(cause !== undefined && { cause }),
  };
};

const seconds = (ms: number): number => ms / 1000;

function text(input: Input, name: string): string {
  const value = input[name];
  if (typeof value !== 'string')
    throw new ServiceError('ValidationException', `${name} is missing`);
  return value;
}
