import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { watchDefinitions } from './watch-definitions';

const root = mkdtempSync(join(tmpdir(), 'sluice-watch-'));
afterAll(() => rmSync(root, { recursive: true }));

test('a definition that is added, changed or removed is noticed, and nothing else is', async () => {
  const folder = join(root, 'event-types');
  const watch = watchDefinitions(folder);
  const file = join(folder, 'a.event.json');
  const never = new AbortController();
  const other = watch.changed(never.signal).then(() => 'changed');
  mkdirSync(folder);
  writeFileSync(join(folder, 'a.event.json.123.tmp'), '{');
  expect(await Promise.race([other, delay(1_500, 'nothing')])).toBe('nothing');
  never.abort();

  for (const act of [
    () => writeFileSync(file, '{}'),
    () => writeFileSync(file, '{"name":"a"}'),
    () => rmSync(file),
  ]) {
    act();
    await watch.changed(new AbortController().signal);
  }
});
