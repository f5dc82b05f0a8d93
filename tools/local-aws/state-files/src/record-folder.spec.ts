import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RecordFolder } from './record-folder';

const root = mkdtempSync(join(tmpdir(), 'sluice-records-'));
afterAll(() => rmSync(root, { recursive: true }));

interface Run {
  readonly state: string;
}

test('records are there after a restart, but for deleted ones and those a crash left unreadable', () => {
  const folder = join(root, 'runs');
  const before = new RecordFolder<Run>(folder);
  expect(before.open()).toEqual([]);
  expect(existsSync(folder)).toBe(false);
  before.put('first', { state: 'RUNNING' });
  before.put('first', { state: 'DONE' });
  before.put('second', { state: 'FAILED' });
  before.delete('second');
  writeFileSync(join(folder, 'torn.json'), '{"state":');
  writeFileSync(join(folder, 'third.json.draft'), '{}');

  const after = new RecordFolder<Run>(folder);
  expect(after.open()).toEqual([{ state: 'DONE' }]);
  expect(after.get('first')).toEqual({ state: 'DONE' });
  expect(after.get('second')).toBeUndefined();
});

test.each(['', '../up', 'a/b', 'a.b', 'x'.repeat(129)])(
  'an id that is no file name (%j) is refused',
  (id) => {
    expect(() => new RecordFolder<Run>(join(root, 'ids')).put(id, { state: 'DONE' })).toThrow(
      RangeError,
    );
  },
);
