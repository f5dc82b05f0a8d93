import { lakeDate, type LakeDate } from '@sluice/lake-layout';
import { createLookupApi } from '@sluice/lookup-api';
import { createOperationsApi } from '@sluice/operations';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { countText } from '@sluice/values/figures';
import { heldOf, rowsOf } from './answers-about-people';
import { ErasureWorld, hourMs, ledgerKeys, streamRetentionMs } from './erasure-world';
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
  const world = new ErasureWorld(join(home, 'lake'), options.kills, options.seed);
  const stream = await SoakStream.open(join(home, 'stream'));
  const sql = await SqlReaders.open({ folder: join(home, 'lake'), store: world.store });
  try {
    return await soak(options, { home, world, stream, sql });
  } catch (error) {
    options.progress?.(`the run broke; everything is kept in ${home}`);
    throw error;
  } finally {
    sql.close();
    await stream.close();
  }
}

interface SoakParts {
  readonly home: string;
  readonly world: ErasureWorld;
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

  progress(`writing a day of ${countText(rows)} rows of ${countText(everybody.length)} people`);
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
    readLedgerKeys: () => Promise.resolve(ledgerKeys),
    onError: (error) => problems.push(`a look-up failed: ${String(error)}`),
  });
  const operations = createOperationsApi({
    eventTypes: [visit],
    store,
    now,
    startWork: { replays: () => Promise.resolve(), compactions: () => Promise.resolve() },
    erasing: { readLedgerKeys: () => Promise.resolve(ledgerKeys), start: () => Promise.resolve() },
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
  /** Decides whether a person must have no rows: the transformer leaves out later ones of people who are suppressed. */
  const isAbsent = (person: string): boolean =>
    person === asking || (erased.has(person) && isSuppressed(person));
  const ingest = async (): Promise<void> => {
    const arrivedMs = now();
    const people = Array.from({ length: liveRows }, (_, at) => {
      const person = everybody[(at * 31 + files * 7) % everybody.length] as string;
      return isAbsent(person) ? (crowd.kept[at % crowd.kept.length] as string) : person;
    });
    // As of the arrival: somebody may be erased while the events are written.
    const erasedBefore = new Set(erased.keys());
    const noteOf = (person: string): string =>
      erasedBefore.has(person) ? laterMark : erasedNote(person);
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
