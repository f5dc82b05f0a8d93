import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { definitionSources, reportChangedSources } from './report-changed-sources';

const folder = mkdtempSync(join(tmpdir(), 'sluice-sources-'));
afterAll(() => rmSync(folder, { recursive: true }));

const until = async (isTrue: () => boolean): Promise<void> => {
  for (let waited = 0; !isTrue() && waited < 10_000; waited += 50) await sleep(50);
};

test('a changed definition is told once, tests and other files are not', async () => {
  const lines: string[] = [];
  const end = reportChangedSources({
    folders: [folder, join(folder, 'nowhere')],
    root: folder,
    say: (line) => lines.push(line),
  });
  try {
    for (const name of ['order.spec.ts', 'notes.txt', 'order.ts'])
      writeFileSync(join(folder, name), '1');
    await until(() => lines.length > 0);
    writeFileSync(join(folder, 'order.ts'), '2');
    writeFileSync(join(folder, 'parcel.ts'), '{}');
    await until(() => lines.length > 1);
    await sleep(300);
    expect(lines).toEqual(
      ['order.ts', 'parcel.ts'].map(
        (name) => `${name} has changed; stop and run npm start again to use it.`,
      ),
    );
  } finally {
    end();
  }
});

test.each(definitionSources())('%s is a folder of this workspace', (folder) => {
  expect(existsSync(folder)).toBe(true);
});
