/** The part of the Amazon States Language that joins use; its query language is JSONata. */
export interface StateMachine {
  readonly Comment: string;
  readonly QueryLanguage: 'JSONata';
  readonly StartAt: string;
  readonly TimeoutSeconds: number;
  readonly States: Readonly<Record<string, State>>;
}

export type State = PassState | ChoiceState | TaskState | SucceedState | FailState;

interface Described {
  readonly Comment?: string;
}

export interface PassState extends Described {
  readonly Type: 'Pass';
  readonly Assign?: Assignments;
  readonly Next: string;
}

export interface ChoiceState extends Described {
  readonly Type: 'Choice';
  readonly Choices: readonly { readonly Condition: string; readonly Next: string }[];
  readonly Default: string;
}

export interface TaskState extends Described {
  readonly Type: 'Task';
  readonly Resource: string;
  readonly Arguments: Readonly<Record<string, unknown>>;
  readonly TimeoutSeconds?: number;
  readonly Retry: readonly Retrier[];
  readonly Catch: readonly Catcher[];
  readonly Assign?: Assignments;
  readonly Next: string;
}

export interface SucceedState extends Described {
  readonly Type: 'Succeed';
  readonly Output: Readonly<Record<string, unknown>>;
}

export interface FailState extends Described {
  readonly Type: 'Fail';
  readonly Error: string;
  readonly Cause: string;
}

export interface Retrier {
  readonly ErrorEquals: readonly string[];
  readonly IntervalSeconds: number;
  readonly MaxAttempts: number;
  readonly BackoffRate: number;
  readonly JitterStrategy: 'FULL';
}

export interface Catcher {
  readonly ErrorEquals: readonly string[];
  readonly Assign: Assignments;
  readonly Next: string;
}

/** Variable → value or expression. All later states can use the variables. */
export type Assignments = Readonly<Record<string, unknown>>;
