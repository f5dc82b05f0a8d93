import { setTimeout as delay } from 'node:timers/promises';
import type { GlueTableInput, GlueTables, StoredGlueTable } from '@sluice/aws-clients/glue';
import { tableName } from '@sluice/event-schema';
import {
  currentSnapshot,
  decodeManifestList,
  metadataFileName,
  parseDayManifestName,
  versionHintName,
  type TableMetadata,
} from '@sluice/iceberg-metadata';
import {
  commitManifest,
  compactedKey,
  dayAfter,
  icebergMetadataPrefix,
  MemoryObjectStore,
  readManifest,
  type CompactedFile,
  type LakeDate,
  type Manifest,
  type ObjectStore,
} from '@sluice/lake-layout';
import { compactDay, GluePointer, TablePublisher } from '@sluice/lake-maintenance';
import { Command } from 'commander';
import { countText } from '@sluice/values/figures';
import { count, type ShowReport } from '../bench-command';
import type { BenchReport } from '../bench-report';
import { median, spreadOf } from '../interleaved-rounds';
import { benchDate, benchEvent, writeSeededDay } from '../seeded-day';

export interface PublishingBenchOptions {
  readonly days: number;
  readonly filesOfDay: number;
  readonly rounds: number;
  readonly latencyMs: number;
}

/** Size for which the limits hold, and the limits. */
const promised = { days: 400, filesOfDay: 100, requests: 6, ms: 200, megabytes: 5 };
const bucket = 'bench';
const table = tableName(benchEvent);
const rowsOfFile = 64;

/** Makes each request take its time, and counts it. */
class Distance {
  requests = 0;
  latencyMs = 0;

  async request<T>(work: () => Promise<T> | T): Promise<T> {
    this.requests++;
    if (this.latencyMs > 0) await delay(this.latencyMs);
    return work();
  }

  store(near: ObjectStore): ObjectStore {
    return {
      list: (prefix, options) => near.list(prefix, options),
      get: (key, options) => this.request(() => near.get(key, options)),
      put: (key, bytes, options) => this.request(() => near.put(key, bytes, options)),
      delete: (keys) => this.request(() => near.delete(keys)),
    };
  }

  glue(): GlueTables {
    let stored: StoredGlueTable | undefined;
    const change = (input: GlueTableInput, versionId: number): Promise<void> =>
      this.request(() => {
        stored = { versionId: String(versionId), input };
      });
    return {
      database: 'bench',
      find: () => this.request(() => stored),
      create: (input) => change(input, 0),
      update: (input) => change(input, Number(stored?.versionId) + 1),
    };
  }
}

/** Publishes a table of many days, then commits changes of one day, each request taking its time. */
export async function runPublishingBench({
  days,
  filesOfDay,
  rounds,
  latencyMs,
}: PublishingBenchOptions): Promise<BenchReport> {
  const near = new MemoryObjectStore();
  await writeSeededDay(near, { rows: rowsOfFile, files: 1 });
  await compactDay({ store: near, eventType: benchEvent, date: benchDate });
  const model = (await readManifest(near, table, benchDate))?.manifest;
  const [file] = model?.files ?? [];
  if (!model || !file) throw new Error('the day has no compacted file');

  const distance = new Distance();
  const publisher = new TablePublisher({
    store: distance.store(near),
    bucket,
    eventType: benchEvent,
    catalog: new GluePointer(distance.glue()),
  });
  await publisher.open();
  for (let index = 1; index <= days; index++)
    publisher.see(await putDay(near, model, file, { index, files: filesOfDay, name: 'first' }));
  const startedMs = performance.now();
  await publishWhole(publisher);
  const firstMs = performance.now() - startedMs;

  const times: number[] = [];
  const requests: number[] = [];
  for (let round = -1; round < rounds; round++) {
    const changed = await putDay(near, model, file, {
      ...{ index: 1, name: 'first', files: filesOfDay },
      added: `round-${round + 1}`,
    });
    distance.latencyMs = latencyMs;
    distance.requests = 0;
    const start = performance.now();
    await publisher.open();
    publisher.see(changed);
    await publishWhole(publisher);
    if (round >= 0) {
      times.push(performance.now() - start);
      requests.push(distance.requests);
    }
    distance.latencyMs = 0;
  }

  const read = await metadataOfOneDay(near);
  const isPromised = days === promised.days && filesOfDay === promised.filesOfDay;
  const limit = (atMost: number) => (isPromised ? { target: { atMost } } : {});
  return {
    name: 'publishing',
    about: `an Iceberg table of ${countText(days)} days of ${filesOfDay} files each; a commit adds a file to one day, each request takes ${latencyMs} ms; ${rounds} rounds`,
    figures: [
      { name: 'the first snapshot of all', unit: 'ms', value: firstMs },
      {
        name: 'a commit',
        unit: 'ms',
        value: median(times),
        spread: spreadOf(times),
        ...(latencyMs === 20 && limit(promised.ms)),
      },
      {
        name: 'requests of a commit',
        unit: '',
        value: Math.max(...requests),
        ...limit(promised.requests),
      },
      {
        name: 'metadata read for a query of one day',
        unit: 'MB',
        value: read / 1e6,
        ...limit(promised.megabytes),
      },
    ],
  };
}

async function publishWhole(publisher: TablePublisher): Promise<void> {
  const { fault, days } = await publisher.publish();
  if (fault !== undefined || days.length === 0) throw new Error(fault ?? 'nothing was published');
}

/** Stores the manifest of a day whose files have the content of one. */
async function putDay(
  store: MemoryObjectStore,
  model: Manifest,
  file: CompactedFile,
  {
    index,
    files,
    name,
    added,
  }: {
    readonly index: number;
    readonly files: number;
    readonly name: string;
    /** Name of one file more. */
    readonly added?: string;
  },
): Promise<Manifest> {
  const date: LakeDate = dayAfter(benchDate, -index);
  const { bytes } = await store.get(file.key);
  const before = await readManifest(store, table, date);
  const names = before ? [] : Array.from({ length: files }, (_, number) => `${name}-${number}`);
  const copies: CompactedFile[] = [...(before?.manifest.files ?? [])];
  for (const unique of [...names, ...(added === undefined ? [] : [added])]) {
    const key = compactedKey(table, date, unique);
    const { etag } = await store.put(key, bytes);
    copies.push({ ...file, key, etag });
  }
  // A sealed day is announced once, by three requests that belong to no commit.
  const manifest = { ...model, date, files: copies, announced: true };
  await commitManifest(store, manifest, before);
  return manifest;
}

/** Returns the bytes of what an engine reads before the data of one day: metadata, list of manifests, the day's manifest. */
async function metadataOfOneDay(store: MemoryObjectStore): Promise<number> {
  const folder = icebergMetadataPrefix(table);
  const text = async (name: string): Promise<string> =>
    new TextDecoder().decode((await store.get(`${folder}${name}`)).bytes);
  const metadata = await text(metadataFileName(Number(await text(versionHintName))));
  const snapshot = currentSnapshot(JSON.parse(metadata) as TableMetadata);
  const listName = (snapshot?.['manifest-list'] ?? '').split('/').at(-1) ?? '';
  const list = (await store.get(`${folder}${listName}`)).bytes;
  const sizes = new Map<string, number>();
  for (const { path, bytes } of await decodeManifestList(list)) {
    const day = parseDayManifestName(path)?.dt ?? '';
    sizes.set(day, (sizes.get(day) ?? 0) + bytes);
  }
  return metadata.length + list.length + Math.max(...sizes.values());
}

export const publishingCommand = (show: ShowReport): Command =>
  new Command('publishing')
    .description('commits of an Iceberg table of many days, at the latency of S3')
    .option('--days <count>', 'days of the table', count, promised.days)
    .option('--files <count>', 'files of each day', count, promised.filesOfDay)
    .option('--rounds <count>', 'commits', count, 25)
    .option('--latency <ms>', 'milliseconds of each request', count, 20)
    .action(async (options: { days: number; files: number; rounds: number; latency: number }) =>
      show(
        await runPublishingBench({
          days: options.days,
          filesOfDay: options.files,
          rounds: options.rounds,
          latencyMs: options.latency,
        }),
      ),
    );
