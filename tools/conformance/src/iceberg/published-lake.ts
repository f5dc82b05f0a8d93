import { metadataFileName } from '@sluice/iceberg-metadata';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { s3Client, s3ObjectStore } from '@sluice/aws-clients';
import {
  defineEvent,
  keyColumn,
  partitionColumn,
  tableColumns,
  tableName,
  type ColumnType,
  type EventType,
} from '@sluice/event-schema';
import { shippedEventTypes } from '@sluice/event-types';
import { sampleEvents } from '@sluice/event-types/samples';
import {
  dateOfKey,
  icebergMetadataPrefix,
  manifestPrefix,
  objectPath,
  readManifest,
  type ObjectStore,
} from '@sluice/lake-layout';
import {
  backfill,
  compactAndPublish,
  TablePublisher,
  type CompactAndPublishOptions,
  type SnapshotRetention,
} from '@sluice/lake-maintenance';
import type { LocalS3 } from '@sluice/local-s3';

export const bucket = 'lake';
export const credentials = { accessKeyId: 'conformance', secretAccessKey: 'conformance-secret' };
export const region = 'us-east-1';

/** One version of one table, for engines to read. */
export interface TableRead {
  readonly name: string;
  /** Address of the metadata file, `s3://bucket/key`. */
  readonly metadata: string;
  readonly key: string;
  readonly columns: readonly { readonly name: string; readonly type: ColumnType }[];
  /** Files that the manifests named when the version was published. */
  readonly files: readonly { readonly path: string; readonly date: string }[];
  /** A key to look up. */
  readonly wanted?: string;
  /** A sealed day, for queries whose reads of data files are counted. */
  readonly scan?: ScannedDay;
}

/** A sealed day of several files, and the files that a query by key has to read of it. */
export interface ScannedDay {
  readonly date: string;
  readonly rows: number;
  /** Keys of the day's files. */
  readonly files: readonly string[];
  /** Key of the rows to look up, of which there is one. */
  readonly wanted: string;
  /** Keys of the files of which the manifest says that they may hold it. */
  readonly mayHold: readonly string[];
}

const days = ['2026-03-05', '2026-03-06'];

const wideGroups = 50;
const leavesOfGroup = 16;
const leafSchemas = [
  { type: 'integer' },
  { type: 'string' },
  { type: 'number' },
  { type: 'boolean' },
] as const;

/** An event type with 800 leaves in 50 objects. */
const wide = defineEvent({
  name: 'wide',
  version: '1.0.0',
  key: 'id',
  identity: 'id',
  schema: {
    type: 'object',
    required: ['id'],
    properties: {
      id: { type: 'string' },
      ...Object.fromEntries(
        Array.from({ length: wideGroups }, (_, group) => [
          `group${group}`,
          {
            type: 'object',
            properties: Object.fromEntries(
              Array.from({ length: leavesOfGroup }, (__, leaf) => [
                `leaf${leaf}`,
                leafSchemas[leaf % leafSchemas.length] ?? {},
              ]),
            ),
          },
        ]),
      ),
    },
  },
});

const wideEvent = (index: number): object => ({
  id: `wide-${index}`,
  ...Object.fromEntries(
    Array.from({ length: wideGroups }, (_, group) => [
      `group${group}`,
      Object.fromEntries(
        Array.from({ length: leavesOfGroup }, (__, leaf) => [
          `leaf${leaf}`,
          [index * leaf, `text ${index + leaf}`, index / (leaf + 1), index % 2 === 0][leaf % 4],
        ]),
      ),
    ]),
  ),
});

const exactDefinition = {
  name: 'exact',
  version: '1.0.0',
  key: 'id',
  identity: 'event',
  time: 'at',
  schema: {
    type: 'object',
    required: ['id', 'event', 'at'],
    properties: {
      id: { type: 'string' },
      event: { type: 'string' },
      at: { type: 'string', format: 'date-time', digits: 6 },
      second: { type: 'string', format: 'date-time', digits: 0 },
      day: { type: ['string', 'null'], format: 'date' },
      big: { type: ['integer', 'null'] },
      price: { type: ['string', 'null'], format: 'decimal', precision: 12, scale: 2 },
      small: { type: 'string', format: 'decimal', precision: 38, scale: 18 },
      ratio: { type: ['number', 'null'] },
      ok: { type: 'boolean' },
      tags: { type: 'array', items: { type: 'string' } },
      numbers: { type: 'array', items: { type: ['integer', 'null'] } },
      moments: { type: 'array', items: { type: 'string', format: 'date-time', digits: 3 } },
      prices: {
        type: 'array',
        items: { type: 'string', format: 'decimal', precision: 9, scale: 3 },
      },
      lines: { type: 'array', items: { type: 'object' } },
      free: {},
    },
  },
} as const;

/** An event type with every type of column, for extreme values. */
const exact = defineEvent(exactDefinition as unknown as EventType);

/** The same event type with another column, and a decimal of more digits. */
const exactWidened = defineEvent({
  ...exactDefinition,
  version: '1.1.0',
  schema: {
    ...exactDefinition.schema,
    properties: {
      ...exactDefinition.schema.properties,
      price: { type: ['string', 'null'], format: 'decimal', precision: 24, scale: 2 },
      added: { type: 'string' },
    },
  },
} as unknown as EventType);

/** An event type whose days have many files. */
const scanned = defineEvent({
  name: 'scanned',
  version: '1.0.0',
  key: 'id',
  identity: 'id',
  schema: {
    type: 'object',
    required: ['id'],
    properties: { id: { type: 'string' }, value: { type: 'integer' } },
  },
});
const scannedEvents = 1_200;
const rowsOfScannedFile = 100;

/** Writes an event as text, because a double can't hold its integers. */
const exactEvent = (index: number, more = ''): string => {
  const day = days[index % 2] ?? '';
  const ends = ['9223372036854775807', '-9223372036854775808', '9007199254740993', 'null', '0'];
  const ratios = ['1.7976931348623157e308', '5e-324', '-0.0', 'null', '0.1'];
  const members = [
    `"id":"key-${index % 40}","event":"e-${index}","at":"${day}T12:34:56.${String(index).padStart(6, '0')}Z"`,
    `"second":"9999-12-31T23:59:59Z","day":${index % 3 === 0 ? 'null' : '"0001-01-01"'}`,
    `"big":${ends[index % 5]},"price":${index % 4 === 0 ? 'null' : '"-9999999999.99"'}`,
    `"small":"12345678901234567890.123456789012345678","ratio":${ratios[index % 5]},"ok":${index % 2 === 0}`,
    `"tags":${index % 6 === 0 ? '[]' : '["ä","","😀\\"\\n"]'},"numbers":[${ends[index % 5]},null,1]`,
    `"moments":["1969-12-31T23:59:59.999Z"],"prices":["-0.001","123456.789"],"lines":[{"n":1.10}]`,
    `"free":{"deep":[1,{"a":null}]},"unknown":${index}`,
  ];
  return `{${members.join()}${more}}`;
};

/** A lake behind S3 whose tables were published several times, with the reads that engines have to make of it. */
export class PublishedLake {
  readonly reads: TableRead[] = [];
  readonly #store: ObjectStore;
  #files = 0;

  constructor(
    private readonly s3: LocalS3,
    /** Folder of S3's objects. */
    private readonly objects: string,
    private readonly scratch: string,
  ) {
    this.#store = s3ObjectStore({
      client: s3Client({ endpoint: s3.url, region, credentials }),
      bucket,
    });
    mkdirSync(scratch, { recursive: true });
  }

  async make(progress: (line: string) => void): Promise<void> {
    for (const eventType of shippedEventTypes) {
      progress(`publishing ${eventType.name} …`);
      const texts = Array.from(sampleEvents(eventType.name, { count: 240 }), (event) =>
        JSON.stringify(event),
      );
      await this.#publish(eventType, 'first', texts.slice(0, 150));
      // Some of these events are in the lake already.
      await this.#publish(eventType, 'second', texts.slice(100));
    }
    progress('publishing a table of 800 leaves …');
    await this.#publish(
      wide,
      'first',
      Array.from({ length: 60 }, (_, i) => JSON.stringify(wideEvent(i))),
    );
    progress('publishing a table of every type of column …');
    await this.#publish(
      exact,
      'first',
      Array.from({ length: 100 }, (_, i) => exactEvent(i)),
    );
    await this.#publish(
      exact,
      'second',
      Array.from({ length: 100 }, (_, i) => exactEvent(i + 50)),
    );
    await this.#publish(
      exactWidened,
      'widened',
      Array.from({ length: 60 }, (_, i) =>
        exactEvent(i + 150, ',"added":"later"').replace(
          '-9999999999.99',
          '9999999999999999999999.99',
        ),
      ),
    );
    await this.#publish(exactWidened, 'expired', [exactEvent(300)], {
      retention: { maxAgeMs: 0, minSnapshots: 1 },
    });
    progress('publishing days of many files …');
    await this.#publishScanned();
  }

  /** Publishes two sealed days of several files each. */
  async #publishScanned(): Promise<void> {
    await this.#publish(
      scanned,
      'many files',
      Array.from({ length: scannedEvents }, (_, i) =>
        JSON.stringify({ id: `id-${String((i * 7) % scannedEvents).padStart(5, '0')}`, value: i }),
      ),
      {
        chooseLayout: () => ({
          codec: 'zstd',
          rowGroupRows: rowsOfScannedFile,
          statistics: ['id'],
          fileRows: rowsOfScannedFile,
        }),
      },
    );
    const read = this.reads.pop();
    const date = days[1] ?? '';
    const manifest = (await readManifest(this.#store, tableName(scanned), date))?.manifest;
    if (!read || !manifest?.sealed || manifest.files.length < 4)
      throw new Error('the day for scans is not sealed, or has few files');
    const wanted = manifest.files[2]?.minKey ?? '';
    this.reads.push({
      ...read,
      scan: {
        date,
        wanted,
        rows: manifest.files.reduce((sum, { rows }) => sum + rows, 0),
        files: manifest.files.map(({ key }) => key),
        mayHold: manifest.files
          .filter(({ minKey, maxKey }) => minKey <= wanted && wanted <= maxKey)
          .map(({ key }) => key),
      },
    });
  }

  /**
   * Ingests events, compacts and publishes them. Engines then have to see exactly the files that the manifests name.
   */
  async #publish(
    eventType: EventType,
    step: string,
    texts: readonly string[],
    {
      retention,
      chooseLayout,
    }: {
      readonly retention?: SnapshotRetention;
      readonly chooseLayout?: CompactAndPublishOptions['chooseLayout'];
    } = {},
  ): Promise<void> {
    const store = this.#store;
    const table = tableName(eventType);
    const half = Math.ceil(texts.length / 2);
    for (const [index, part] of [texts.slice(0, half), texts.slice(half)].entries()) {
      const path = join(this.scratch, `${this.#files++}.ndjson.gz`);
      writeFileSync(path, gzipSync(part.join('\n')));
      const take = backfill({
        store,
        eventType,
        ...(eventType.time === undefined && { date: days[index] }),
      });
      const { counts } = await take(path, path);
      if (counts.failed > 0) throw new Error(`${counts.failed} events of ${table} failed`);
    }
    const publisher = new TablePublisher({
      store,
      bucket,
      eventType,
      ...(retention && { retention }),
    });
    const { published } = await compactAndPublish({
      ...{ publisher, store, bucket },
      ...(chooseLayout && { chooseLayout }),
    });
    if (published.fault !== undefined) throw new Error(`${table}: ${published.fault}`);
    const files: { path: string; date: string }[] = [];
    let wanted: string | undefined;
    for await (const { key } of store.list(manifestPrefix(table))) {
      const date = dateOfKey(key);
      const manifest = date && (await readManifest(store, table, date))?.manifest;
      for (const file of manifest ? manifest.files : []) {
        wanted ??= file.minKey;
        files.push({ path: join(this.objects, bucket, file.key), date: date ?? '' });
      }
    }
    const key = keyColumn(eventType);
    this.reads.push({
      name: `${table}, ${step}`,
      metadata: objectPath(
        bucket,
        icebergMetadataPrefix(table) + metadataFileName(published.version),
      ),
      key: key.name,
      columns: [
        { name: partitionColumn, type: { kind: 'string' } },
        ...tableColumns(eventType).map(({ name, type }) => ({ name, type })),
      ],
      files,
      ...(key.type.kind === 'string' && wanted !== undefined && { wanted }),
    });
  }

  get endpoint(): string {
    return this.s3.url;
  }
}
