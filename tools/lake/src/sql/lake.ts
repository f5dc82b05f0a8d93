import type { DuckDBResult } from '@duckdb/node-api';
import { partitionColumn } from '@sluice/event-schema';
import { dataDirectory } from '@sluice/lake-layout/data-directory';
import { assemblyCatalog } from '../lake-catalog';
import { crawledFolders, crawledName, type Catalog } from '@sluice/local-athena';
import {
  FileGoneError,
  FileSnapshot,
  hasSnapshot,
  inSession,
  trimStatement,
  type DuckDbSession,
} from '@sluice/local-athena/in-process';
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { wrapText } from '@sluice/terminal';
import { dataDirOption, startCommand } from '../shown-commands';
import { errorText } from './error-text';
import { quoteNames, type LakeNames } from './quote-names';

/** Error that the user can fix; the message is a sentence for them. */
export class LakeError extends Error {
  override readonly name = 'LakeError';
}

export interface LakeTable {
  readonly name: string;
  readonly kind: 'table' | 'view' | 'folder';
}

/** Memory of a query in MB; it spills to disk beyond that. */
const memoryMb = 2048;

/** Largest number of attempts for a query whose files are deleted while it runs, because the lake is in use. */
const maxAttempts = 5;

/** Reads the lake of a data directory directly from its files; no part of the local stack needs to run. */
export class Lake {
  readonly #catalog: Catalog;
  readonly #objects: string;

  constructor(catalog: Catalog, objects: string) {
    this.#catalog = catalog;
    this.#objects = objects;
  }

  /** Returns, by name, the tables and views of the catalogue, and undefined folders below `reference/`. */
  async tables(): Promise<readonly LakeTable[]> {
    const { tables, crawled } = this.#catalog;
    const defined = tables.map(({ name, kind }): LakeTable => ({
      name,
      kind: kind === 'view' ? 'view' : 'table',
    }));
    const folders = crawled
      ? [...(await crawledFolders(this.#objects, crawled.bucket, crawled.prefix)).keys()]
      : [];
    const found = folders
      .map(crawledName)
      .filter((name) => !defined.some((table) => table.name === name))
      .map((name): LakeTable => ({ name, kind: 'folder' }));
    return [...defined, ...found].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Returns the columns of the catalogue's tables, by table. */
  columns(): ReadonlyMap<string, readonly string[]> {
    return new Map(
      this.#catalog.tables.map((table) => [
        table.name,
        [
          ...table.columns,
          ...(table.kind === 'files' ? table.partitionKeys : []),
          ...(table.kind === 'iceberg' ? [{ name: partitionColumn }] : []),
        ].map(({ name }) => name),
      ]),
    );
  }

  /**
   * Runs a query over the current files.
   *
   * @param use gets its rows in chunks
   * @throws Error whose message is meant for the author of the query
   */
  query<T>(
    sql: string,
    signal: AbortSignal,
    use: (result: DuckDBResult) => Promise<T>,
  ): Promise<T> {
    return this.#session(sql, signal, async (session, text) => use(await session.query(text, [])));
  }

  /**
   * Writes a query's rows to a Parquet file.
   *
   * @param use gets the file, which is deleted afterwards, and its number of rows
   * @throws the errors of {@link query}
   */
  parquet<T>(
    sql: string,
    signal: AbortSignal,
    use: (file: string, rows: number) => Promise<T>,
  ): Promise<T> {
    return this.#session(sql, signal, async (session, text, snapshot) => {
      const file = snapshot.file('result.parquet');
      return use(file, await session.copy(text, [], { file, compression: 'zstd' }));
    });
  }

  /**
   * Returns a hint about tables of a query that have no snapshot, and therefore no rows in SQL; undefined where all
   * have one.
   */
  async missingSnapshots(sql: string): Promise<string | undefined> {
    // A table may be called "order", which ORDER BY does not name.
    const names = sql.replace(/'(?:[^']|'')*'|\b\w+\s+by\b/gi, ' ');
    const words = new Set(names.toLowerCase().match(/\w+/g));
    const missing: string[] = [];
    for (const table of this.#catalog.tables) {
      const { name } = table;
      const isNamed = words.has(name) || words.has(`${name}_latest`);
      if (table.kind === 'iceberg' && isNamed && !(await hasSnapshot(this.#objects, table)))
        missing.push(name);
    }
    if (missing.length === 0) return undefined;
    const raw = missing.map((name) => `${name}_raw`).join(' and ');
    const command = ['npm run lake -- compact', ...dataDirOption(dirname(this.#objects)).flat()];
    return [
      wrapText(
        `SQL shows no rows of ${missing.join(' and ')} before the first compaction: seconds after a delivery where the stack runs, else by`,
      ),
      `  ${command.join(' ')}`,
      wrapText(`What was delivered is in ${raw}.`),
    ].join('\n');
  }

  async #names(): Promise<LakeNames> {
    const tables = await this.tables();
    return {
      tables: tables.map(({ name }) => name),
      columns: [...new Set([...this.columns().values()].flat())],
    };
  }

  async #session<T>(
    sql: string,
    signal: AbortSignal,
    use: (session: DuckDbSession, text: string, snapshot: FileSnapshot) => Promise<T>,
  ): Promise<T> {
    const names = await this.#names();
    const text = quoteNames(trimStatement(sql), names);
    if (text === '') throw new LakeError('the query is empty');
    for (let attempt = 1; ; attempt++) {
      const snapshot = await FileSnapshot.make(this.#objects);
      try {
        return await inSession(
          {
            catalog: this.#catalog,
            objects: this.#objects,
            memoryMb,
            snapshot,
            statement: { sql: text },
            signal,
          },
          (session) => use(session, text, snapshot),
        );
      } catch (error) {
        if (error instanceof FileGoneError && attempt < maxAttempts) continue;
        // A broken disk or a closed pipe is not a fault of the query.
        if ((error as NodeJS.ErrnoException).syscall !== undefined) throw error;
        const message = snapshot.withAddresses((error as Error).message);
        throw new LakeError(errorText(message, text, names));
      } finally {
        await snapshot.remove();
      }
    }
  }
}

/**
 * Opens the lake of a data directory for SQL.
 *
 * @param assembly the shipped templates; those of the data directory take precedence
 * @throws {@link LakeError}
 */
export function openLake(dataDir: string, assembly: string): Lake {
  const { path: folder, objects, assembly: own } = dataDirectory(resolve(dataDir));
  if (!existsSync(objects))
    throw new LakeError(
      `there is no lake in ${folder}; run ${startCommand(folder)} first, or name another with --data-dir`,
    );
  return new Lake(
    assemblyCatalog(existsSync(join(own, 'manifest.json')) ? own : assembly),
    objects,
  );
}
