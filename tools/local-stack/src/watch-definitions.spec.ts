import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { watchDefinitions } from './watch-definitions';

const folder = mkdtempSync(join(tmpdir(), 'sluice-definitions-'));
afterAll(() => rmSync(folder, { recursive: true }));

const until = async (isTrue: () => boolean): Promise<void> => {
  for (let waited = 0; !isTrue() && waited < 10_000; waited += 50) await sleep(50);
};

test('a changed definition is told once, other files are not', async () => {
  mkdirSync(join(folder, 'events'));
  const lines: string[] = [];
  const end = watchDefinitions({
    folders: [folder, join(folder, 'nowhere')],
    say: (line) => lines.push(line),
  });
  try {
    await sleep(100);
    writeFileSync(join(folder, 'events', 'order.spec.ts'), '');
    writeFileSync(join(folder, 'events', 'notes.txt'), '');
    writeFileSync(join(folder, 'events', 'order.ts'), '1');
    await until(() => lines.length > 0);
    writeFileSync(join(folder, 'events', 'order.ts'), '2');
    writeFileSync(join(folder, 'shop_order.event.json'), '{}');
    await until(() => lines.length > 1);
    await sleep(300);
    expect(lines).toEqual([
      `${join(folder, 'events', 'order.ts')} has changed; stop and run npm start again to use it.`,
      `${join(folder, 'shop_order.event.json')} has changed; stop and run npm start again to use it.`,
    ]);
  } finally {
    end();
  }
});
