import { textWidth } from '.';
import { progressLine, startProgress } from './progress';

test('startProgress writes plain lines now and then where there is no terminal', () => {
  let written = '';
  let nowMs = 0;
  const progress = startProgress({
    label: 'Posting',
    total: 1000,
    stream: { isTTY: false, write: (text: string) => (written += text) } as never,
    now: () => nowMs,
  });
  for (nowMs = 0; nowMs <= 4000; nowMs += 100) progress.update(nowMs / 10, nowMs);
  progress.stop();
  expect(written.trimEnd().split('\n')).toEqual([
    'Posting: 20%, 2000 events, 1000/s, about 8 s left',
    'Posting: 40%, 4000 events, 1000/s, about 6 s left',
  ]);
});

const state = {
  label: 'Posting a-file-with-a-rather-long-name-of-its-own-2026-11-26.ndjson.gz',
  share: 0.456,
  counted: 'events',
  count: 12_345_678,
  countPerSecond: 24_567,
  secondsLeft: 4_321,
};

test.each([200, 80, 60, 40, 20])('a bar fits %i columns', (columns) => {
  for (const share of [0, 0.456, 1])
    for (const label of ['Posting a.json', state.label, `Posting ${'注文'.repeat(20)}.json`])
      expect(textWidth(progressLine({ ...state, label, share }, columns))).toBeLessThan(columns);
});

test('at 80 columns a bar has all that it says', () => {
  expect(progressLine({ ...state, label: 'Posting a.json' }, 80)).toBe(
    'Posting a.json  ███████░░░░░░░░   45%  12,345,678 events  24,567/s  72 min left',
  );
  expect(progressLine(state, 80)).toContain('12,345,678 events  24,567/s  72 min left');
});

test('a sentence is written above the bar, on lines that fit', () => {
  let written = '';
  const stream = (isTTY: boolean): NodeJS.WriteStream =>
    ({
      isTTY,
      columns: 80,
      write: (text: string) => (written += text),
      cursorTo: () => true,
      clearLine: () => true,
      moveCursor: () => true,
      on: () => undefined,
    }) as never;
  for (const [isTTY, expected] of [
    [false, 'left out\n'],
    [true, '\r\u001b[Kleft out\n'],
  ] as const) {
    const progress = startProgress({ label: 'Posting', total: 1, stream: stream(isTTY) });
    written = '';
    progress.say('left out');
    expect(written).toBe(expected);
    progress.stop();
  }
});
