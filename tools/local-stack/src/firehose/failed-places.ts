import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** A record that only the error output has. */
export interface FailedPlace {
  readonly shardId: string;
  readonly sequenceNumber: string;
  readonly bytes: number;
}

/** So much is kept of a delivery stream; the oldest go first. */
const maxPlaces = 10_000;
const maxBytes = 256 * 2 ** 20;

/**
 * Places in the stream of records that failed, in a file. They stay in the stream when what was delivered is dropped from it, as in
 * Kinesis, where all stays for its retention: an error line does not name its place, and a replay looks it up there.
 */
export class FailedPlaces {
  readonly #file: string;
  #places: readonly FailedPlace[];

  constructor(file: string) {
    this.#file = file;
    this.#places = readPlaces(file);
  }

  /** Sequence numbers of one shard, in ascending order. */
  ofShard(shardId: string): readonly string[] {
    return this.#places
      .filter((place) => place.shardId === shardId)
      .map(({ sequenceNumber }) => sequenceNumber)
      .sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
  }

  /** Durable against the end of the process when it returns. */
  add(places: readonly FailedPlace[]): void {
    if (places.length === 0) return;
    const known = new Map(
      [...this.#places, ...places].map((place) => [
        `${place.shardId} ${place.sequenceNumber}`,
        place,
      ]),
    );
    const newest: FailedPlace[] = [];
    let bytes = 0;
    for (const place of [...known.values()].reverse()) {
      bytes += place.bytes;
      if (newest.length === maxPlaces || bytes > maxBytes) break;
      newest.push(place);
    }
    this.#places = newest.reverse();
    mkdirSync(dirname(this.#file), { recursive: true });
    writeFileSync(`${this.#file}.draft`, JSON.stringify(this.#places));
    renameSync(`${this.#file}.draft`, this.#file);
  }
}

function readPlaces(file: string): readonly FailedPlace[] {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as readonly FailedPlace[];
  } catch {
    // Without it a replay makes identities of its own, as where a stream's retention is over.
    return [];
  }
}
