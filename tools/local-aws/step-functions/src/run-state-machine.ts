import { setTimeout as delay } from 'node:timers/promises';
import { evaluateTemplate, type Bindings } from './evaluate-template';
import { covers, retryDelaySeconds, StateError } from './state-error';
import type { Catcher, State, StateMachine, TaskState, WaitState } from './state-machine';

/** `$states.context`, with the members that state machines here use. */
export interface ExecutionContext {
  readonly Execution: {
    readonly Id: string;
    readonly Input: unknown;
    readonly Name: string;
    readonly RoleArn: string;
    /** Start of the execution, in ISO 8601. */
    readonly StartTime: string;
    readonly RedriveCount: number;
  };
  readonly StateMachine: { readonly Id: string; readonly Name: string };
}

/**
 * Carries out a Task.
 *
 * @throws {@link StateError} for errors that Retry and Catch may handle; any other error becomes `States.Runtime`
 */
export type RunTask = (resource: string, args: unknown, signal: AbortSignal) => Promise<unknown>;

export interface RunOptions {
  readonly machine: StateMachine;
  readonly context: ExecutionContext;
  readonly runTask: RunTask;
  /** Ends the execution as soon as possible. */
  readonly signal: AbortSignal;
  /** Called for each state that is entered, left or fails. */
  readonly log?: (event: object) => void;
  readonly wait?: (seconds: number, signal: AbortSignal) => Promise<void>;
  readonly random?: () => number;
  readonly now?: () => number;
}

export type ExecutionOutcome =
  | { readonly status: 'SUCCEEDED'; readonly output: unknown }
  | { readonly status: 'FAILED' | 'TIMED_OUT'; readonly error: string; readonly cause: string }
  | { readonly status: 'ABORTED' };

/**
 * Largest number of state transitions. Source: developer guide, "Quotas": events of an execution's history, of which
 * a state makes at least two.
 */
const maxTransitions = 12_500;

/** Largest input or output of a state or an execution, in bytes. Source: developer guide, "Quotas". */
const maxPayloadBytes = 262_144;

/** Runs a state machine to its end. */
export async function runStateMachine(options: RunOptions): Promise<ExecutionOutcome> {
  const { machine, context, signal } = options;
  const timeout = new AbortController();
  const timer =
    machine.TimeoutSeconds === undefined
      ? undefined
      : setTimeout(() => timeout.abort(), machine.TimeoutSeconds * 1000);
  try {
    const run = new Run({ ...options, signal: AbortSignal.any([signal, timeout.signal]) });
    return await run.toEnd(machine.StartAt, context.Execution.Input);
  } catch (error) {
    if (signal.aborted) return { status: 'ABORTED' };
    if (timeout.signal.aborted)
      return { status: 'TIMED_OUT', error: 'States.Timeout', cause: 'the execution took too long' };
    const { error: name, cause } = asStateError(error);
    return { status: 'FAILED', error: name, cause };
  } finally {
    clearTimeout(timer);
  }
}

interface Step {
  /** Name of the next state; undefined where the execution has succeeded. */
  readonly next: string | undefined;
  readonly output: unknown;
}

class Run {
  readonly #options: Required<RunOptions>;
  #variables: Bindings = {};

  constructor(options: RunOptions) {
    this.#options = {
      log: () => undefined,
      wait: async (seconds, signal) => {
        await delay(seconds * 1000, undefined, { signal });
      },
      random: Math.random,
      now: Date.now,
      ...options,
    };
  }

  async toEnd(startAt: string, executionInput: unknown): Promise<ExecutionOutcome> {
    const { machine, signal, log } = this.#options;
    let name = startAt;
    let input = executionInput;
    for (let transition = 1; transition <= maxTransitions; transition++) {
      signal.throwIfAborted();
      const state = machine.States[name];
      if (!state) throw new StateError('States.Runtime', `there is no state ${name}`);
      log({ event: 'entered', state: name, input });
      const { next, output } = await this.#step(name, state, input);
      if (Buffer.byteLength(JSON.stringify(output)) > maxPayloadBytes)
        throw new StateError('States.DataLimitExceeded', `the output of ${name} is over 256 KiB`);
      log({ event: 'left', state: name, output });
      if (next === undefined) return { status: 'SUCCEEDED', output };
      name = next;
      input = output;
    }
    throw new StateError('States.Runtime', `the execution has over ${maxTransitions} transitions`);
  }

  async #step(name: string, state: State, input: unknown): Promise<Step> {
    const states = { input, context: this.#contextOf(name) };
    switch (state.Type) {
      case 'Fail': {
        const { Error = '', Cause = '' } = state;
        throw new StateError(
          String(await this.#evaluate(Error, states)),
          String(await this.#evaluate(Cause, states)),
        );
      }
      case 'Succeed':
        return { next: undefined, output: await this.#output(state, states, input) };
      case 'Pass':
        return this.#leave(state, states, input, state.Next);
      case 'Wait':
        await this.#options.wait(await this.#seconds(state, states), this.#options.signal);
        return this.#leave(state, states, input, state.Next);
      case 'Choice': {
        for (const choice of state.Choices) {
          const holds = await this.#evaluate(choice.Condition, states);
          if (typeof holds !== 'boolean')
            throw new StateError(
              'States.QueryEvaluationError',
              `a Condition of ${name} is no boolean: ${String(choice.Condition)}`,
            );
          if (holds) return this.#leave(choice, states, input, choice.Next);
        }
        if (state.Default === undefined)
          throw new StateError('States.NoChoiceMatched', `no choice of ${name} matched`);
        return this.#leave(state, states, input, state.Default);
      }
      case 'Task':
        return this.#task(name, state, input);
    }
  }

  /** Repeats a task until it succeeds, or fails with an error that Retry does not cover. */
  async #task(name: string, state: TaskState, input: unknown): Promise<Step> {
    const { log, wait, random, signal } = this.#options;
    const retries = new Map<number, number>();
    for (let retryCount = 0; ; retryCount++) {
      const context = this.#contextOf(name, retryCount);
      try {
        const result = await this.#attempt(state, { input, context });
        return await this.#leave(state, { input, context, result }, result, state.Next);
      } catch (thrown) {
        signal.throwIfAborted();
        const error = asStateError(thrown);
        log({ event: 'failed', state: name, error: error.error, cause: error.cause });
        const index = (state.Retry ?? []).findIndex((rule) => covers(rule, error.error));
        const retrier = state.Retry?.[index];
        const used = retries.get(index) ?? 0;
        const seconds = retrier && retryDelaySeconds(retrier, used, random);
        if (seconds === undefined) return await this.#caught(state, { input, context }, error);
        retries.set(index, used + 1);
        await wait(seconds, signal);
      }
    }
  }

  async #attempt(state: TaskState, states: object): Promise<unknown> {
    const { runTask, signal } = this.#options;
    const args = await this.#evaluate(state.Arguments ?? {}, states);
    const seconds = Number(await this.#evaluate(state.TimeoutSeconds ?? Infinity, states));
    signal.throwIfAborted();
    if (seconds === Infinity) return runTask(state.Resource, args, signal);
    const timeout = new AbortController();
    const timer = setTimeout(() => timeout.abort(), seconds * 1000);
    try {
      return await runTask(state.Resource, args, AbortSignal.any([signal, timeout.signal]));
    } catch (error) {
      if (timeout.signal.aborted)
        throw new StateError('States.Timeout', `the task took more than ${seconds} s`);
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  async #caught(state: TaskState, states: object, thrown: StateError): Promise<Step> {
    const catcher: Catcher | undefined = state.Catch?.find((rule) => covers(rule, thrown.error));
    if (!catcher) throw thrown;
    const errorOutput = { Error: thrown.error, Cause: thrown.cause };
    return this.#leave(catcher, { ...states, errorOutput }, errorOutput, catcher.Next);
  }

  /**
   * Evaluates Output and Assign. Both see the variables' old values, so they are evaluated before any variable is
   * set.
   */
  async #leave(
    rule: { readonly Output?: unknown; readonly Assign?: Readonly<Record<string, unknown>> },
    states: object,
    standard: unknown,
    next: string | undefined,
  ): Promise<Step> {
    const output = await this.#output(rule, states, standard);
    const assigned = await this.#evaluate(rule.Assign ?? {}, states);
    this.#variables = { ...this.#variables, ...(assigned as Bindings) };
    return { next, output };
  }

  #output(
    rule: { readonly Output?: unknown },
    states: object,
    standard: unknown,
  ): Promise<unknown> {
    return rule.Output === undefined
      ? Promise.resolve(standard)
      : this.#evaluate(rule.Output, states);
  }

  #evaluate(template: unknown, states: object): Promise<unknown> {
    return evaluateTemplate(template, { ...this.#variables, states });
  }

  async #seconds({ Seconds, Timestamp }: WaitState, states: object): Promise<number> {
    const value = await this.#evaluate(Seconds ?? Timestamp, states);
    const seconds =
      Seconds === undefined
        ? (Date.parse(String(value)) - this.#options.now()) / 1000
        : Number(value);
    if (Number.isNaN(seconds))
      throw new StateError('States.Runtime', `a Wait can't wait for ${JSON.stringify(value)}`);
    return Math.max(0, seconds);
  }

  #contextOf(name: string, retryCount = 0): object {
    const EnteredTime = new Date(this.#options.now()).toISOString();
    return { ...this.#options.context, State: { EnteredTime, Name: name, RetryCount: retryCount } };
  }
}

const asStateError = (error: unknown): StateError =>
  error instanceof StateError ? error : new StateError('States.Runtime', String(error));
