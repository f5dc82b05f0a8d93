import jsonata from 'jsonata';
import type { State, StateMachine, TaskState } from '../joins/state-machine';

/** Error with which a service refuses a call. */
export class ServiceError extends Error {
  constructor(
    readonly error: string,
    readonly said: string,
  ) {
    super(`${error}: ${said}`);
  }
}

export interface RunOptions {
  readonly input: unknown;
  readonly run: string;
  /** Answers a call, given the last part of its resource: `athena:startQueryExecution.sync`. */
  readonly call: (resource: string, parameters: unknown) => unknown;
}

export interface RunResult {
  readonly status: 'SUCCEEDED' | 'FAILED';
  readonly path: readonly string[];
  readonly output?: unknown;
  readonly error?: string;
  readonly cause?: string;
}

/** Runs a state machine like Step Functions, but without waiting. */
export async function runStateMachine(
  machine: StateMachine,
  { input, run, call }: RunOptions,
): Promise<RunResult> {
  const variables: Record<string, unknown> = {};
  const path: string[] = [];
  const evaluate = async (value: unknown, states: object): Promise<unknown> => {
    if (typeof value === 'string') {
      const [, text] = /^\{%([\s\S]*)%\}$/.exec(value) ?? [];
      if (text === undefined) return value;
      const result: unknown = await jsonata(text).evaluate(undefined, { ...variables, states });
      if (result === undefined) throw new Error(`no value: ${text}`);
      return result;
    }
    if (Array.isArray(value)) return Promise.all(value.map((item) => evaluate(item, states)));
    if (typeof value !== 'object' || value === null) return value;
    const members = Object.entries(value).map(
      async ([name, member]) => [name, await evaluate(member, states)] as const,
    );
    return Object.fromEntries(await Promise.all(members));
  };
  const assign = async (assignments: object | undefined, states: object): Promise<void> => {
    Object.assign(variables, await evaluate(assignments ?? {}, states));
  };
  const task = async (state: TaskState, states: object): Promise<string> => {
    const parameters = await evaluate(state.Arguments, states);
    for (let attempt = 0; ; attempt++)
      try {
        const result = call(state.Resource.replace('arn:aws:states:::', ''), parameters);
        await assign(state.Assign, { ...states, result });
        return state.Next;
      } catch (error) {
        if (!(error instanceof ServiceError)) throw error;
        const retrier = state.Retry.find(({ ErrorEquals }) => ErrorEquals.includes(error.error));
        if (retrier && attempt < retrier.MaxAttempts) continue;
        const [catcher] = state.Catch;
        if (!catcher) throw error;
        const errorOutput = { Error: error.error, Cause: error.said };
        await assign(catcher.Assign, { ...states, errorOutput });
        return catcher.Next;
      }
  };

  const states = { input, context: { Execution: { Name: run } } };
  for (let name = machine.StartAt; ;) {
    path.push(name);
    const state: State | undefined = machine.States[name];
    switch (state?.Type) {
      case 'Pass':
        await assign(state.Assign, states);
        name = state.Next;
        break;
      case 'Choice': {
        const found: string[] = [];
        for (const { Condition, Next } of state.Choices)
          if ((await evaluate(Condition, states)) === true) found.push(Next);
        name = found[0] ?? state.Default;
        break;
      }
      case 'Task':
        name = await task(state, states);
        break;
      case 'Succeed':
        return { status: 'SUCCEEDED', path, output: await evaluate(state.Output, states) };
      case 'Fail':
        return {
          status: 'FAILED',
          path,
          error: String(await evaluate(state.Error, states)),
          cause: String(await evaluate(state.Cause, states)),
        };
      default:
        throw new Error(`there is no state ${name}`);
    }
  }
}
