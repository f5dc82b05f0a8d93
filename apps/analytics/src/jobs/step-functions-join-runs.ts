import {
  DescribeExecutionCommand,
  ListExecutionsCommand,
  SFNClient,
  SFNServiceException,
  StartExecutionCommand,
  type DescribeExecutionCommandOutput,
} from '@aws-sdk/client-sfn';
import { RunsBusy, type JoinRun, type JoinRuns, type RunState } from './join-runs';

export interface StepFunctionsJoinRunsOptions {
  readonly client: SFNClient;
  /** ARN of the joins' state machines without the join's name at the end. */
  readonly stateMachineArnPrefix: string;
}

/** Returns an executor that runs joins as executions of their state machines. A run's id is its execution's name. */
export const stepFunctionsJoinRuns = ({
  client,
  stateMachineArnPrefix,
}: StepFunctionsJoinRunsOptions): JoinRuns => {
  const find = async (executionArn: string): Promise<JoinRun | undefined> => {
    try {
      return run(await client.send(new DescribeExecutionCommand({ executionArn })));
    } catch (error) {
      if (isNamed(error, 'ExecutionDoesNotExist', 'InvalidArn')) return undefined;
      throw error;
    }
  };
  return {
    async start({ join, id, date }) {
      try {
        await client.send(
          new StartExecutionCommand({
            stateMachineArn: stateMachineArnPrefix + join,
            name: id,
            input: JSON.stringify({ date }),
          }),
        );
      } catch (error) {
        if (isNamed(error, 'ExecutionLimitExceeded', 'ThrottlingException'))
          throw new RunsBusy('too many runs are under way', { cause: error });
        throw error;
      }
    },
    find: ({ join, id }) =>
      find(`${stateMachineArnPrefix.replace(':stateMachine:', ':execution:')}${join}:${id}`),
    async latest({ join, most }) {
      try {
        const { executions = [] } = await client.send(
          new ListExecutionsCommand({
            stateMachineArn: stateMachineArnPrefix + join,
            maxResults: most,
          }),
        );
        // The list names neither day nor outcome.
        const runs = await Promise.all(
          executions.map(async ({ executionArn = '', name: id = '' }) => {
            const found = await find(executionArn);
            return found ? [{ id, ...found }] : [];
          }),
        );
        return runs.flat();
      } catch (error) {
        if (isNamed(error, 'ThrottlingException'))
          throw new RunsBusy('too many runs are asked for', { cause: error });
        throw error;
      }
    },
  };
};

const run = ({
  status,
  input,
  output,
  startDate,
  stopDate,
  error,
  cause,
}: DescribeExecutionCommandOutput): JoinRun => ({
  // PENDING_REDRIVE means that an execution may be restarted by hand, which Sluice does not do, so the run has
  // failed.
  state: (status === 'PENDING_REDRIVE' ? 'FAILED' : (status ?? 'RUNNING')) satisfies RunState,
  input: input === undefined ? undefined : (JSON.parse(input) as unknown),
  ...(output !== undefined && { output: JSON.parse(output) as unknown }),
  ...(startDate && { startedAt: startDate }),
  ...(stopDate && { stoppedAt: stopDate }),
  ...(error !== undefined && { error }),
  ...(cause !== undefined && { cause }),
});

const isNamed = (error: unknown, ...names: readonly string[]): boolean =>
  error instanceof SFNServiceException && names.includes(error.name);
