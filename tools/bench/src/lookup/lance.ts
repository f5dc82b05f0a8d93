// Lance, a format made for random access, as a rival. It is not a dependency of the workspace: the bench installs it
// beside its other files when it runs, and skips it where that fails.
import { sqlText } from '@sluice/event-schema';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { LookupContender } from './lookup-contender';
import { benchEvent } from '../seeded-day';
import { benchRowSql, type BenchRow } from './lookup-layouts';

const version = '0.39.0';
const cacheFolder = join(
  process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'),
  'sluice',
  `bench-lance-${version}`,
);
const installTimeoutMs = 5 * 60_000;

/** The part of `@lancedb/lancedb` that the bench uses. */
interface Lance {
  connect(uri: string, options?: object): Promise<LanceConnection>;
  readonly Index: { btree(): unknown };
}
interface LanceConnection {
  createTable(name: string, rows: readonly LanceRow[], options?: object): Promise<LanceTable>;
  openTable(name: string): Promise<LanceTable>;
}
interface LanceTable {
  add(rows: readonly LanceRow[]): Promise<unknown>;
  createIndex(column: string, options: { readonly config: unknown }): Promise<void>;
  optimize(): Promise<unknown>;
  countRows(): Promise<number>;
  query(): {
    where(filter: string): { toArray(): Promise<readonly LanceRow[]> };
  };
}

/** A row of a table, with the value of its further index, if it has one. */
type LanceRow = BenchRow & { readonly session?: string };

const tableName = 'rows';
export const lanceFolderName = 'lance';
export const lanceFolder = (bucketFolder: string): string => join(bucketFolder, lanceFolderName);

/**
 * Installs Lance into a folder below the user's cache, unless it is there.
 *
 * @returns the reason why it can't be used; undefined where it can
 */
export async function installLance(): Promise<string | undefined> {
  try {
    if (!existsSync(join(cacheFolder, 'ready'))) {
      await mkdir(cacheFolder, { recursive: true });
      await writeFile(join(cacheFolder, 'package.json'), '{"private":true}');
      await promisify(execFile)(
        'npm',
        ['install', '--no-audit', '--no-fund', '--save-exact', `@lancedb/lancedb@${version}`],
        { cwd: cacheFolder, timeout: installTimeoutMs },
      );
      await writeFile(join(cacheFolder, 'ready'), '');
    }
    loadLance();
    return undefined;
  } catch (error) {
    const [first = ''] = (error as Error).message.split('\n');
    return `@lancedb/lancedb ${version} can't be installed or loaded: ${first}`;
  }
}

const loadLance = (): Lance =>
  createRequire(join(cacheFolder, 'package.json'))('@lancedb/lancedb') as Lance;

const rowsAtOnce = 20_000;

/**
 * Writes the rows of a layout as a Lance table with a scalar index, as Lance's documentation advises.
 *
 * @param column of the index
 */
export async function writeLanceTable(
  bucketFolder: string,
  column: 'id' | 'session',
): Promise<void> {
  const folder = lanceFolder(bucketFolder);
  if (existsSync(join(folder, 'ready'))) return;
  await rm(folder, { recursive: true, force: true });
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const connection = await (await DuckDBInstance.create()).connect();
  const files = join(bucketFolder, benchEvent.name, 'compacted', '**', '*.parquet');
  const result = await connection.stream(
    `SELECT ${benchRowSql}${column === 'id' ? '' : `, ${column}`} FROM read_parquet('${files}')`,
  );
  const lance = loadLance();
  const database = await lance.connect(folder);
  let table: LanceTable | undefined;
  let batch: LanceRow[] = [];
  const flush = async (): Promise<void> => {
    if (batch.length === 0) return;
    if (table) await table.add(batch);
    else table = await database.createTable(tableName, batch);
    batch = [];
  };
  for await (const rows of result.yieldRowObjectJs()) {
    batch.push(...(rows as unknown as readonly LanceRow[]));
    if (batch.length >= rowsAtOnce) await flush();
  }
  await flush();
  await table?.optimize();
  await table?.createIndex(column, { config: lance.Index.btree() });
  await writeFile(join(folder, 'ready'), '');
}

/**
 * Returns a contender that looks rows up by Lance's own index.
 *
 * @param endpoint of S3, where the table lies in a bucket
 */
export async function lanceTable(
  uri: string,
  { column, endpoint }: { readonly column: 'id' | 'session'; readonly endpoint?: string },
): Promise<LookupContender> {
  const lance = loadLance();
  const open = async (): Promise<LanceTable> => {
    const database = await lance.connect(
      uri,
      endpoint === undefined
        ? {}
        : {
            storageOptions: {
              endpoint,
              allowHttp: 'true',
              region: 'us-east-1',
              awsAccessKeyId: 'bench',
              awsSecretAccessKey: 'bench',
              virtualHostedStyleRequest: 'false',
            },
          },
    );
    return database.openTable(tableName);
  };
  let table = await open();
  return {
    async find(asked) {
      const rows = await table
        .query()
        .where(`${column} = ${sqlText(asked)}`)
        .toArray();
      return rows.map(({ id, type, actor_id, amount, created_at, body }) => ({
        id,
        type,
        actor_id,
        amount,
        created_at,
        body,
      }));
    },
    async forget() {
      table = await open();
    },
  };
}
