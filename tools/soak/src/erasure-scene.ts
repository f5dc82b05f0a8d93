// What a run of the erasure soak works on: a lake, the people in it, and the APIs that answer about them.
import { lakeDate, type LakeDate } from '@sluice/lake-layout';
import { createLookupApi } from '@sluice/lookup-api';
import { createOperationsApi } from '@sluice/operations';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hourMs, ledgerKeys, type ErasureWorld } from './erasure-world';
import { crowdFor, isSuppressed, putRawVisits, putTraces, visit, visitTable } from './people';
import type { SoakStream } from './soak-stream';
import type { SqlReaders } from './sql-readers';

export interface SceneParts {
  /** Folder of everything that a run writes. */
  readonly home: string;
  readonly world: ErasureWorld;
  readonly stream: SoakStream;
  readonly sql: SqlReaders;
}

const rowsPerFile = 20_000;

export class ErasureScene {
  readonly home: string;
  readonly world: ErasureWorld;
  readonly stream: SoakStream;
  readonly sql: SqlReaders;
  readonly crowd: ReturnType<typeof crowdFor>;
  /** People of the first day, in the order in which they recur. */
  readonly everybody: readonly string[];
  readonly day: LakeDate;
  readonly today: LakeDate;
  readonly lookup: ReturnType<typeof createLookupApi>;
  readonly operations: ReturnType<typeof createOperationsApi>;
  /** Sentences about violations. */
  readonly problems: string[] = [];
  /** Number of rows that were ever written. */
  written = 0;
  readonly #rows: number;
  readonly #dayBefore: LakeDate;
  /**
   * Person who is only in copies of events, on a day of their own: each event was sent with somebody else first.
   */
  readonly #onlyInCopies: string | undefined;

  constructor(
    { rows, erasures }: { readonly rows: number; readonly erasures: number },
    { home, world, stream, sql }: SceneParts,
  ) {
    this.home = home;
    this.world = world;
    this.stream = stream;
    this.sql = sql;
    this.#rows = rows;
    mkdirSync(this.copies);
    this.crowd = crowdFor(rows, erasures);
    this.#onlyInCopies = this.crowd.erased.findLast(isSuppressed);
    const { erased, kept } = this.crowd;
    this.everybody = [...erased.filter((one) => one !== this.#onlyInCopies), ...kept];
    const { store, now } = world;
    [this.#dayBefore, this.day, this.today] = [48, 24, 0].map((hours) =>
      lakeDate(now() - hours * hourMs),
    ) as [LakeDate, LakeDate, LakeDate];
    this.lookup = createLookupApi({
      eventTypes: [visit],
      store,
      now,
      readLedgerKeys: () => Promise.resolve(ledgerKeys),
      onError: (error) => this.problems.push(`a look-up failed: ${String(error)}`),
    });
    let ids = 0;
    this.operations = createOperationsApi({
      eventTypes: [visit],
      store,
      now,
      startWork: { replays: () => Promise.resolve(), compactions: () => Promise.resolve() },
      erasing: {
        readLedgerKeys: () => Promise.resolve(ledgerKeys),
        start: () => Promise.resolve(),
      },
      newId: () => `erasure-${++ids}`,
      onError: (error) => this.problems.push(`a request to erase failed: ${String(error)}`),
    });
  }

  /** Folder of the lake's objects. */
  get folder(): string {
    return join(this.home, 'lake');
  }

  /** Folder of copies of all files that were written, as they were. */
  get copies(): string {
    return join(this.home, 'copies');
  }

  /** Writes a raw file, and keeps a copy of it. */
  async put(visits: Parameters<typeof putRawVisits>[1]): Promise<void> {
    const bytes = await putRawVisits(this.world.store, visits);
    writeFileSync(join(this.copies, `${visits.name}.parquet`), bytes);
    this.written += visits.people.length;
  }

  /** Writes the first days, seals them, and runs their joins. @param traced people of failed records */
  async prepare(traced: number): Promise<void> {
    const { day, everybody, crowd, world } = this;
    for (let from = 0; from < this.#rows; from += rowsPerFile)
      await this.put({
        date: day,
        name: `day-${String(from).padStart(9, '0')}`,
        arrivedMs: Date.parse(day) + from,
        people: Array.from(
          { length: Math.min(rowsPerFile, this.#rows - from) },
          (_, at) => everybody[(from + at) % everybody.length] as string,
        ),
      });
    const onlyInCopies = this.#onlyInCopies;
    if (onlyInCopies !== undefined) {
      const date = this.#dayBefore;
      const sent = { date, name: 'sent', arrivedMs: Date.parse(date) };
      await this.put({ ...sent, people: crowd.kept });
      await this.put({
        ...{ ...sent, name: 'sent-again', sentAs: sent.name, arrivedMs: sent.arrivedMs + hourMs },
        people: crowd.kept.map(() => onlyInCopies),
      });
      await world.run({ action: 'compact', table: visitTable, date, seal: true });
    }
    await putTraces(world.store, day, everybody.slice(0, traced));
    await world.run({ action: 'compact', table: visitTable, date: day, seal: true });
    await this.sql.runJoins();
  }

  /** Returns the number of rows that a person has on the first day. */
  rowsOfDay(person: string): number {
    return Math.ceil((this.#rows - this.everybody.indexOf(person)) / this.everybody.length);
  }
}
