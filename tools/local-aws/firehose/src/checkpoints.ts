import { createHash } from 'node:crypto';
import { mkdirSync, openSync, closeSync, fsyncSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { readOwnFile } from '@sluice/local-state-files';

/** Sequence number of the last delivered record of each shard. */
export type Positions = ReadonlyMap<string, string>;

/**
 * Keeps positions in a file. A write is durable when it returns, and a crash leaves either the old or the new file;
 * what was delivered after the last write is delivered again. The file also holds a digest, because a changed digit
 * would make records be skipped.
 */
export class Checkpoints {
  readonly #file: string;
  #positions: Map<string, string>;

  /** @throws {@link DamagedFileError} where the file can't be read */
  constructor(file: string) {
    this.#file = file;
    this.#positions = readPositions(file);
  }

  get positions(): Positions {
    return this.#positions;
  }

  /** Moves positions forward; shards that are not named keep theirs. */
  advance(positions: Positions): void {
    this.#positions = new Map([...this.#positions, ...positions]);
    mkdirSync(dirname(this.#file), { recursive: true });
    const draft = `${this.#file}.draft`;
    const handle = openSync(draft, 'w');
    try {
      const positions = Object.fromEntries(this.#positions);
      writeSync(handle, JSON.stringify({ positions, sha256: digestOf(positions) }));
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(draft, this.#file);
  }
}

const digestOf = (positions: object): string =>
  createHash('sha256').update(JSON.stringify(positions)).digest('hex');

const readPositions = (file: string): Map<string, string> =>
  readOwnFile(
    file,
    parsePositions,
    'delete it, and the delivery begins at the oldest record that the stream still has ' +
      '(events with an identity are stored once all the same)',
  ) ?? new Map<string, string>();

/** Reads a file of positions. Earlier releases wrote the positions without a digest. */
function parsePositions(text: string): Map<string, string> {
  const value = JSON.parse(text) as Readonly<Record<string, unknown>> | null;
  if (value === null || typeof value !== 'object') throw new Error('it holds no positions');
  const { positions, sha256 } = 'positions' in value ? value : { positions: value };
  if (positions === null || typeof positions !== 'object') throw new Error('it holds no positions');
  if (sha256 !== undefined && sha256 !== digestOf(positions))
    throw new Error('its digest is that of other positions');
  return new Map(
    Object.entries(positions).map(([shardId, position]) => {
      if (typeof position !== 'string' || !/^\d+$/.test(position))
        throw new Error(`${shardId} has no position`);
      return [shardId, position];
    }),
  );
}
