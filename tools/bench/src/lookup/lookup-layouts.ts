import { dayAfter } from '@sluice/lake-layout';
import { existsSync, writeFileSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { compactDay } from '@sluice/lake-maintenance';
import type { EventType } from '@sluice/event-schema';
import type { ObjectStore } from '@sluice/lake-layout';
import { benchDate, benchEvent, indexedBenchEvent, writeSeededDay } from '../seeded-day';

/** A layout of the day. Each has its own bucket, so that nothing else is listed with it. */
export type LayoutName =
  | 'raw-1440'
  | 'raw-96'
  | 'sealed'
  | 'running'
  | 'large'
  | 'month'
  | 'indexed'
  | 'indexed-running';

export const bucketOf = (layout: LayoutName): string => `lake-${layout}`;

export interface BuildOptions {
  readonly folder: string;
  readonly rows: number;
  readonly storeOf: (layout: LayoutName) => ObjectStore;
  readonly say: (text: string) => void;
}

/** Writes the layouts that do not exist yet. raw-1440, raw-96 and sealed hold the same rows. */
export async function buildLayouts(
  layouts: readonly LayoutName[],
  { folder, rows, storeOf, say }: BuildOptions,
): Promise<void> {
  for (const layout of layouts) {
    const mark = join(folder, `${layout}-${rows}.ready`);
    if (existsSync(mark)) continue;
    say(`writing the layout ${layout}`);
    await mkdir(join(folder, bucketOf(layout)), { recursive: true });
    await build[layout](storeOf(layout), rows);
    writeFileSync(mark, '');
  }
}

const rawFilesUnabsorbed = 10;
const daysOfMonth = 31;

const build: Readonly<Record<LayoutName, (store: ObjectStore, rows: number) => Promise<void>>> = {
  'raw-1440': (store, rows) => writeSeededDay(store, { rows, files: 1_440 }),
  'raw-96': (store, rows) => writeSeededDay(store, { rows, files: 96 }),
  async sealed(store, rows) {
    await writeSeededDay(store, { rows, files: 96 });
    await compact(store, true);
  },
  /** A day that is partly compacted, and ten newer raw files. */
  async running(store, rows) {
    await writeSeededDay(store, { rows, files: 96 });
    await compact(store, false);
    await writeSeededDay(store, {
      rows: Math.round((rows / 1_440) * rawFilesUnabsorbed),
      files: rawFilesUnabsorbed,
      seed: 2,
    });
  },
  async indexed(store, rows) {
    await writeSeededDay(store, { eventType: indexedBenchEvent, rows, files: 96 });
    await compact(store, true, { eventType: indexedBenchEvent });
  },
  async 'indexed-running'(store, rows) {
    await writeSeededDay(store, { eventType: indexedBenchEvent, rows, files: 96 });
    await compact(store, false, { eventType: indexedBenchEvent });
    await writeSeededDay(store, {
      eventType: indexedBenchEvent,
      rows: Math.round((rows / 1_440) * rawFilesUnabsorbed),
      files: rawFilesUnabsorbed,
      seed: 2,
    });
  },
  async large(store, rows) {
    await writeSeededDay(store, { rows: rows * 10, files: 96 });
    await compact(store, true);
  },
  async month(store, rows) {
    for (let day = 0; day < daysOfMonth; day++) {
      const date = monthDates[day] ?? benchDate;
      await writeSeededDay(store, { rows: Math.round(rows / 10), files: 4, date, seed: day + 1 });
      await compact(store, true, { date });
    }
  },
};

/** The 31 days up to the day of the bench. */
export const monthDates: readonly string[] = Array.from({ length: daysOfMonth }, (_, day) =>
  dayAfter(benchDate, day + 1 - daysOfMonth),
);

async function compact(
  store: ObjectStore,
  sealed: boolean,
  {
    date = benchDate,
    eventType = benchEvent,
  }: { readonly date?: string; readonly eventType?: EventType } = {},
): Promise<void> {
  // A moment before the end of the day, so that only `seal` decides whether the day is sealed.
  const nowMs = Date.parse(`${date}T23:00:00Z`);
  await compactDay({
    store,
    eventType,
    date,
    seal: sealed,
    now: () => nowMs,
  });
}

/** A value, and the rows that have it, sorted by their ids. */
export interface LookupCase {
  readonly asked: string;
  readonly rows: readonly BenchRow[];
}

/** Returns the column by which a layout is asked. */
export const askedColumn = (layout: LayoutName): 'id' | 'session' =>
  layout.startsWith('indexed') ? 'session' : 'id';

/**
 * Returns random values of a layout with their rows, as DuckDB's filter finds them in all files of the layout. The same ones are drawn
 * each time.
 */
export async function sampleCases(
  folder: string,
  layout: LayoutName,
  count: number,
): Promise<readonly LookupCase[]> {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const connection = await (await DuckDBInstance.create()).connect();
  const root = join(folder, bucketOf(layout), benchEvent.name);
  const filesOf = async (kind: string): Promise<string> =>
    (await readdir(join(root, kind), { recursive: true }))
      .filter((name) => name.endsWith('.parquet'))
      .map((name) => `'${join(root, kind, name)}'`)
      .join(', ');
  const column = askedColumn(layout);
  // Raw files stay for a while after they are absorbed: together they have every row, those of compacted files twice.
  const sampled = await filesOf(layout.startsWith('raw') ? 'raw' : 'compacted');
  const all = layout.endsWith('running') ? await filesOf('raw') : sampled;
  await connection.run(
    `CREATE TABLE asked AS SELECT DISTINCT ${column} AS asked FROM (
       SELECT ${column} FROM read_parquet([${sampled}]) USING SAMPLE ${count * 2} ROWS (reservoir, 42))
     ORDER BY hash(asked) LIMIT ${count}`,
  );
  const result = await connection.runAndReadAll(
    `SELECT DISTINCT asked, ${benchRowSql} FROM read_parquet([${all}]) AS files
     JOIN asked ON files.${column} = asked.asked ORDER BY hash(asked), asked, id`,
  );
  const cases = new Map<string, BenchRow[]>();
  for (const { asked, ...row } of result.getRowObjects() as unknown as (BenchRow & {
    asked: string;
  })[])
    cases.set(asked, [...(cases.get(asked) ?? []), row]);
  return [...cases].map(([asked, rows]) => ({ asked, rows }));
}

/** A row in the form to which every contender's answer is converted. */
export interface BenchRow {
  readonly id: string;
  readonly type: string;
  readonly actor_id: string;
  readonly amount: number;
  readonly created_at: string;
  readonly body: string;
}

export const benchRowSql = `id, type, actor_id::VARCHAR AS actor_id, amount,
  strftime(created_at, '%Y-%m-%dT%H:%M:%S.%gZ') AS created_at, body`;
