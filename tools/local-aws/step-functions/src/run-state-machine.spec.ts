import { readStateMachine } from './state-machine';
import { runStateMachine, type ExecutionOutcome, type RunTask } from './run-state-machine';
import { StateError } from './state-error';

type States = Readonly<Record<string, unknown>>;

interface Options {
  readonly input?: unknown;
  readonly runTask?: RunTask;
  readonly machine?: object;
  readonly signal?: AbortSignal;
}

/** Seconds of each wait. */
let waits: number[];
beforeEach(() => (waits = []));

const noTask: RunTask = (resource) => Promise.reject(new Error(`no task ${resource}`));

async function run(states: States, options: Options = {}): Promise<ExecutionOutcome> {
  const { input = {}, runTask = noTask, signal = new AbortController().signal } = options;
  const machine = readStateMachine(
    JSON.stringify({
      QueryLanguage: 'JSONata',
      StartAt: Object.keys(states)[0],
      States: states,
      ...options.machine,
    }),
  );
  return runStateMachine({
    machine,
    context: {
      Execution: {
        Id: 'arn:execution',
        Input: input,
        Name: 'run-1',
        RoleArn: 'arn:role',
        StartTime: '2026-01-02T03:04:05.678Z',
        RedriveCount: 0,
      },
      StateMachine: { Id: 'arn:machine', Name: 'machine' },
    },
    runTask,
    signal,
    wait: (seconds) => {
      waits.push(seconds);
      return Promise.resolve();
    },
    random: () => 0.5,
    now: () => Date.UTC(2026, 0, 2),
  });
}

const succeeded = (output: unknown): ExecutionOutcome => ({ status: 'SUCCEEDED', output });

/** Returns the output of a single Pass state. */
const passed = async (Output: unknown, input: unknown = {}): Promise<unknown> => {
  const outcome = await run({ P: { Type: 'Pass', Output, End: true } }, { input });
  return outcome.status === 'SUCCEEDED' ? outcome.output : outcome;
};

describe('an expression', () => {
  test.each<[unknown, unknown]>([
    ['plain', 'plain'],
    ['{% $states.input.a %}', [1, 2]],
    ['{%$sum($states.input.a)%}', 3],
    ['not {% $states.input.a %}', 'not {% $states.input.a %}'],
    [
      { a: [{ b: '{% 1 + 1 %}' }], n: null },
      { a: [{ b: 2 }], n: null },
    ],
    ['{% $states.context.Execution.Name %}', 'run-1'],
    ['{% $states.context.Execution.StartTime %}', '2026-01-02T03:04:05.678Z'],
    ['{% $states.context.Execution.Input.t %}', 'x'],
    ['{% $states.context.State.Name & $states.context.StateMachine.Name %}', 'Pmachine'],
    [
      "{% $fromMillis($toMillis($states.context.Execution.StartTime) - 86400000, '[Y0001]-[M01]-[D01]') %}",
      '2026-01-01',
    ],
    ['{% $substringAfter("s3://b/k", "s3://") %}', 'b/k'],
    ['{% $parse(\'{"a":[1]}\').a %}', [1]],
    ['{% $partition([1, 2, 3], 2) %}', [[1, 2], [3]]],
    ['{% $range(0, 1, 0.5) %}', [0, 0.5, 1]],
    [
      "{% $hash('a', 'SHA-256') %}",
      'ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb',
    ],
    ['{% $length($uuid()) %}', 36],
    ['{% $states.input.a[$ > 1] %}', 2],
    ['{% $states.input.a.($ * 2) %}', [2, 4]],
  ])('%j is %j', async (template, value) => {
    expect(await passed(template, { a: [1, 2], t: 'x' })).toEqual(value);
  });

  test.each([
    ['{% $states.input.nothing %}', /returned nothing/],
    ['{% $states.input. %}', /could not be evaluated/],
    ['{% $error("no") %}', /no\./],
    ["{% $eval('1') %}", /not supported/],
    ['{% $range(1, 2000, 1) %}', /more than 1000/],
  ])('%s fails the execution', async (template, cause) => {
    expect(await passed(template)).toEqual({
      status: 'FAILED',
      error: 'States.QueryEvaluationError',
      cause: expect.stringMatching(cause),
    });
  });
});

test('variables reach every later state, and are set together', async () => {
  const outcome = await run({
    First: { Type: 'Pass', Assign: { a: 1, b: 2 }, Next: 'Swap' },
    Swap: {
      Type: 'Pass',
      Assign: { a: '{% $b %}', b: '{% $a %}' },
      Output: '{% $a %}',
      Next: 'Last',
    },
    Last: { Type: 'Succeed', Output: ['{% $a %}', '{% $b %}', '{% $states.input %}'] },
  });
  expect(outcome).toEqual(succeeded([2, 1, 1]));
});

test('a state without Output hands its input on, a task its result', async () => {
  const outcome = await run(
    {
      P: { Type: 'Pass', Next: 'T' },
      T: { Type: 'Task', Resource: 'r', Arguments: { got: '{% $states.input.x %}' }, Next: 'S' },
      S: { Type: 'Succeed' },
    },
    { input: { x: 1 }, runTask: (resource, args) => Promise.resolve({ resource, args }) },
  );
  expect(outcome).toEqual(succeeded({ resource: 'r', args: { got: 1 } }));
});

describe('a Choice', () => {
  const choose = (Default?: string): States => ({
    C: {
      Type: 'Choice',
      Choices: [
        {
          Condition: '{% $states.input.n > 10 and $contains($states.input.t, /^[a-z]+$/) %}',
          Next: 'Large',
          Assign: { n: '{% $states.input.n %}' },
        },
        { Condition: '{% $exists($states.input.m) %}', Output: 'had m', Next: 'Other' },
      ],
      ...(Default !== undefined && { Default }),
    },
    Large: { Type: 'Pass', Output: '{% $n %}', End: true },
    Other: { Type: 'Pass', End: true },
  });
  test.each<[unknown, ExecutionOutcome]>([
    [{ n: 11, t: 'abc' }, succeeded(11)],
    [{ n: 11, t: 'ABC', m: null }, succeeded('had m')],
    [{ n: 1, t: '' }, succeeded({ n: 1, t: '' })],
  ])('of %j goes the first way that holds', async (input, outcome) => {
    expect(await run(choose('Other'), { input })).toEqual(outcome);
  });

  test('that nothing matches fails without a Default', async () => {
    expect(await run(choose(), { input: { n: 1, t: '' } })).toMatchObject({
      status: 'FAILED',
      error: 'States.NoChoiceMatched',
    });
  });

  test('on what is no boolean fails', async () => {
    const states = {
      C: { Type: 'Choice', Choices: [{ Condition: '{% 1 %}', Next: 'S' }] },
      S: { Type: 'Succeed' },
    };
    expect(await run(states)).toMatchObject({
      status: 'FAILED',
      error: 'States.QueryEvaluationError',
    });
  });
});

test.each([
  [{ Seconds: 5 }, 5],
  [{ Seconds: '{% $states.input.s %}' }, 7],
  [{ Timestamp: '2026-01-02T00:01:00Z' }, 60],
  [{ Timestamp: '2020-01-01T00:00:00Z' }, 0],
])('a Wait with %j', async (field, seconds) => {
  await run({ W: { Type: 'Wait', ...field, End: true } }, { input: { s: 7 } });
  expect(waits).toEqual([seconds]);
});

test('Fail ends with an error and a cause that may be expressions', async () => {
  const states = { F: { Type: 'Fail', Error: '{% $states.input.e %}', Cause: 'so it is' } };
  expect(await run(states, { input: { e: 'E' } })).toEqual({
    status: 'FAILED',
    error: 'E',
    cause: 'so it is',
  });
});

/** Returns a task that fails with each of the errors, then succeeds. */
function failing(...errors: string[]): { runTask: RunTask; calls: () => number } {
  let calls = 0;
  return {
    runTask: () => {
      const error = errors[calls++];
      return error === undefined
        ? Promise.resolve('done')
        : Promise.reject(
            error === 'bug' ? new TypeError('bug') : new StateError(error, `cause of ${error}`),
          );
    },
    calls: () => calls,
  };
}

const task = (more: object): States => ({
  T: { Type: 'Task', Resource: 'r', End: true, ...more },
  Caught: { Type: 'Pass', End: true },
});

describe('Retry', () => {
  test.each<[string, object[], string[], readonly number[], string]>([
    ['waits longer each time', [{ ErrorEquals: ['A'] }], ['A', 'A', 'A'], [1, 2, 4], 'SUCCEEDED'],
    ['gives up after its attempts', [{ ErrorEquals: ['A'] }], ['A', 'A', 'A', 'A'], [1, 2, 4], 'A'],
    ['is not for other errors', [{ ErrorEquals: ['A'] }], ['B'], [], 'B'],
    [
      'takes its own numbers',
      [{ ErrorEquals: ['A'], IntervalSeconds: 3, BackoffRate: 1.5, MaxAttempts: 2 }],
      ['A', 'A', 'A'],
      [3, 4.5],
      'A',
    ],
    [
      'has a longest wait',
      [{ ErrorEquals: ['A'], IntervalSeconds: 4, MaxDelaySeconds: 5 }],
      ['A', 'A'],
      [4, 5],
      'SUCCEEDED',
    ],
    [
      'draws its wait',
      [{ ErrorEquals: ['A'], JitterStrategy: 'FULL' }],
      ['A', 'A'],
      [0.5, 1],
      'SUCCEEDED',
    ],
    ['never happens with no attempts', [{ ErrorEquals: ['A'], MaxAttempts: 0 }], ['A'], [], 'A'],
    [
      'counts for each rule',
      [
        { ErrorEquals: ['A'], MaxAttempts: 1 },
        { ErrorEquals: ['States.ALL'], MaxAttempts: 1, IntervalSeconds: 9 },
      ],
      ['A', 'B'],
      [1, 9],
      'SUCCEEDED',
    ],
    [
      'by States.TaskFailed',
      [{ ErrorEquals: ['States.TaskFailed'] }],
      ['Athena.X'],
      [1],
      'SUCCEEDED',
    ],
    [
      'by States.TaskFailed not of a time-out',
      [{ ErrorEquals: ['States.TaskFailed'] }],
      ['States.Timeout'],
      [],
      'States.Timeout',
    ],
    [
      'by States.ALL of a time-out',
      [{ ErrorEquals: ['States.ALL'] }],
      ['States.Timeout'],
      [1],
      'SUCCEEDED',
    ],
    [
      'by States.ALL not of a fault of the runtime',
      [{ ErrorEquals: ['States.ALL'] }],
      ['bug'],
      [],
      'States.Runtime',
    ],
    [
      'by States.ALL not of too much data',
      [{ ErrorEquals: ['States.ALL'] }],
      ['States.DataLimitExceeded'],
      [],
      'States.DataLimitExceeded',
    ],
  ])('%s', async (_, Retry, errors, expectedWaits, end) => {
    const outcome = await run(task({ Retry }), failing(...errors));
    expect(waits).toEqual(expectedWaits);
    expect(outcome.status === 'FAILED' ? outcome.error : outcome.status).toBe(end);
  });
});

describe('Catch', () => {
  const catchAll = { ErrorEquals: ['States.ALL'], Next: 'Caught' };
  test.each<[string, object, ExecutionOutcome]>([
    ['hands the error on', { Catch: [catchAll] }, succeeded({ Error: 'A', Cause: 'cause of A' })],
    [
      'may say what it hands on',
      { Catch: [{ ...catchAll, Output: '{% $states.errorOutput.Error & $states.input.x %}' }] },
      succeeded('A1'),
    ],
    [
      'comes after Retry',
      { Retry: [{ ErrorEquals: ['A'], MaxAttempts: 1 }], Catch: [catchAll] },
      succeeded('done'),
    ],
    [
      'is by name',
      { Catch: [{ ErrorEquals: ['B'], Next: 'Caught' }] },
      { status: 'FAILED', error: 'A', cause: 'cause of A' },
    ],
  ])('%s', async (_, more, outcome) => {
    expect(await run(task(more), { ...failing('A'), input: { x: 1 } })).toEqual(outcome);
  });

  test('may set variables', async () => {
    const states = {
      ...task({ Catch: [{ ...catchAll, Assign: { why: '{% $states.errorOutput.Cause %}' } }] }),
      Caught: { Type: 'Fail', Error: 'T', Cause: '{% $why %}' },
    };
    expect(await run(states, failing('A'))).toEqual({
      status: 'FAILED',
      error: 'T',
      cause: 'cause of A',
    });
  });

  test("covers expressions of the task's own", async () => {
    const more = {
      Arguments: '{% $states.input.nothing %}',
      Catch: [{ ErrorEquals: ['States.QueryEvaluationError'], Output: 'caught', Next: 'Caught' }],
    };
    expect(await run(task(more), failing())).toEqual(succeeded('caught'));
  });
});

const endless: RunTask = (_resource, _args, signal) =>
  new Promise((_, reject) =>
    signal.addEventListener('abort', () => reject(new StateError('States.TaskFailed', 'stopped'))),
  );

test('a task that takes too long is a States.Timeout', async () => {
  expect(await run(task({ TimeoutSeconds: 0.05 }), { runTask: endless })).toMatchObject({
    status: 'FAILED',
    error: 'States.Timeout',
  });
});

test('an execution that takes too long is TIMED_OUT, whatever it would catch', async () => {
  const Catch = [{ ErrorEquals: ['States.ALL'], Next: 'Caught' }];
  expect(
    await run(task({ Catch }), { runTask: endless, machine: { TimeoutSeconds: 0.05 } }),
  ).toMatchObject({ status: 'TIMED_OUT' });
});

test('an execution that is stopped is ABORTED, whatever it would catch', async () => {
  const controller = new AbortController();
  const Catch = [{ ErrorEquals: ['States.ALL'], Next: 'Caught' }];
  const running = run(task({ Catch }), { runTask: endless, signal: controller.signal });
  controller.abort();
  expect(await running).toEqual({ status: 'ABORTED' });
});

test('too much data and endless loops end an execution', async () => {
  expect(await passed('{% $pad("", 300000) %}')).toMatchObject({
    error: 'States.DataLimitExceeded',
  });
  expect(
    await run({ A: { Type: 'Pass', Next: 'B' }, B: { Type: 'Pass', Next: 'A' } }),
  ).toMatchObject({ error: 'States.Runtime' });
});

test.each<[string, object, RegExp]>([
  ['another query language', { QueryLanguage: 'JSONPath' }, /JSONata/],
  ['an unknown target', { StartAt: 'X' }, /StartAt goes to X, which is no state/],
  ['an unknown type', { States: { T: { Type: 'Map', End: true } } }, /T is a Map/],
  [
    'a field of JSONPath',
    { States: { T: { Type: 'Task', Resource: 'r', ResultPath: '$', End: true } } },
    /ResultPath/,
  ],
  ['no end', { States: { T: { Type: 'Pass' } } }, /Next or "End"/],
  [
    'States.ALL among others',
    {
      States: {
        T: {
          Type: 'Task',
          Resource: 'r',
          End: true,
          Retry: [{ ErrorEquals: ['States.ALL', 'A'] }],
        },
      },
    },
    /alone and last/,
  ],
  [
    'States.ALL before others',
    {
      States: {
        T: {
          Type: 'Task',
          Resource: 'r',
          End: true,
          Catch: [
            { ErrorEquals: ['States.ALL'], Next: 'T' },
            { ErrorEquals: ['A'], Next: 'T' },
          ],
        },
      },
    },
    /alone and last/,
  ],
])('a definition with %s is refused', (_, definition, message) => {
  const whole = {
    QueryLanguage: 'JSONata',
    StartAt: 'T',
    States: { T: { Type: 'Succeed' } },
    ...definition,
  };
  expect(() => readStateMachine(JSON.stringify(whole))).toThrow(message);
});
