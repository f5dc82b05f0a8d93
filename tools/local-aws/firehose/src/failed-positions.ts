import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { readOwnFile } from '@sluice/local-state-files';

/** Position of a record that only the error output holds. */
export interface FailedPosition {
  readonly shardId: string;
  readonly sequenceNumber: string;
  readonly bytes: number;
}

/** Limits of what is kept for a delivery stream; the oldest are dropped first. */
const maxPositions = 10_000;
const maxBytes = 256 * 2 ** 20;

/**
 * Keeps the positions of failed records in a file. The stream keeps these records when it drops delivered ones,
 * because an error line does not say where its record is, and a replay looks it up in the stream. (Kinesis keeps all
 * records for its retention period.)
 */
export class FailedPositions {
  readonly #file: string;
  #positions: readonly FailedPosition[];

  /** @throws {@link DamagedFileError} where the file can't be read */
  constructor(file: string) {
    this.#file = file;
    this.#positions = readPositions(file);
  }

  /** Returns the sequence numbers of one shard's failed records, in ascending order. */
  ofShard(shardId: string): readonly string[] {
    return this.#positions
      .filter((position) => position.shardId === shardId)
      .map(({ sequenceNumber }) => sequenceNumber)
      .sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
  }

  /** Adds positions. They are durable once it returns. */
  add(positions: readonly FailedPosition[]): void {
    if (positions.length === 0) return;
    const known = new Map(
      [...this.#positions, ...positions].map((position) => [
        `${position.shardId} ${position.sequenceNumber}`,
        position,
      ]),
    );
    const newest: FailedPosition[] = [];
    let bytes = 0;
    for (const position of [...known.values()].reverse()) {
      bytes += position.bytes;
      if (newest.length === maxPositions || bytes > maxBytes) break;
      newest.push(position);
    }
    this.#positions = newest.reverse();
    mkdirSync(dirname(this.#file), { recursive: true });
    writeFileSync(`${this.#file}.draft`, JSON.stringify(this.#positions));
    renameSync(`${this.#file}.draft`, this.#file);
  }
}

const readPositions = (file: string): readonly FailedPosition[] =>
  readOwnFile(
    file,
    parsePositions,
    'delete it; what failed so far and has no identity gets one of its own when it is replayed',
  ) ?? [];

function parsePositions(text: string): readonly FailedPosition[] {
  const positions: unknown = JSON.parse(text);
  if (!Array.isArray(positions)) throw new Error('it holds no list');
  for (const position of positions as readonly (Partial<FailedPosition> | null)[])
    if (
      typeof position?.shardId !== 'string' ||
      !/^\d+$/.test(position.sequenceNumber ?? '') ||
      typeof position.bytes !== 'number'
    )
      throw new Error('a member is no position in the stream');
  return positions as readonly FailedPosition[];
}
