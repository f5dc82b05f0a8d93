import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { readOwnFile } from '@sluice/local-state-files';

/** Position of a record that only the error output holds. */
export interface FailedPlace {
  readonly shardId: string;
  readonly sequenceNumber: string;
  readonly bytes: number;
}

/** Limits of what is kept for a delivery stream; the oldest are dropped first. */
const maxPlaces = 10_000;
const maxBytes = 256 * 2 ** 20;

/**
 * Keeps the positions of failed records in a file. The stream keeps these records when it drops delivered ones,
 * because an error line does not say where its record is, and a replay looks it up in the stream. (Kinesis keeps all
 * records for its retention period.)
 */
export class FailedPlaces {
  readonly #file: string;
  #places: readonly FailedPlace[];

  /** @throws {@link DamagedFileError} where the file can't be read */
  constructor(file: string) {
    this.#file = file;
    this.#places = readPlaces(file);
  }

  /** Returns the sequence numbers of one shard's failed records, in ascending order. */
  ofShard(shardId: string): readonly string[] {
    return this.#places
      .filter((place) => place.shardId === shardId)
      .map(({ sequenceNumber }) => sequenceNumber)
      .sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
  }

  /** Adds positions. They are durable once it returns. */
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

const readPlaces = (file: string): readonly FailedPlace[] =>
  readOwnFile(
    file,
    parsePlaces,
    'delete it; what failed so far and has no identity gets one of its own when it is replayed',
  ) ?? [];

function parsePlaces(text: string): readonly FailedPlace[] {
  const places: unknown = JSON.parse(text);
  if (!Array.isArray(places)) throw new Error('it holds no list');
  for (const place of places as readonly (Partial<FailedPlace> | null)[])
    if (
      typeof place?.shardId !== 'string' ||
      !/^\d+$/.test(place.sequenceNumber ?? '') ||
      typeof place.bytes !== 'number'
    )
      throw new Error('a member is no place in the stream');
  return places as readonly FailedPlace[];
}
