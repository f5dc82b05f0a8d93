import { renameSync, writeFileSync } from 'node:fs';

/** Writes a file so that a reader finds the old one or the new one, never a part; only its owner may read it. */
export function writeWhole(file: string, text: string): void {
  writeFileSync(`${file}.draft`, text, { mode: 0o600 });
  renameSync(`${file}.draft`, file);
}
