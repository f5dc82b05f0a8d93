import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { countText } from '@sluice/values/figures';
import { findInAnswers, findInFiles, findInStream } from './erasure-remains';
import { ErasureScene, type SceneParts } from './erasure-scene';
import { ErasureTraffic } from './erasure-traffic';
import { ErasureWorld, hourMs, streamRetentionMs } from './erasure-world';
import { visitTable } from './people';
import { SoakStream } from './soak-stream';
import { SqlReaders } from './sql-readers';

export interface ErasureSoakOptions {
  /** Number of rows of the first day. */
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

async function soak(
  { rows, erasures, kills, seed, progress = () => undefined }: ErasureSoakOptions,
  parts: SceneParts,
): Promise<ErasureSoakReport> {
  const startedAtMs = Date.now();
  const scene = new ErasureScene({ rows, erasures }, parts);
  const { home, world, sql, problems } = scene;
  progress(
    `writing a day of ${countText(rows)} rows of ${countText(scene.everybody.length)} people`,
  );
  await scene.prepare(erasures + 10);

  progress(
    `erasing ${erasures} people, with ${kills} kills, beside ingest, compaction and look-ups`,
  );
  world.mayKill = true;
  const traffic = new ErasureTraffic(scene);
  await traffic.run(erasures, kills);

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
  await findInStream(scene);
  await findInAnswers(scene, traffic);
  const left = await findInFiles(scene);
  if (problems.length === 0) rmSync(home, { recursive: true, force: true });
  else problems.push(`everything is kept in ${home}`);
  return {
    seed,
    seconds: Math.round((Date.now() - startedAtMs) / 1000),
    written: scene.written,
    left,
    erasures: traffic.erased.size,
    kills: world.kills,
    runs: world.runs,
    lookUps: traffic.lookUps,
    joins: sql.joins,
    queries: sql.queries,
    streamed: traffic.streamed,
    slowestHidingMs: traffic.slowestHidingMs,
    problems: [...new Set(problems)],
  };
}
