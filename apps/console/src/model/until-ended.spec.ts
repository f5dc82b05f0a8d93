import { untilEnded } from './until-ended';

type Answer = string | Error;
const refused = (status: number) => Object.assign(new Error(`it answers ${status}`), { status });

/** Asks for answers in turn, a second apart; the last one is given again and again. */
function asked(answers: readonly Answer[], { signal }: { readonly signal?: AbortSignal } = {}) {
  let turn = 0;
  let nowMs = 0;
  const ended = untilEnded({
    ask: () => {
      const answer = answers[Math.min(turn++, answers.length - 1)];
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
    hasEnded: (answer) => answer === 'done',
    everyMs: 1_000,
    patienceMs: 10_000,
    now: () => nowMs,
    wait: (ms) => {
      nowMs += ms;
      return Promise.resolve();
    },
    ...(signal && { signal }),
  });
  return ended.then(
    (value) => ({ value, turn }),
    (error: unknown) => ({ error: (error as Error).message, turn }),
  );
}

test('work is asked about until it has ended, though some questions fail', async () => {
  const gone = new TypeError('Failed to fetch');
  expect(await asked(['running', gone, refused(503), refused(429), 'running', 'done'])).toEqual({
    value: 'done',
    turn: 6,
  });
});

test('questions that fail for too long end it with the last error; answers between them begin the time anew', async () => {
  expect(await asked([new Error('no answer')])).toEqual({ error: 'no answer', turn: 10 });
  const nine = Array<Error>(9).fill(new Error('no answer'));
  expect(await asked([...nine, 'running', ...nine, 'done'])).toEqual({ value: 'done', turn: 20 });
});

test('an answer that refuses the question ends it at once, and so does leaving the page', async () => {
  expect(await asked(['running', refused(404)])).toEqual({ error: 'it answers 404', turn: 2 });
  const left = AbortSignal.abort(new Error('left'));
  expect(await asked(['running'], { signal: left })).toEqual({ error: 'left', turn: 0 });
});
