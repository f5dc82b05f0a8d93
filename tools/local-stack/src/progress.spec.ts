import { startProgress } from './progress';

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
