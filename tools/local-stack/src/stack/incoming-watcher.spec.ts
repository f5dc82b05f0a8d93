import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { watchIncoming } from './incoming-watcher';

const folder = mkdtempSync(join(tmpdir(), 'sluice-incoming-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('a dropped file is told once, when it no longer grows', async () => {
  const told: string[] = [];
  const watcher = watchIncoming({
    bucketFolder: folder,
    everyMs: 40,
    onFile: ({ key, bytes }) => told.push(`${key} ${bytes}`),
  });
  try {
    mkdirSync(join(folder, 'incoming', 'order', 'deeper'), { recursive: true });
    writeFileSync(join(folder, 'incoming', 'no-event-type.ndjson'), 'x');
    const file = join(folder, 'incoming', 'order', 'deeper', 'a.ndjson');
    for (let line = 0; line < 10; line++) {
      appendFileSync(file, '{}\n');
      await delay(5);
    }
    for (let wait = 0; wait < 100 && told.length === 0; wait++) await delay(20);
    await delay(120);
    expect(told).toEqual(['incoming/order/deeper/a.ndjson 30']);
    writeFileSync(file, 'another\n');
    for (let wait = 0; wait < 100 && told.length < 2; wait++) await delay(20);
    expect(told).toEqual(['incoming/order/deeper/a.ndjson 30', 'incoming/order/deeper/a.ndjson 8']);
  } finally {
    await watcher.close();
  }
});
