import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PostedFiles } from './posted-files';

const folder = mkdtempSync(join(tmpdir(), 'sluice-posted-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('a file that was posted as an event type is known by its content', () => {
  const ledger = join(folder, 'posted.ndjson');
  const posted = new PostedFiles(ledger);
  const [file, copy] = [join(folder, 'a.ndjson'), join(folder, 'b.ndjson')];
  for (const path of [file, copy]) writeFileSync(path, '{"a":1}\n'.repeat(200_000));
  expect(posted.postedAt(file, 'foo')).toBeUndefined();
  posted.add(file, 'foo', new Date('2026-01-31T12:00:00Z'));
  appendFileSync(ledger, '{"event":"fo');
  expect(new PostedFiles(ledger).postedAt(copy, 'foo')).toBe('2026-01-31T12:00:00.000Z');
  expect(posted.postedAt(file, 'bar')).toBeUndefined();
  appendFileSync(copy, '{"a":2}\n');
  expect(posted.postedAt(copy, 'foo')).toBeUndefined();
});
