// A data directory that an earlier release left behind when it was killed. Its lake holds 23 compacted rows of readings, 3 in a raw file
// that is not compacted, a failed record and a reference table. It must be read for ever, and never be made anew.
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { s3Client, s3ObjectStore } from '@sluice/aws-clients';
import { catalogNames, catalogTables, type EventType } from '@sluice/event-schema';
import { readEventTypes } from '@sluice/event-schema/node';
import { dataDirCredentials, openDataDir, type DataDir } from '@sluice/lake';
import { icebergMetadataPrefix, readManifest, type ObjectStore } from '@sluice/lake-layout';
import { compactAndPublish, TablePublisher } from '@sluice/lake-maintenance';
import { replayTable } from '@sluice/failed-records/replay';
import type { Catalog } from '@sluice/local-athena';
import { inSession, FileSnapshot } from '@sluice/local-athena/in-process';
import { Checkpoints, FailedPositions } from '@sluice/local-firehose';
import { kinesisSource, repairStreams, startKinesis } from '@sluice/local-kinesis';
import { startS3, type LocalS3 } from '@sluice/local-s3';
import { createLookupApi } from '@sluice/lookup-api';

const bucket = 'sluice-dev-lake-000000000000-us-east-1';
const date = '2026-11-27';
const now = (): number => Date.parse('2026-11-27T04:00:00Z');

const folder = mkdtempSync(join(tmpdir(), 'sluice-earlier-data-'));
let dataDir: DataDir;
let s3: LocalS3;
let store: ObjectStore;
let reading: EventType;

beforeAll(async () => {
  cpSync(join(__dirname, 'fixtures/earlier-data'), folder, { recursive: true });
  dataDir = openDataDir(folder);
  const credentials = dataDirCredentials(dataDir);
  s3 = await startS3({ folder: dataDir.objects, credentials });
  const client = s3Client({ endpoint: s3.url, region: 'us-east-1', credentials });
  store = s3ObjectStore({ client, bucket });
  [reading] = readEventTypes(dataDir.definitions) as [EventType];
});

afterAll(async () => {
  await s3.close();
  dataDir.release();
  rmSync(folder, { recursive: true });
});

/** Rows that were stored for events 1 to 26. */
const expectedRows = Array.from({ length: 26 }, (_, index) => {
  const n = index + 1;
  const day = 1 + (n % 9);
  const isBare = n % 5 === 4;
  return {
    sensor: n % 4,
    id: `r${n}`,
    value: isBare ? null : n / 8 - 1,
    ok: isBare ? null : n % 2 === 0,
    day: isBare ? null : `20${20 + (n % 7)}-02-2${n % 9}`,
    at: isBare ? null : `2026-01-0${day}T10:00:00.${100 + n}Z`,
    exactly: isBare ? null : `1960-01-0${day}T10:00:00.000${100 + n}Z`,
    price: isBare ? null : `${n % 2 ? '-' : ''}${n}1234567890.${1000 + n}`,
    tags: isBare ? null : n % 3 ? ['a', `t${n}`] : [],
    place_city: isBare ? null : 'Zürich 🏔',
    place_zone: isBare ? null : n * 1e12,
    extra: isBare ? null : `{"nested":[${n},1.1]}`,
    unmapped: n % 6 === 0 ? `{"unknown":{"kept":${n}}}` : null,
  };
});

type Row = Readonly<Record<string, unknown>>;

const byNumber = (a: Row, b: Row): number =>
  Number(String(a['id']).slice(1)) - Number(String(b['id']).slice(1));

async function lookUpAll(): Promise<readonly Row[]> {
  const api = createLookupApi({ eventTypes: [reading], store, now });
  const rows: Row[] = [];
  for (const sensor of ['0', '1', '2', '3']) {
    const { status, body } = await api({
      method: 'GET',
      path: '/v1/events/reading',
      query: new Map([['id', [sensor]]]),
      headers: new Map(),
      body: '',
    });
    expect(status).toBe(200);
    rows.push(...(JSON.parse(String(body)) as { readonly rows: readonly Row[] }).rows);
  }
  return rows.sort(byNumber);
}

/** Returns the rows of a query over the files as the catalog describes them. */
async function sql(query: string): Promise<unknown> {
  const { columns } = catalogTables({
    ...{ eventTypes: [reading], references: [], joins: [], bucket },
    database: 'db',
  }).find(({ kind }) => kind === 'raw')!.tableInput.storageDescriptor;
  const catalog: Catalog = {
    database: 'db',
    crawled: { bucket, prefix: 'reference/' },
    tables: [
      {
        ...{ kind: 'iceberg', database: 'db', name: catalogNames(reading).rows, columns, bucket },
        prefix: icebergMetadataPrefix('reading'),
      },
    ],
  };
  const { objects } = dataDir;
  const snapshot = await FileSnapshot.make(objects);
  try {
    const { signal } = new AbortController();
    return await inSession(
      { catalog, objects, memoryMb: 256, snapshot, statement: { sql: query }, signal },
      async (session) => (await session.query(query, [])).getRowsJson(),
    );
  } finally {
    await snapshot.remove();
  }
}

const idsSql = (): string =>
  `SELECT id FROM ${catalogNames(reading).rows} ORDER BY cast(substr(id, 2) AS integer)`;

const idsTo = (last: number): readonly (readonly string[])[] =>
  expectedRows.slice(0, last).map(({ id }) => [id]);

it('is known as a directory that a stack ran on, with its credentials', () => {
  expect(dataDir.isNew).toBe(false);
  expect(dataDirCredentials(dataDir).apiKey).toBe('fixture');
});

it('gives each row to a look-up, from compacted and raw files', async () => {
  expect(await lookUpAll()).toMatchObject(expectedRows);
});

it('has no rows in SQL before its first snapshot, but its reference table', async () => {
  expect(await sql(idsSql())).toEqual([]);
  expect(await sql('SELECT count(*) FROM sensors')).toEqual([['4']]);
});

it('says how far its delivery had read, and what failed', async () => {
  const { positions } = new Checkpoints(join(dataDir.checkpoints, 'sluice-dev-reading.json'));
  expect([...positions]).toEqual([
    ['shardId-000000000000', '49680601784605176336364223640187534726828812442919763970'],
  ]);
  const failed = new FailedPositions(join(dataDir.checkpoints, 'sluice-dev-reading-failed.json'));
  expect(failed.ofShard('shardId-000000000000')).toHaveLength(1);
  const send = (): never => {
    throw new Error('a dry run sends nothing');
  };
  const report = await replayTable({ store, eventType: reading, send, dryRun: true });
  expect(report).toMatchObject({ objects: 1, sent: 0, left: 1 });
});

it('has a stream that is whole, and is read on after what was delivered', async () => {
  const stream = 'sluice-dev-reading';
  const { positions } = new Checkpoints(join(dataDir.checkpoints, `${stream}.json`));
  const folder = dataDir.kinesis;
  expect(await repairStreams(folder, [{ name: stream, shards: 1, positions }])).toBeUndefined();
  const kinesis = await startKinesis({ folder, credentials: dataDirCredentials(dataDir) });
  try {
    const [found] = await kinesis.ensureStreams([{ name: stream, shards: 1 }]);
    expect(found?.shardIds).toEqual([...positions.keys()]);
    const Data = Buffer.from('{"sensor":0,"id":"r27"}').toString('base64');
    await kinesis.call('PutRecord', { StreamName: stream, PartitionKey: '0', Data });
    for (const [shardId, after] of positions) {
      const source = kinesisSource({ call: kinesis.call, stream, shardId, after });
      expect(await source.next()).toMatchObject([{ data: Data, partitionKey: '0' }]);
    }
  } finally {
    await kinesis.close();
  }
});

it('is compacted on from where it was, and every row is there once, in SQL too', async () => {
  const publisher = new TablePublisher({ store, bucket, eventType: reading, now });
  const { days, published } = await compactAndPublish({ store, publisher, now });
  expect(days).toMatchObject([
    { date, rows: 26, rawFilesAbsorbed: 1, complete: true, refused: [] },
  ]);
  expect(published).toMatchObject({ days: [date], lagMs: 0, waitingDays: 0 });
  const manifest = (await readManifest(store, 'reading', date))?.manifest;
  expect(manifest?.files.reduce((sum, { rows }) => sum + rows, 0)).toBe(26);
  expect(await lookUpAll()).toMatchObject(expectedRows);
  expect(await sql(idsSql())).toEqual(idsTo(26));
  const join = `SELECT r.id, r.price, s.name, s.height, s.since FROM ${catalogNames(reading).rows} r
    JOIN sensors s ON s.sensor = r.sensor WHERE r.id IN ('r1', 'r2', 'r3') ORDER BY 1`;
  expect(await sql(join)).toEqual([
    ['r1', '-11234567890.1001', 'Bern', 542, '2021-02-28'],
    ['r2', '21234567890.1002', null, null, null],
    ['r3', '-31234567890.1003', 'Chur', 593.25, '2024-02-29'],
  ]);
});
