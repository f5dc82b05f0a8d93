import { join } from 'node:path';
import { parquetReadObjects, type AsyncBuffer } from 'hyparquet';
import {
  compactedPrefix,
  rawTablePrefix,
  type ObjectInfo,
  type ObjectStore,
} from '@sluice/lake-layout';
import { createLookupApi, type Hedging } from '@sluice/lookup-api';
import pMap from 'p-map';
import { benchDate, benchEvent, indexedBenchEvent } from '../seeded-day';
import { lanceFolder, lanceFolderName, lanceTable } from './lance';
import type { LookupContender } from './lookup-contender';
import { benchRowSql, monthDates, type BenchRow } from './lookup-layouts';

type ReadStore = Pick<ObjectStore, 'list' | 'get'>;

export type ContenderName =
  | 'floor of 1'
  | 'floor of 2'
  | 'lance'
  | 'lance over S3'
  | 'plain'
  | 'plain 64-way'
  | 'hyparquet filter'
  | 'duckdb'
  | 'sluice'
  | 'sluice, running day'
  | 'sluice, 31 days'
  | 'sluice by index'
  | 'sluice by index, running day';

export interface ContenderPlace {
  readonly store: ReadStore;
  /** Column that has the value. */
  readonly column: 'id' | 'session';
  /** Folder of the bucket, for DuckDB, which reads local files. */
  readonly folder: string;
  readonly bucket: string;
  /** Endpoint of S3, if the bucket is read through it. */
  readonly endpoint?: string;
  /** Settings for sending late requests a second time. */
  readonly hedging?: Hedging;
}

export const createContender: Readonly<
  Record<ContenderName, (place: ContenderPlace) => Promise<LookupContender> | LookupContender>
> = {
  'floor of 1': ({ store }) => floor(store, 1),
  'floor of 2': ({ store }) => floor(store, 2),
  lance: ({ folder, column }) => lanceTable(lanceFolder(folder), { column }),
  'lance over S3': ({ bucket, endpoint = '', column }) =>
    lanceTable(`s3://${bucket}/${lanceFolderName}`, { column, endpoint }),
  plain: ({ store }) => plainDesign(store, 1),
  'plain 64-way': ({ store }) => plainDesign(store, 64),
  'hyparquet filter': ({ store }) => hyparquetFilter(store),
  duckdb: ({ folder, column }) => duckdb(folder, column),
  sluice: ({ store, hedging }) => sluice(store, { daysLater: 2, ...(hedging && { hedging }) }),
  'sluice, running day': ({ store }) => sluice(store, { daysLater: 0 }),
  'sluice, 31 days': ({ store }) => {
    const [from = benchDate] = monthDates;
    return sluice(store, { days: { from, to: benchDate }, daysLater: 2 });
  },
  'sluice by index': ({ store }) => sluice(store, { parameter: 'session', daysLater: 2 }),
  'sluice by index, running day': ({ store }) =>
    sluice(store, { parameter: 'session', daysLater: 0 }),
};

interface HyparquetRow {
  readonly id: string;
  readonly type: string;
  readonly actor_id: bigint;
  readonly amount: number;
  readonly created_at: Date;
  readonly body: string;
}

const fromHyparquet = ({
  id,
  type,
  actor_id,
  amount,
  created_at,
  body,
}: HyparquetRow): BenchRow => ({
  id,
  type,
  actor_id: String(actor_id),
  amount,
  created_at: created_at.toISOString(),
  body,
});

async function rawFiles(store: ReadStore): Promise<readonly ObjectInfo[]> {
  const files: ObjectInfo[] = [];
  for await (const file of store.list(rawTablePrefix(benchEvent.name))) files.push(file);
  return files;
}

/** Reads single bytes one after the other: nothing that needs as many requests can be faster. */
async function floor(store: ReadStore, requests: number): Promise<LookupContender> {
  const { key } = await firstCompacted(store);
  return {
    async find() {
      for (let request = 0; request < requests; request++)
        await store.get(key, { range: { start: 0, end: 1 } });
      return undefined;
    },
  };
}

async function firstCompacted(store: ReadStore): Promise<ObjectInfo> {
  for await (const file of store.list(compactedPrefix(benchEvent.name, benchDate))) return file;
  throw new Error('the layout has no compacted file');
}

/** Lists the day, downloads every object, decodes it and searches it for the id. */
const plainDesign = (store: ReadStore, parallel: number): LookupContender => ({
  async find(id) {
    const found = await pMap(
      await rawFiles(store),
      async ({ key }) => {
        const { bytes } = await store.get(key);
        const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
        const rows = await parquetReadObjects({ file: file as unknown as AsyncBuffer });
        return (rows as unknown as HyparquetRow[]).filter((row) => row.id === id);
      },
      { concurrency: parallel },
    );
    return found.flat().map(fromHyparquet);
  },
});

/** Lets hyparquet decide what to read of each object, with 64 objects at the same time. */
const hyparquetFilter = (store: ReadStore): LookupContender => ({
  async find(id) {
    const found = await pMap(
      await rawFiles(store),
      async ({ key, bytes: byteLength }) => {
        const file: AsyncBuffer = {
          byteLength,
          async slice(start, end = byteLength) {
            const { bytes } = await store.get(key, { range: { start, end } });
            return bytes.buffer.slice(
              bytes.byteOffset,
              bytes.byteOffset + bytes.length,
            ) as ArrayBuffer;
          },
        };
        return (await parquetReadObjects({
          file,
          filter: { id: { $eq: id } },
        })) as unknown as HyparquetRow[];
      },
      { concurrency: 64 },
    );
    return found.flat().map(fromHyparquet);
  },
});

/** Prepares DuckDB over the bucket's local files in its best case: a prepared statement, metadata and files cached. */
async function duckdb(folder: string, column: string): Promise<LookupContender> {
  // Imported only when needed, because it would count as memory of the other contenders.
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const connection = await (await DuckDBInstance.create(':memory:', { threads: '2' })).connect();
  await connection.run('SET parquet_metadata_cache = true');
  const compacted = await connection.runAndReadAll(
    `SELECT count(*) FROM glob('${join(folder, benchEvent.name, 'compacted')}/**/*.parquet')`,
  );
  const kind = Number(compacted.getRows()[0]?.[0]) > 0 ? 'compacted' : 'raw';
  const statement = await connection.prepare(
    `SELECT ${benchRowSql} FROM read_parquet('${join(folder, benchEvent.name, kind)}/**/*.parquet')
     WHERE ${column} = $1`,
  );
  return {
    async find(asked) {
      statement.bindVarchar(1, asked);
      return (await statement.runAndReadAll()).getRowObjects() as unknown as readonly BenchRow[];
    },
  };
}

interface SluiceOptions {
  /** Parameter that has the value. @default the key's */
  readonly parameter?: 'id' | 'session';
  /** Days to search, as parameters. @default the bench's day */
  readonly days?: Readonly<Record<string, string>>;
  /** Days after that of the bench on which it is asked. */
  readonly daysLater: number;
  readonly hedging?: Hedging;
}

function sluice(
  store: ReadStore,
  { parameter = 'id', days = { date: benchDate }, daysLater, hedging }: SluiceOptions,
): LookupContender {
  const create = (): ReturnType<typeof createLookupApi> =>
    createLookupApi({
      eventTypes: [parameter === 'id' ? benchEvent : indexedBenchEvent],
      store,
      ...(hedging && { hedging }),
      now: () => Date.parse(`${benchDate}T23:00:00Z`) + daysLater * 86_400_000,
      onError: (error) => {
        throw error;
      },
    });
  let api = create();
  const columns = 'id,type,actor_id,amount,created_at,body';
  return {
    async find(asked) {
      const answer = await api({
        method: 'GET',
        path: `/v1/events/${benchEvent.name}`,
        query: new Map(
          Object.entries({ [parameter]: asked, columns, ...days }).map(([name, value]) => [
            name,
            [value],
          ]),
        ),
        headers: new Map(),
        body: '',
      });
      const { rows } = JSON.parse(String(answer.body)) as {
        rows: readonly (Omit<BenchRow, 'actor_id'> & { actor_id: number })[];
      };
      return rows.map((row) => ({ ...row, actor_id: String(row.actor_id) }));
    },
    forget() {
      api = create();
    },
  };
}
