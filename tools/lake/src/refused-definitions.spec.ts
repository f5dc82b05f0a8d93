import { dataDirectory, takeDataDirectory } from '@sluice/lake-layout/data-directory';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  checkServed,
  definitionsFingerprint,
  forgetRefusedDefinitions,
  noteRefusedDefinitions,
} from './refused-definitions';

const dataDir = mkdtempSync(join(tmpdir(), 'sluice-refused-'));
afterAll(() => rmSync(dataDir, { recursive: true }));

const directory = dataDirectory(dataDir);
const definition = join(directory.definitions, 'order.event.json');

test('a command goes by definitions that the running stack has refused as little as the stack does', () => {
  mkdirSync(directory.definitions, { recursive: true });
  writeFileSync(definition, '{}');
  const refuse = (): void =>
    noteRefusedDefinitions(
      directory,
      definitionsFingerprint(directory.definitions),
      'it is no event type',
    );
  const check = (): void => checkServed(dataDir);
  refuse();
  // Nothing runs: the next start says what it thinks of them.
  expect(check).not.toThrow();
  const lock = takeDataDirectory(dataDir);
  try {
    expect(check).toThrow(
      'the stack has refused the current definitions and still uses earlier ones: it is no event type.',
    );
    writeFileSync(definition, '{"name":"order"}');
    expect(check).not.toThrow();
    refuse();
    expect(check).toThrow();
    forgetRefusedDefinitions(directory);
    expect(check).not.toThrow();
  } finally {
    if ('release' in lock) lock.release();
  }
});
