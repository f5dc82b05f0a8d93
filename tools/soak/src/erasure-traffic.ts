// What goes on in the lake while people are erased: events arrive, people ask for erasures, and everybody reads.
import { setTimeout as delay } from 'node:timers/promises';
import { heldOf, rowsOf } from './answers-about-people';
import type { ErasureScene } from './erasure-scene';
import { erasedNote, isSuppressed, laterMark, visitTable } from './people';

const liveRows = 200;
/** Time from the answer 202 after which nobody may find the person: the promise of docs/privacy.md, and a second. */
const hidingMs = 5_000;

export class ErasureTraffic {
  /** People who were erased, with the moment at which the request was answered. */
  readonly erased = new Map<string, number>();
  /** Ids of the erasures. */
  readonly ids: string[] = [];
  /** Number of look-ups. */
  lookUps = 0;
  /** Number of events that were put into the stream. */
  streamed = 0;
  /** Longest time from an answer 202 to the first look-up without the person, in milliseconds. */
  slowestHidingMs = 0;
  readonly #scene: ErasureScene;
  #files = 0;
  /** The person who is being asked for: whether a row of that moment is erased depends on the clock. */
  #asking: string | undefined;

  constructor(scene: ErasureScene) {
    this.#scene = scene;
  }

  /** Goes on until a number of people were erased, and a number of runs were killed. @throws what a part of it throws */
  async run(erasures: number, kills: number): Promise<void> {
    const { world, sql } = this.#scene;
    const ends = new AbortController();
    const repeat = async (work: () => Promise<unknown>, pauseMs: number): Promise<void> => {
      while (!ends.signal.aborted) {
        await work();
        await delay(pauseMs);
      }
    };
    const all = Promise.all([
      repeat(() => world.during(() => sql.runJoins()), 300),
      repeat(() => world.during(() => this.#query()), 300),
      repeat(() => this.#ingest(), 500),
      repeat(() => world.run({ action: 'compact', table: visitTable }), 300),
      repeat(() => world.run({ action: 'erase' }), 300),
      repeat(() => this.#lookUp(), 50),
      repeat(() => this.#ask(), 200),
    ]);
    all.catch(() => ends.abort());
    while (!ends.signal.aborted && (this.erased.size < erasures || world.kills < kills))
      await Promise.race([all, delay(200)]);
    ends.abort();
    await all;
  }

  /** Decides whether a person must have no rows: the transformer leaves out later ones of people who are suppressed. */
  #isAbsent(person: string): boolean {
    return person === this.#asking || (this.erased.has(person) && isSuppressed(person));
  }

  /** Writes events of now into the stream and the lake. */
  async #ingest(): Promise<void> {
    const { world, stream, crowd, everybody, today } = this.#scene;
    const arrivedMs = world.now();
    const people = Array.from({ length: liveRows }, (_, at) => {
      const person = everybody[(at * 31 + this.#files * 7) % everybody.length] as string;
      return this.#isAbsent(person) ? (crowd.kept[at % crowd.kept.length] as string) : person;
    });
    // As of the arrival: somebody may be erased while the events are written.
    const erasedBefore = new Set(this.erased.keys());
    const noteOf = (person: string): string =>
      erasedBefore.has(person) ? laterMark : erasedNote(person);
    await stream.put(
      people.map((person, at) => ({ id: `live-${at}`, person, note: noteOf(person) })),
    );
    this.streamed += people.length;
    const name = `live-${String(++this.#files).padStart(6, '0')}`;
    await this.#scene.put({ date: today, name, arrivedMs, people, noteOf });
  }

  /** Looks up somebody who stays, and somebody who is or will be erased. */
  async #lookUp(): Promise<void> {
    const { world, crowd, lookup, operations, problems, day, today } = this.#scene;
    const kept = crowd.kept[world.pick(crowd.kept.length)] as string;
    const expected = this.#scene.rowsOfDay(kept);
    const found = await rowsOf(lookup, kept, day);
    if (found.length !== expected)
      problems.push(`${kept} has ${found.length} rows instead of ${expected}`);
    const held = (await heldOf(operations, kept)).filter((line) => line.includes(`"day":"${day}"`));
    // A trace of everybody is among the failed records.
    const heldRows = held.filter((line) => !line.includes('"failedRecord"'));
    if (heldRows.length !== expected)
      problems.push(`of ${kept} ${heldRows.length} rows are shown instead of ${expected}`);
    const gone = crowd.erased[world.pick(crowd.erased.length)] as string;
    const hiddenSinceMs = this.erased.get(gone);
    const askedAtMs = Date.now();
    for (const date of [day, today]) {
      const rows = await rowsOf(lookup, gone, date);
      const left = rows.filter(({ note }) => !note.startsWith(laterMark));
      if (hiddenSinceMs === undefined || left.length === 0) continue;
      this.slowestHidingMs = Math.max(this.slowestHidingMs, askedAtMs - hiddenSinceMs);
      if (askedAtMs - hiddenSinceMs > hidingMs)
        problems.push(
          `${gone} still had ${left.length} rows ${askedAtMs - hiddenSinceMs} ms after the request was answered`,
        );
    }
    this.lookUps += 3;
  }

  /** Asks for the erasure of the next person. */
  async #ask(): Promise<void> {
    const { crowd, operations } = this.#scene;
    const person = crowd.erased[this.erased.size];
    if (person === undefined) return;
    const suppress = isSuppressed(person);
    this.#asking = person;
    const { status, body } = await operations({
      method: 'POST',
      path: '/v1/erasures',
      query: new Map(),
      headers: new Map(),
      body: JSON.stringify({ subject: person, suppress }),
    });
    if (status !== 202)
      throw new Error(`a request to erase was answered ${status}: ${String(body)}`);
    this.ids.push((JSON.parse(String(body)) as { readonly id: string }).id);
    this.erased.set(person, Date.now());
    // What arrives within the second that the ledger allows for clocks is erased as well.
    if (!suppress) await delay(1_100);
    this.#asking = undefined;
  }

  /** Counts the rows of somebody who stays in SQL. */
  async #query(): Promise<void> {
    const { world, sql, crowd, problems, day } = this.#scene;
    const kept = crowd.kept[world.pick(crowd.kept.length)] as string;
    const expected = this.#scene.rowsOfDay(kept);
    const gone = crowd.erased[world.pick(crowd.erased.length)] as string;
    const found = (await sql.query([kept, gone], day)).get(kept);
    if (found !== expected)
      problems.push(`a query found ${found} rows of ${kept} instead of ${expected}`);
  }
}
