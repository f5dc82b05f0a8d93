// What reads a sealed day of an erasure soak in SQL: a join that runs when a day is
// announced, and a query that is asked all the while and whose results are stored.
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { createRowTableBuilder } from '@sluice/columns';
import {
  defineJoin,
  defineReference,
  joinQuery,
  referenceColumns,
  sqlName,
  sqlText,
} from '@sluice/event-schema';
import {
  queryResultsPrefix,
  readManifest,
  referenceKey,
  resultRunPrefix,
  resultSymlinkKey,
  sealedPrefix,
  type LakeDate,
  type ObjectStore,
} from '@sluice/lake-layout';
import { rawLayout, writeParquet } from '@sluice/parquet-writing';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { visit, visitTable } from './people';

const titles = defineReference({
  name: 'titles',
  key: 'page',
  schema: {
    type: 'object',
    required: ['page', 'title'],
    properties: { page: { type: 'integer' }, title: { type: 'string' } },
  },
});

/** Visits with the titles of their pages, so that each result has what people wrote. */
const visitTitles = defineJoin({
  name: 'visit_titles',
  left: visit,
  right: titles,
  on: { left: 'pages', right: 'page' },
  type: 'left',
});

const titledPages = 100;

export interface SqlReadersOptions {
  /** Folder of the objects. */
  readonly folder: string;
  readonly store: ObjectStore;
}

export class SqlReaders {
  joins = 0;
  queries = 0;
  readonly #folder: string;
  readonly #store: ObjectStore;
  readonly #duckdb: DuckDBInstance;
  readonly #connection: DuckDBConnection;
  /** ETag of the announcement of which a day's result is, by the announcement's key. */
  readonly #joined = new Map<string, string>();

  private constructor(
    { folder, store }: SqlReadersOptions,
    duckdb: DuckDBInstance,
    connection: DuckDBConnection,
  ) {
    this.#folder = folder;
    this.#store = store;
    this.#duckdb = duckdb;
    this.#connection = connection;
  }

  /** Opens an engine over a lake, and puts the reference table of the join. */
  static async open(options: SqlReadersOptions): Promise<SqlReaders> {
    const builder = createRowTableBuilder(referenceColumns(titles));
    for (let page = 0; page < titledPages; page++) builder.append({ page, title: `Page ${page}` });
    const { bytes } = writeParquet(builder.finish(), rawLayout);
    await options.store.put(referenceKey(titles.name), bytes);
    const duckdb = await DuckDBInstance.create(':memory:', { threads: '1' });
    return new SqlReaders(options, duckdb, await duckdb.connect());
  }

  close(): void {
    this.#connection.closeSync();
    this.#duckdb.closeSync();
  }

  /** Runs the join of each day that was announced since it last ran. */
  async runJoins(): Promise<void> {
    const announced: { readonly key: string; readonly etag: string }[] = [];
    for await (const object of this.#store.list(sealedPrefix(visitTable))) announced.push(object);
    for (const { key, etag } of announced) {
      const [, date] = /dt=([\d-]+)\.json$/.exec(key) ?? [];
      if (date === undefined || this.#joined.get(key) === etag) continue;
      await this.#runJoin(date);
      this.#joined.set(key, etag);
    }
  }

  async #runJoin(date: LakeDate): Promise<void> {
    await this.#seeDay(date);
    const out = mkdtempSync(join(this.#folder, '..', 'join-'));
    try {
      const file = join(out, 'rows.parquet');
      await this.#connection.run(
        `COPY (${joinQuery(visitTitles).replaceAll('?', sqlText(date))}) TO ${sqlText(file)} (FORMAT parquet)`,
      );
      const key = `${resultRunPrefix(visitTitles.name, date, `run-${++this.joins}`)}0.parquet`;
      await this.#store.put(key, readFileSync(file));
      await this.#store.put(
        resultSymlinkKey(visitTitles.name, date),
        Buffer.from(`s3://lake/${key}\n`),
      );
    } finally {
      rmSync(out, { recursive: true });
    }
  }

  /**
   * Asks for the rows of some people, and stores the result as Athena does.
   *
   * @returns how many rows each of them has
   */
  async query(people: readonly string[], date: LakeDate): Promise<ReadonlyMap<string, number>> {
    await this.#seeDay(date);
    const reader = await this.#connection.runAndReadAll(
      `SELECT "person", "id", "note", "unmapped" FROM ${sqlName(visitTable)} WHERE "dt" = ${sqlText(date)} AND "person" IN (${people.map(sqlText).join(', ')})`,
    );
    const rows = reader.getRowsJson() as readonly (readonly (string | null)[])[];
    await this.#store.put(
      `${queryResultsPrefix}query-${++this.queries}.csv`,
      Buffer.from(rows.map((row) => row.join()).join('\n')),
    );
    const counts = new Map(people.map((person) => [person, 0]));
    for (const [person = null] of rows)
      if (person !== null) counts.set(person, (counts.get(person) ?? 0) + 1);
    return counts;
  }

  /** Makes the views of a sealed day, of the compacted files that its Iceberg table has too. */
  async #seeDay(date: LakeDate): Promise<void> {
    const { files = [] } = (await readManifest(this.#store, visitTable, date))?.manifest ?? {};
    const paths = files.map(({ key }) => sqlText(join(this.#folder, key))).join(', ');
    await this.#connection.run(
      `CREATE OR REPLACE VIEW ${sqlName(visitTable)} AS SELECT *, ${sqlText(date)} AS "dt" FROM read_parquet([${paths}], union_by_name = true, hive_partitioning = false)`,
    );
    await this.#connection.run(
      `CREATE OR REPLACE VIEW ${sqlName(titles.name)} AS SELECT * FROM read_parquet(${sqlText(join(this.#folder, referenceKey(titles.name)))})`,
    );
  }
}
