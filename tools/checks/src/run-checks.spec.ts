import { NotApplicable, Unexpected, type NamedCheck, type Outcome } from './check';
import { checkList, countByStatus, textTable } from './report';
import { runChecks, UnknownCheckError } from './run-checks';

const check = (
  id: string,
  needs: readonly string[] = [],
  outcome: string | Outcome | Error = 'seen',
): NamedCheck<undefined> & { readonly what: string } => ({
  id,
  what: `${id} holds.`,
  needs,
  run: () => (outcome instanceof Error ? Promise.reject(outcome) : Promise.resolve(outcome)),
});

const checks = [
  check('a.one'),
  check('a.two', ['a.one'], new Unexpected('not seen')),
  check('b.three', ['a.two']),
  check('b.four', [], new NotApplicable('nothing there')),
  check('c.five', [], new TypeError('fetch failed')),
  check('c.six', [], { status: 'advice', observed: 'slow', toDo: ['Raise it.'] }),
  check('c.seven', ['c.six']),
];

test('one that fails stops those that need it, and no other; advice stops none', async () => {
  const started: string[] = [];
  const results = await runChecks(checks, undefined, {
    nowMs: () => 0,
    onStart: ({ id }) => started.push(id),
  });
  expect(results.map(({ id, status, observed }) => [id, status, observed])).toEqual([
    ['a.one', 'passed', 'seen'],
    ['a.two', 'failed', 'not seen'],
    ['b.three', 'skipped', 'needs a.two, which did not pass'],
    ['b.four', 'skipped', 'nothing there'],
    ['c.five', 'failed', 'TypeError: fetch failed'],
    ['c.six', 'advice', 'slow'],
    ['c.seven', 'passed', 'seen'],
  ]);
  expect(started).toEqual(checks.map(({ id }) => id));
  expect(results[5]).toEqual({
    id: 'c.six',
    what: 'c.six holds.',
    status: 'advice',
    observed: 'slow',
    toDo: ['Raise it.'],
    seconds: 0,
  });
  expect(countByStatus(results)).toEqual({ passed: 2, failed: 2, advice: 1, skipped: 2 });
});

test.each([
  [['b.three'], ['a.one', 'a.two', 'b.three']],
  [['b'], ['a.one', 'a.two', 'b.three', 'b.four']],
  [['a.one'], ['a.one']],
])('only %j runs %j', async (only, ids) =>
  expect((await runChecks(checks, undefined, { only })).map(({ id }) => id)).toEqual(ids),
);

test('a name that no check has is refused with those that there are', async () =>
  expect(runChecks(checks, undefined, { only: ['z'] })).rejects.toThrow(UnknownCheckError));

test('a table wraps its cells at words', () =>
  expect(
    textTable(
      [
        { title: 'a', width: 5, text: ({ a }) => a },
        { title: 'b', width: 3, text: ({ b }) => b },
      ],
      [{ a: 'two words', b: 'x' }],
    ).split('\n'),
  ).toEqual([
    '┌───────┬─────┐',
    '│ a     │ b   │',
    '├───────┼─────┤',
    '│ two   │ x   │',
    '│ words │     │',
    '└───────┴─────┘',
  ]));

test('a list has each text below its check, at the width of a terminal', () => {
  const text = checkList(
    [
      { id: 'a.one', status: 'passed', seen: 'few' },
      { id: 'a.two', status: 'failed', seen: 'a word '.repeat(12) },
    ],
    ({ seen }) => ({ expected: 'many', seen }),
  );
  expect(text.split('\n')).toEqual([
    'passed   a.one',
    '         expected  many',
    '         seen      few',
    'failed   a.two',
    '         expected  many',
    `         seen      ${'a word '.repeat(8).trim()} a`,
    `                   word ${'a word '.repeat(3).trim()}`,
  ]);
});
