/**
 * A state machine. Names and rules follow the Amazon States Language specification (states-language.net), with
 * JSONata.
 */
export interface StateMachine {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
  /** Longest time of a whole execution, in seconds; afterwards it is TIMED_OUT. */
  readonly TimeoutSeconds?: number;
}

export type State = TaskState | PassState | ChoiceState | WaitState | SucceedState | FailState;

interface Transition {
  readonly Next?: string;
  readonly End?: boolean;
}

/** Any JSON value, in which texts `{% … %}` are expressions. */
export type Template = unknown;

interface Variables {
  readonly Assign?: Readonly<Record<string, Template>>;
  readonly Output?: Template;
}

export interface TaskState extends Transition, Variables {
  readonly Type: 'Task';
  readonly Resource: string;
  readonly Arguments?: Template;
  /** A number or an expression, in seconds. */
  readonly TimeoutSeconds?: Template;
  readonly Retry?: readonly Retrier[];
  readonly Catch?: readonly Catcher[];
}

export interface PassState extends Transition, Variables {
  readonly Type: 'Pass';
}

export interface ChoiceState extends Variables {
  readonly Type: 'Choice';
  readonly Choices: readonly Choice[];
  readonly Default?: string;
}

export interface Choice extends Variables {
  readonly Condition: Template;
  readonly Next: string;
}

export interface WaitState extends Transition, Variables {
  readonly Type: 'Wait';
  readonly Seconds?: Template;
  readonly Timestamp?: Template;
}

export interface SucceedState {
  readonly Type: 'Succeed';
  readonly Output?: Template;
}

export interface FailState {
  readonly Type: 'Fail';
  readonly Error?: Template;
  readonly Cause?: Template;
}

export interface Retrier {
  readonly ErrorEquals: readonly string[];
  readonly IntervalSeconds?: number;
  readonly MaxAttempts?: number;
  readonly BackoffRate?: number;
  readonly MaxDelaySeconds?: number;
  readonly JitterStrategy?: 'FULL' | 'NONE';
}

export interface Catcher extends Variables {
  readonly ErrorEquals: readonly string[];
  readonly Next: string;
}

/** Error for a state machine that can't be run here; the message names the state. */
export class DefinitionRefused extends Error {
  override readonly name = 'DefinitionRefused';
}

const common = ['Type', 'Comment', 'QueryLanguage'];
const variables = ['Assign', 'Output'];
const transition = ['Next', 'End'];

/** The supported fields of each type of state. */
const fields: Readonly<Record<State['Type'], readonly string[]>> = {
  Task: [...transition, ...variables, 'Resource', 'Arguments', 'TimeoutSeconds', 'Retry', 'Catch'],
  Pass: [...transition, ...variables],
  Choice: [...variables, 'Choices', 'Default'],
  Wait: [...transition, ...variables, 'Seconds', 'Timestamp'],
  Succeed: ['Output'],
  Fail: ['Error', 'Cause'],
};

type Unchecked = Readonly<Record<string, unknown>>;

/**
 * Reads a definition in JSON. Refuses whatever is not supported here, so that nothing silently behaves differently
 * than in the cloud.
 *
 * @throws {@link DefinitionRefused}
 */
export function readStateMachine(text: string): StateMachine {
  const definition = JSON.parse(text) as Unchecked & { readonly States?: Unchecked };
  const { QueryLanguage, StartAt, States = {} } = definition;
  for (const [name, state] of Object.entries(States))
    checkState(name, state as Unchecked, QueryLanguage);
  const targets = [['StartAt', StartAt], ...Object.entries(States).flatMap(targetsOf)] as const;
  for (const [from, target] of targets)
    if (typeof target !== 'string' || !(target in States))
      throw new DefinitionRefused(`${from} goes to ${String(target)}, which is no state`);
  return definition as unknown as StateMachine;
}

function checkState(name: string, state: Unchecked, inherited: unknown): void {
  const type = String(state['Type']);
  if (!(type in fields))
    throw new DefinitionRefused(`${name} is a ${type}, which is not known here`);
  if ((state['QueryLanguage'] ?? inherited) !== 'JSONata')
    throw new DefinitionRefused(`${name} does not have "QueryLanguage": "JSONata"`);
  const known = [...common, ...fields[type as State['Type']]];
  const unknown = Object.keys(state).find((field) => !known.includes(field));
  if (unknown !== undefined)
    throw new DefinitionRefused(`${name} has the field ${unknown}, which is not known here`);
  const needsNext = ['Task', 'Pass', 'Wait'].includes(type);
  if (needsNext && (state['Next'] === undefined) === (state['End'] !== true))
    throw new DefinitionRefused(`${name} needs either Next or "End": true`);
  if (type === 'Wait' && (state['Seconds'] === undefined) === (state['Timestamp'] === undefined))
    throw new DefinitionRefused(`${name} needs either Seconds or Timestamp`);
  for (const rules of [state['Retry'], state['Catch']]) checkErrorNames(name, rules);
}

/** Checks the error names of rules: `States.ALL` must stand alone and last. */
function checkErrorNames(name: string, rules: unknown): void {
  const lists = ((rules ?? []) as readonly { readonly ErrorEquals?: readonly string[] }[]).map(
    ({ ErrorEquals = [] }) => ErrorEquals,
  );
  lists.forEach((names, index) => {
    const isMisplaced =
      names.includes('States.ALL') && (names.length > 1 || index < lists.length - 1);
    if (names.length === 0 || isMisplaced)
      throw new DefinitionRefused(`${name} needs error names, States.ALL alone and last`);
  });
}

function targetsOf([name, state]: readonly [string, unknown]): readonly (readonly [
  string,
  unknown,
])[] {
  const { Next, Default, Choices, Catch } = state as Unchecked;
  const rules = [...((Choices ?? []) as Unchecked[]), ...((Catch ?? []) as Unchecked[])];
  return [
    ...[Next, Default].filter((target) => target !== undefined),
    ...rules.map((rule) => rule['Next']),
  ].map((target) => [name, target] as const);
}
