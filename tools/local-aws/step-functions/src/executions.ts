import { createHash, randomUUID } from 'node:crypto';
import type { RecordFolder } from '@sluice/local-state-files';
import { ServiceError } from '@sluice/local-http';
import { runStateMachine, type RunTask } from './run-state-machine';
import type { StateMachine } from './state-machine';

/** A state machine of the templates. */
export interface DeployedStateMachine {
  readonly arn: string;
  readonly name: string;
  readonly roleArn: string;
  readonly definition: StateMachine;
}

export type ExecutionStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';

/** An execution of a state machine. Times are in milliseconds since 1970; input and output are JSON texts. */
export interface Execution {
  readonly arn: string;
  readonly stateMachineArn: string;
  readonly name: string;
  readonly status: ExecutionStatus;
  readonly input: string;
  readonly startedAtMs: number;
  readonly stoppedAtMs?: number;
  readonly output?: string;
  readonly error?: string;
  readonly cause?: string;
}

/** Carries out a Task of a state machine that has a role. */
export type RunRoleTask = (
  ...task: readonly [...Parameters<RunTask>, roleArn: string]
) => ReturnType<RunTask>;

export interface ExecutionsOptions {
  readonly machines: readonly DeployedStateMachine[];
  readonly records: RecordFolder<Execution>;
  readonly runTask: RunRoleTask;
  /** Called with each line of a state machine's log. */
  readonly log: (machine: string, line: string) => void;
}

/** How long executions are kept, in milliseconds: 90 days, as in Step Functions. */
const keepMs = 90 * 86_400_000;

/** Starts and records the executions of the deployed state machines: one for each name, kept over a restart. */
export class Executions {
  readonly #options: ExecutionsOptions;
  readonly #running = new Map<
    string,
    { readonly controller: AbortController; readonly ended: Promise<void> }
  >();
  #isClosed = false;

  constructor(options: ExecutionsOptions) {
    this.#options = options;
    for (const execution of options.records.open())
      if (execution.status === 'RUNNING')
        this.#put({ ...execution, status: 'ABORTED', stoppedAtMs: Date.now(), ...stackEnded });
      else if (execution.startedAtMs < Date.now() - keepMs)
        options.records.delete(recordId(execution.arn));
  }

  /**
   * Starts an execution. While one runs, the same name with the same input returns that execution.
   *
   * @param name by default a random one
   * @throws {@link ServiceError}
   */
  start(stateMachineArn: string, input: string, name: string = randomUUID()): Execution {
    const machine = this.#options.machines.find(({ arn }) => arn === stateMachineArn);
    if (!machine)
      throw new ServiceError(
        'StateMachineDoesNotExist',
        `State Machine Does Not Exist: '${stateMachineArn}'`,
      );
    // Source: Step Functions API reference, "StartExecution".
    if (!/^[^\s<>{}[\]?*"#%\\^|~`$&,;:/\p{C}]{1,80}$/u.test(name))
      throw new ServiceError('InvalidName', `Invalid Name: '${name}'`);
    const parsed = parseInput(input);
    const arn = `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;
    const known = this.#options.records.get(recordId(arn));
    if (known) {
      if (known.status === 'RUNNING' && known.input === input) return known;
      throw new ServiceError('ExecutionAlreadyExists', `Execution Already Exists: '${arn}'`);
    }
    if (this.#isClosed)
      throw new ServiceError('ServiceUnavailable', 'the local stack is being stopped');
    const execution: Execution = {
      arn,
      stateMachineArn,
      name,
      status: 'RUNNING',
      input,
      startedAtMs: Date.now(),
    };
    this.#put(execution);
    const controller = new AbortController();
    const ended = this.#run({ machine, execution, input: parsed, signal: controller.signal });
    this.#running.set(arn, { controller, ended });
    return execution;
  }

  async #run({
    machine,
    execution,
    input,
    signal,
  }: {
    readonly machine: DeployedStateMachine;
    readonly execution: Execution;
    readonly input: unknown;
    readonly signal: AbortSignal;
  }): Promise<void> {
    const { runTask, log } = this.#options;
    const { arn, name, startedAtMs } = execution;
    const outcome = await runStateMachine({
      machine: machine.definition,
      context: {
        Execution: {
          Id: arn,
          Input: input,
          Name: name,
          RoleArn: machine.roleArn,
          StartTime: new Date(startedAtMs).toISOString(),
          RedriveCount: 0,
        },
        StateMachine: { Id: machine.arn, Name: machine.name },
      },
      runTask: (...task) => runTask(...task, machine.roleArn),
      signal,
      log: (event) => {
        log(machine.name, JSON.stringify({ execution: name, ...event }));
      },
    });
    this.#running.delete(arn);
    const { status } = outcome;
    const ended = { ...execution, status, stoppedAtMs: Date.now() };
    if (outcome.status === 'SUCCEEDED')
      this.#put({ ...ended, output: JSON.stringify(outcome.output) });
    else if (outcome.status === 'ABORTED')
      this.#put({
        ...ended,
        ...(signal.reason as { readonly error?: string; readonly cause?: string }),
      });
    else this.#put({ ...ended, error: outcome.error, cause: outcome.cause });
    log(machine.name, JSON.stringify({ execution: name, event: 'ended', ...outcome }));
  }

  #put(execution: Execution): void {
    this.#options.records.put(recordId(execution.arn), execution);
  }

  /** Returns an execution. @throws {@link ServiceError} */
  get(arn: string): Execution {
    const execution = this.#options.records.get(recordId(arn));
    if (!execution)
      throw new ServiceError('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);
    return execution;
  }

  /** Returns the executions of a state machine, the latest first. */
  list(stateMachineArn: string): readonly Execution[] {
    return this.#options.records
      .all()
      .filter((execution) => execution.stateMachineArn === stateMachineArn)
      .sort((a, b) => b.startedAtMs - a.startedAtMs);
  }

  /** Stops an execution and waits for its end; does nothing where it has ended. @throws {@link ServiceError} */
  async stop(
    arn: string,
    reason: { readonly error?: string; readonly cause?: string },
  ): Promise<Execution> {
    this.get(arn);
    const running = this.#running.get(arn);
    running?.controller.abort(reason);
    await running?.ended;
    return this.get(arn);
  }

  /** Resolves when all executions that run now have ended. */
  async idle(): Promise<void> {
    await Promise.all([...this.#running.values()].map(({ ended }) => ended));
  }

  /** Stops all executions and accepts no further ones. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#running.keys()].map((arn) => this.stop(arn, stackEnded)));
  }
}

const stackEnded = {
  error: 'LocalStack.Stopped',
  cause: 'the local stack ended while the execution ran',
};

/**
 * Returns the name of an execution's record: a hash of its ARN, which is too long for a file name and case-sensitive.
 */
export const recordId = (arn: string): string => createHash('sha256').update(arn).digest('hex');

function parseInput(input: string): unknown {
  try {
    return JSON.parse(input) as unknown;
  } catch {
    throw new ServiceError('InvalidExecutionInput', 'Invalid State Machine Execution Input');
  }
}
