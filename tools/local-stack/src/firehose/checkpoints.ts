import {
  mkdirSync,
  openSync,
  closeSync,
  fsyncSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';

/** Sequence number of the last record of each shard that was delivered. */
export type Positions = ReadonlyMap<string, string>;

/**
 * Positions in a file. A write is durable when it returns, and a crash leaves either the old file or the
 * new one; what was delivered after the last write is delivered again.
 */
export class Checkpoints {
  readonly #file: string;
  #positions: Map<string, string>;

  constructor(file: string) {
    this.#file = file;
    this.#positions = readPositions(file);
  }

  get positions(): Positions {
    return this.#positions;
  }

  /** Shards that are not named keep their position. */
  advance(positions: Positions): void {
    this.#positions = new Map([...this.#positions, ...positions]);
    mkdirSync(dirname(this.#file), { recursive: true });
    const draft = `${this.#file}.draft`;
    const handle = openSync(draft, 'w');
    try {
      writeSync(handle, JSON.stringify(Object.fromEntries(this.#positions)));
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(draft, this.#file);
  }
}

function readPositions(file: string): Map<string, string> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Map();
    throw error;
  }
  return new Map(Object.entries(JSON.parse(text) as Record<string, string>));
}
