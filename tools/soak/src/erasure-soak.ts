import { lakeDate, type LakeDate, type ObjectStore } from '@sluice/lake-layout';
import { FolderObjectStore } from '@sluice/lake-layout/folder';
import { DyingStore, InjectedFault } from '@sluice/lake-layout/testing/faulty-store';
import { maintain, type MaintenanceDependencies } from '@sluice/lake-maintenance';
import type { HttpApi } from '@sluice/lambda-http';
import { createLookupApi } from '@sluice/lookup-api';
import { createOperationsApi } from '@sluice/operations';
import { readHashKeys } from '@sluice/privacy';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { seededRandom, type SeededRandom } from '@sluice/values/seeded-random';
import {
  crowdFor,
  erasedMark,
  erasedNote,
  isSuppressed,
  laterMark,
  putRawVisits,
  putTraces,
  visit,
  visitTable,
} from './people';
import { SoakStream } from './soak-stream';
import { SqlReaders } from './sql-readers';
import { filesWith, rowSum } from './traces';

export interface ErasureSoakOptions {
  /** Number of rows of the day that is there at first. */
  readonly rows: number;
  /** Number of people who are erased, one after another. */
  readonly erasures: number;
  /** Number of runs of compaction and of erasing that die at a random request. */
  readonly kills: number;
  readonly seed: number;
  /** Called with a description of each step. */
  readonly progress?: (line: string) => void;
}

export interface ErasureSoakReport {
  readonly seed: number;
  readonly seconds: number;
  /** Number of rows that were ever written. */
  readonly written: number;
  /** Number of rows that are left in the end. */
  readonly left: number;
  readonly erasures: number;
  readonly kills: number;
  /** Runs of the erasing function, the killed ones included. */
  readonly runs: number;
  readonly lookUps: number;
  /** Runs of the join, and queries in SQL. */
  readonly joins: number;
  readonly queries: number;
  /** Events that were put into the stream. */
  readonly streamed: number;
  /** Longest time from an answer 202 to the first look-up without the person, in milliseconds. */
  readonly slowestHidingMs: number;
  /** Sentences about violations; none where all is well. */
  readonly problems: readonly string[];
}

const hourMs = 3_600_000;
const streamRetentionMs = 24 * hourMs;
const keys = readHashKeys(JSON.stringify({ current: '1', '1': 'l'.repeat(40) }));
const rowsPerFile = 20_000;
const liveRows = 200;
/** Time from the answer 202 after which nobody may find the person: the promise of docs/privacy.md, and a second. */
const hidingMs = 5_000;

/**
 * Erases people from a lake under ingest, compaction and look-ups, with runs that die at any request. In the end no
 * byte may be left of them, every other row has to be as it was, and no look-up may have been wrong meanwhile.
 */
export async function runErasureSoak(options: ErasureSoakOptions): Promise<ErasureSoakReport> {
  const home = mkdtempSync(join(tmpdir(), 'sluice-erasures-'));
  const world = new World(join(home, 'lake'), options.kills, options.seed);
  const stream = await SoakStream.open(join(home, 'stream'));
  const sql = await SqlReaders.open({ folder: join(home, 'lake'), store: world.store });
  try {
    return await soak(options, { home, world, stream, sql });
  } finally {
    sql.close();
    await stream.close();
  }
}

interface SoakParts {
  readonly home: string;
  readonly world: World;
  readonly stream: SoakStream;
  readonly sql: SqlReaders;
}

async function soak(
  { rows, erasures, kills, seed, progress = () => undefined }: ErasureSoakOptions,
  { home, world, stream, sql }: SoakParts,
): Promise<ErasureSoakReport> {
  const startedAtMs = Date.now();
  const folder = join(home, 'lake');
  const copies = join(home, 'copies');
  mkdirSync(copies);
  const { store, now } = world;
  const crowd = crowdFor(rows, erasures);
  /** Stands in nothing but copies of events that count no more, on a day of their own: each was sent with somebody else before. */
  const onlyInCopies = crowd.erased.findLast(isSuppressed);
  const everybody = [...crowd.erased.filter((one) => one !== onlyInCopies), ...crowd.kept];
  const [dayBefore, day, today] = [48, 24, 0].map((hours) => lakeDate(now() - hours * hourMs)) as [
    LakeDate,
    LakeDate,
    LakeDate,
  ];
  const problems: string[] = [];
  let written = 0;
  let streamed = 0;
  const put = async (visits: Parameters<typeof putRawVisits>[1]): Promise<void> => {
    const bytes = await putRawVisits(store, visits);
    writeFileSync(join(copies, `${visits.name}.parquet`), bytes);
    written += visits.people.length;
  };

  progress(
    `writing a day of ${rows.toLocaleString('en')} rows of ${everybody.length.toLocaleString('en')} people`,
  );
  for (let from = 0; from < rows; from += rowsPerFile)
    await put({
      date: day,
      name: `day-${String(from).padStart(9, '0')}`,
      arrivedMs: Date.parse(day) + from,
      people: Array.from(
        { length: Math.min(rowsPerFile, rows - from) },
        (_, at) => everybody[(from + at) % everybody.length] as string,
      ),
    });
  if (onlyInCopies !== undefined) {
    const sent = { date: dayBefore, name: 'sent', arrivedMs: Date.parse(dayBefore) };
    await put({ ...sent, people: crowd.kept });
    await put({
      ...{ ...sent, name: 'sent-again', sentAs: sent.name, arrivedMs: sent.arrivedMs + hourMs },
      people: crowd.kept.map(() => onlyInCopies),
    });
    await world.run({ action: 'compact', table: visitTable, date: dayBefore, seal: true });
  }
  await putTraces(store, day, everybody.slice(0, erasures + 10));
  await world.run({ action: 'compact', table: visitTable, date: day, seal: true });
  await sql.runJoins();

  const lookup = createLookupApi({
    eventTypes: [visit],
    store,
    now,
    readLedgerKeys: () => Promise.resolve(keys),
    onError: (error) => problems.push(`a look-up failed: ${String(error)}`),
  });
  const operations = createOperationsApi({
    eventTypes: [visit],
    store,
    now,
    startWork: { replays: () => Promise.resolve(), compactions: () => Promise.resolve() },
    erasing: { readLedgerKeys: () => Promise.resolve(keys), start: () => Promise.resolve() },
    newId: (() => {
      let ids = 0;
      return () => `erasure-${++ids}`;
    })(),
    onError: (error) => problems.push(`a request to erase failed: ${String(error)}`),
  });

  progress(
    `erasing ${erasures} people, with ${kills} kills, beside ingest, compaction and look-ups`,
  );
  world.mayKill = true;
  const ends = new AbortController();
  const repeat = async (work: () => Promise<unknown>, pauseMs: number): Promise<void> => {
    while (!ends.signal.aborted) {
      await work();
      await delay(pauseMs);
    }
  };
  /** People who were erased, with the moment at which the request was answered. */
  const erased = new Map<string, number>();
  const ids: string[] = [];
  let files = 0;
  let lookUps = 0;
  let slowestHidingMs = 0;
  /** The person who is being asked for: whether a row of that moment is erased depends on the clock. */
  let asking: string | undefined;
  /** The transformer leaves out later rows of people who are suppressed; others may come back. */
  const isAbsent = (person: string): boolean =>
    person === asking || (erased.has(person) && isSuppressed(person));
  const ingest = async (): Promise<void> => {
    const arrivedMs = now();
    const people = Array.from({ length: liveRows }, (_, at) => {
      const person = everybody[(at * 31 + files * 7) % everybody.length] as string;
      return isAbsent(person) ? (crowd.kept[at % crowd.kept.length] as string) : person;
    });
    const noteOf = (person: string): string =>
      erased.has(person) ? laterMark : erasedNote(person);
    await stream.put(
      people.map((person, at) => ({ id: `live-${at}`, person, note: noteOf(person) })),
    );
    streamed += people.length;
    await put({
      date: today,
      name: `live-${String(++files).padStart(6, '0')}`,
      arrivedMs,
      people,
      noteOf,
    });
  };
  const lookUp = async (): Promise<void> => {
    const kept = crowd.kept[world.pick(crowd.kept.length)] as string;
    const expected = Math.ceil((rows - everybody.indexOf(kept)) / everybody.length);
    const found = await rowsOf(lookup, kept, day);
    if (found.length !== expected)
      problems.push(`${kept} has ${found.length} rows instead of ${expected}`);
    const held = (await heldOf(operations, kept)).filter((line) => line.includes(`"day":"${day}"`));
    // A trace of everybody is among the failed records.
    const heldRows = held.filter((line) => !line.includes('"failedRecord"'));
    if (heldRows.length !== expected)
      problems.push(`of ${kept} ${heldRows.length} rows are shown instead of ${expected}`);
    const gone = crowd.erased[world.pick(crowd.erased.length)] as string;
    const hiddenSinceMs = erased.get(gone);
    const askedAtMs = Date.now();
    for (const date of [day, today]) {
      const left = (await rowsOf(lookup, gone, date)).filter(
        ({ note }) => !note.startsWith(laterMark),
      );
      if (hiddenSinceMs === undefined) continue;
      if (left.length === 0) continue;
      slowestHidingMs = Math.max(slowestHidingMs, askedAtMs - hiddenSinceMs);
      if (askedAtMs - hiddenSinceMs > hidingMs)
        problems.push(
          `${gone} still had ${left.length} rows ${askedAtMs - hiddenSinceMs} ms after the request was answered`,
        );
    }
    lookUps += 3;
  };
  const ask = async (): Promise<void> => {
    const person = crowd.erased[erased.size];
    if (person === undefined) return;
    const suppress = isSuppressed(person);
    asking = person;
    const { status, body } = await operations({
      method: 'POST',
      path: '/v1/erasures',
      query: new Map(),
      headers: new Map(),
      body: JSON.stringify({ subject: person, suppress }),
    });
    if (status !== 202)
      throw new Error(`a request to erase was answered ${status}: ${String(body)}`);
    ids.push((JSON.parse(String(body)) as { readonly id: string }).id);
    erased.set(person, Date.now());
    // What arrives within the second that the ledger allows for clocks is erased as well.
    if (!suppress) await delay(1_100);
    asking = undefined;
  };
  const query = (): Promise<void> =>
    world.during(async () => {
      const kept = crowd.kept[world.pick(crowd.kept.length)] as string;
      const expected = Math.ceil((rows - everybody.indexOf(kept)) / everybody.length);
      const gone = crowd.erased[world.pick(crowd.erased.length)] as string;
      const found = (await sql.query([kept, gone], day)).get(kept);
      if (found !== expected)
        problems.push(`a query found ${found} rows of ${kept} instead of ${expected}`);
    });
  const work = [
    repeat(() => world.during(() => sql.runJoins()), 300),
    repeat(query, 300),
    repeat(ingest, 500),
    repeat(() => world.run({ action: 'compact', table: visitTable }), 300),
    repeat(() => world.run({ action: 'erase' }), 300),
    repeat(lookUp, 50),
    repeat(ask, 200),
  ];
  const all = Promise.all(work);
  all.catch(() => ends.abort());
  while (!ends.signal.aborted && (erased.size < erasures || world.kills < kills))
    await Promise.race([all, delay(200)]);
  ends.abort();
  await all;

  progress('the last pass, and the files that were replaced go');
  await world.runToItsEnd();
  world.wait(streamRetentionMs + 26 * hourMs);
  await world.runToItsEnd();
  for (const waitMs of [3 * hourMs, 3 * hourMs, 200 * hourMs]) {
    await sql.runJoins();
    world.wait(waitMs);
    await world.run({ action: 'compact', table: visitTable });
    await world.run({ action: 'sweep-results' });
  }

  progress('counting what is left');
  const inStream = async (): Promise<number> =>
    (await stream.records()).filter(({ text }) => text.includes(erasedMark)).length;
  if ((await inStream()) === 0)
    problems.push(
      'no event of an erased person was in the stream, so nothing shows that it forgets',
    );
  if (stream.textsInFiles().every((text) => !text.includes(erasedMark)))
    problems.push("the search of the stream's files does not find what the stream has");
  await stream.forget();
  if ((await inStream()) > 0) problems.push('the stream still has events of erased people');
  await stream.close();
  if (stream.textsInFiles().some((text) => text.includes(erasedMark)))
    problems.push("the stream's files still hold what was erased");
  for (const id of ids) {
    const { status, body } = await operations({
      ...{ method: 'GET', path: `/v1/erasures/${id}` },
      ...{ query: new Map(), headers: new Map(), body: '' },
    });
    const erasure = JSON.parse(String(body)) as {
      readonly state?: string;
      readonly certificate?: { readonly passes: readonly unknown[] };
    };
    if (status !== 200 || erasure.state !== 'done' || erasure.certificate?.passes.length !== 2)
      problems.push(`${id} did not come to its end: ${status} ${String(body).slice(0, 200)}`);
  }
  for (const person of erased.keys())
    if ((await heldOf(operations, person)).some((line) => !line.includes(laterMark)))
      problems.push(`${person} is still shown what was erased`);
  for (const searched of [folder, join(home, 'stream')])
    for (const file of await filesWith(searched, erasedMark))
      problems.push(`${join(searched, file)} still holds what was erased`);
  const left = await rowSum(join(folder, visitTable, 'compacted', '**', '*.parquet'));
  const expected = await rowSum(
    join(copies, '*.parquet'),
    `not starts_with(note, '${erasedMark}')`,
  );
  if (left.rows !== expected.rows || left.hash !== expected.hash)
    problems.push(
      `${left.rows} rows are left with the sum ${left.hash}, and ${expected.rows} with ${expected.hash} were to stay`,
    );
  if (problems.length === 0) rmSync(home, { recursive: true, force: true });
  else problems.push(`everything is kept in ${home}`);
  return {
    seed,
    seconds: Math.round((Date.now() - startedAtMs) / 1000),
    written,
    left: left.rows,
    erasures: erased.size,
    kills: world.kills,
    runs: world.runs,
    lookUps,
    joins: sql.joins,
    queries: sql.queries,
    streamed,
    slowestHidingMs,
    problems: [...new Set(problems)],
  };
}

/** Returns what the right of access shows of a person, a line each. */
async function heldOf(operations: HttpApi, person: string): Promise<readonly string[]> {
  const lines: string[] = [];
  for (let cursor: string | undefined = ''; cursor !== undefined;) {
    const { status, headers, body } = await operations({
      ...{ method: 'GET', path: `/v1/subjects/${encodeURIComponent(person)}`, body: '' },
      query: new Map([['limit', ['500']], ...(cursor ? [['cursor', [cursor]] as const] : [])]),
      headers: new Map(),
    });
    if (status !== 200)
      throw new Error(`what is held of ${person} was answered ${status}: ${String(body)}`);
    lines.push(
      ...String(body)
        .split('\n')
        .filter((line) => line !== ''),
    );
    cursor = headers['x-next-cursor'];
  }
  return lines;
}

interface FoundVisit {
  readonly note: string;
}

async function rowsOf(
  lookup: HttpApi,
  person: string,
  date: string,
): Promise<readonly FoundVisit[]> {
  const { status, body } = await lookup({
    method: 'GET',
    path: `/v1/events/${visit.name}`,
    query: new Map([
      ['person', [person]],
      ['date', [date]],
      ['limit', ['1000']],
    ]),
    headers: new Map(),
    body: '',
  });
  if (status !== 200) throw new Error(`a look-up was answered ${status}: ${String(body)}`);
  return (JSON.parse(String(body)) as { readonly rows: readonly FoundVisit[] }).rows;
}

/** A clock that is set ahead where somebody would have to wait. */
class WorldClock {
  #aheadMs = 0;
  /** The times of the machine at which it was set ahead, with how far it was from then on. */
  readonly #settings: { readonly fromMs: number; readonly aheadMs: number }[] = [];
  readonly now = (): number => Date.now() + this.#aheadMs;

  setAhead(ms: number): void {
    this.#aheadMs += ms;
    this.#settings.push({ fromMs: Date.now(), aheadMs: this.#aheadMs });
  }

  /** Returns what this clock showed at a time of the machine. */
  at(machineMs: number): number {
    const setting = this.#settings.findLast(({ fromMs }) => fromMs <= machineMs);
    return machineMs + (setting?.aheadMs ?? 0);
  }
}

/** The objects of a folder, with the moments that a clock showed when they were written. */
function storeByClock(folder: string, clock: WorldClock): ObjectStore {
  const inner = new FolderObjectStore(folder);
  return {
    async *list(prefix, options) {
      for await (const object of inner.list(prefix, options))
        yield { ...object, modifiedMs: clock.at(object.modifiedMs) };
    },
    get: (key, options) => inner.get(key, options),
    put: (key, bytes, options) => inner.put(key, bytes, options),
    delete: (keys) => inner.delete(keys),
  };
}

/** A lake in a folder, its functions, and a clock. */
class World {
  readonly store: ObjectStore;
  kills = 0;
  runs = 0;
  /** Whether runs may die yet. */
  mayKill = false;
  readonly #plannedKills: number;
  readonly #random: SeededRandom;
  readonly #clock = new WorldClock();
  readonly now = this.#clock.now;
  /** Number of runs of the function that have not ended. */
  #running = 0;
  /** Number of these that are to die. */
  #toDie = 0;
  /** Time that passes as soon as no run has to live through it: no function lives that long. */
  #dueMs = 0;

  constructor(folder: string, kills: number, seed: number) {
    this.store = storeByClock(folder, this.#clock);
    this.#plannedKills = kills;
    this.#random = seededRandom(seed);
  }

  pick(below: number): number {
    return this.#random.integer(0, below - 1);
  }

  wait(ms: number): void {
    this.#clock.setAhead(ms);
  }

  /** Does something during which no time passes but that of the machine. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    while (this.#dueMs > 0) await delay(5);
    this.#running++;
    try {
      return await work();
    } finally {
      this.#ended();
    }
  }

  #ended(): void {
    this.#running--;
    if (this.#running === 0 && this.#dueMs > 0) {
      this.wait(this.#dueMs);
      this.#dueMs = 0;
    }
  }

  /** Invokes the maintenance function, which may die at any of its requests. */
  async run(request: {
    readonly action: 'compact' | 'erase' | 'sweep-results';
    readonly [member: string]: unknown;
  }): Promise<void> {
    while (this.#dueMs > 0) await delay(5);
    const isToDie =
      this.mayKill && this.kills + this.#toDie < this.#plannedKills && this.#random.chance(0.4);
    const store = isToDie
      ? new DyingStore(
          this.store,
          1 + this.pick(this.pick(4) === 0 ? 200 : 40),
          this.#random.chance(0.5),
        )
      : this.store;
    if (request.action === 'erase') this.runs++;
    const dependencies: MaintenanceDependencies = {
      store,
      bucket: 'lake',
      eventTypes: [visit],
      send: () => Promise.reject(new Error('nothing is to be replayed')),
      now: this.now,
      erasing: { readLedgerKeys: () => Promise.resolve(keys), streamRetentionMs },
    };
    this.#running++;
    if (isToDie) this.#toDie++;
    try {
      await maintain(request, this.now() + hourMs, dependencies);
    } catch (error) {
      if (!wasInjected(error)) throw error;
    } finally {
      if (isToDie) this.#toDie--;
      if (store instanceof DyingStore && store.died) {
        this.kills++;
        // What a run that died had begun is taken up once no run can be alive any more.
        this.#dueMs += hourMs / 3;
      }
      this.#ended();
    }
  }

  async runToItsEnd(): Promise<void> {
    for (let run = 0; run < 3; run++) {
      await this.run({ action: 'erase' });
      await this.run({ action: 'compact', table: visitTable });
      this.wait(hourMs / 3);
    }
  }
}

function wasInjected(error: unknown): boolean {
  if (error instanceof InjectedFault) return true;
  if (error instanceof AggregateError) return error.errors.every(wasInjected);
  return error instanceof Error && error.cause !== undefined && wasInjected(error.cause);
}
