import type { Table } from 'apache-arrow';
import { createRowTableBuilder } from '@sluice/columns';
import {
  indexedColumns,
  indexType,
  keyColumn,
  momentColumns,
  tableColumns,
  tableName,
  timeColumn,
  type EventType,
} from '@sluice/event-schema';
import {
  commitManifest,
  compactedKey,
  compareUtf8,
  filesToken,
  indexEntryName,
  indexFileKey,
  KeyFilterBuilder,
  keyFilterForm,
  keyFilterKey,
  keyFilterText,
  keyOrder,
  MemoryObjectStore,
  placesKey,
  rawFileToken,
  rawHourPrefix,
  readManifest,
  RowPlacesBuilder,
  type CompactedFile,
  type DayIndex,
  type KeyFilterFile,
  type LakeDate,
  type PlacesFile,
  type RawFileToken,
  type RowPosition,
} from '@sluice/lake-layout';
import { parseTime } from '@sluice/values';
import { packFooter, unpackFooter } from '@sluice/parquet-reading';
import {
  chooseLookupLayout,
  rawLayout,
  writeParquet,
  type ParquetBytes,
  type ParquetLayout,
} from '@sluice/parquet-writing';

export type TestRow = Readonly<Record<string, unknown>>;

/** Returns a member's text; undefined where it is missing. */
const textOf = (row: TestRow, name: string): string | undefined => {
  const value = row[name];
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint'
    ? String(value)
    : undefined;
};

const defaultArrival = '2026-11-20 10:00:00.000';

/** Returns the moment of a row with six digits. */
const momentText = (row: TestRow, time: string): string =>
  `${textOf(row, time) ?? textOf(row, 'ingested_at') ?? defaultArrival}000`.slice(0, 26);

/** A lake of one table in memory, with files as ingest and compaction leave them. */
export class TestLake {
  readonly store: MemoryObjectStore;
  #files = 0;
  /** Keys of the files added to each day. */
  readonly #keys = new Map<LakeDate, string[]>();
  /** Rows of each row group of a file, by the file's key. */
  readonly #groups = new Map<string, readonly (readonly TestRow[])[]>();

  constructor(
    readonly eventType: EventType,
    readonly nowMs = Date.parse('2026-11-20T12:00:00Z'),
  ) {
    this.store = new MemoryObjectStore({ now: () => nowMs });
  }

  get table(): string {
    return tableName(this.eventType);
  }

  write(rows: readonly TestRow[], layout: ParquetLayout): ParquetBytes {
    return writeParquet(this.#tableOf(rows), layout);
  }

  #tableOf(rows: readonly TestRow[], eventType = this.eventType): Table {
    const builder = createRowTableBuilder(tableColumns(eventType));
    for (const row of rows) {
      const fault = builder.append({ ingested_at: defaultArrival, ...row });
      if (fault) throw new Error(`${fault.column}: ${fault.detail}`);
    }
    return builder.finish();
  }

  /** Adds a raw file. @returns its name in an absorbing manifest */
  async addRaw(
    date: LakeDate,
    rows: readonly TestRow[],
    {
      hour = '10',
      layout = rawLayout,
    }: { readonly hour?: string; readonly layout?: ParquetLayout } = {},
  ): Promise<RawFileToken> {
    const key = `${rawHourPrefix(this.table, date, hour)}raw-${++this.#files}.parquet`;
    const { etag } = await this.store.put(key, this.write(rows, layout).bytes);
    return rawFileToken({ key, etag });
  }

  /** Sorts rows by key and moment, writes them as one file and adds it to the manifest. */
  async addCompacted(
    date: LakeDate,
    rows: readonly TestRow[],
    {
      sealed = true,
      absorbed = [],
      isDescribed = true,
    }: {
      readonly sealed?: boolean;
      readonly absorbed?: readonly RawFileToken[];
      /** False for a file as earlier releases left it, with nothing of its footer in the manifest. */
      readonly isDescribed?: boolean;
    } = {},
  ): Promise<CompactedFile> {
    const { name } = keyColumn(this.eventType);
    const key = compactedKey(this.table, date, `file-${++this.#files}`);
    const indexes = isDescribed ? await this.#addEntries(date, rows) : [];
    const file: CompactedFile = {
      ...(await this.#putSorted(this.eventType, rows, { key, isDescribed })),
      ...(indexes.length > 0 && { indexed: indexes.map(({ path }) => path) }),
    };
    const keys = this.#keys.get(date) ?? [];
    this.#keys.set(date, [...keys, ...rows.map((row) => String(row[name]))]);
    await this.commit(date, {
      add: [file],
      indexes,
      sealed,
      absorbed,
      isFiltered: sealed && isDescribed,
    });
    return file;
  }

  /** Sorts rows and writes them as one file. */
  async #putSorted(
    eventType: EventType,
    rows: readonly TestRow[],
    { key, isDescribed }: { readonly key: string; readonly isDescribed: boolean },
  ): Promise<CompactedFile> {
    const { name, type } = keyColumn(eventType);
    const order = keyOrder(type);
    const place = (row: TestRow): RowPosition => ({
      moment: momentText(row, time),
      eventId: textOf(row, 'event_id') ?? '',
    });
    const time = timeColumn(eventType)?.name ?? 'ingested_at';
    const sorted = rows.toSorted(
      (a, b) =>
        order(String(a[name]), String(b[name])) ||
        compareUtf8(place(a).moment, place(b).moment) ||
        compareUtf8(place(a).eventId, place(b).eventId),
    );
    const table = this.#tableOf(sorted, eventType);
    const boundColumns = momentColumns(eventType).map((column) => column.name);
    const layout = chooseLookupLayout(table.slice(0, 2_048), { keyColumn: name, boundColumns });
    const moments = sorted.map((row) => place(row).moment).sort();
    const { bytes, footerBytes, footerCrc32 } = writeParquet(table, layout);
    const { etag } = await this.store.put(key, bytes);
    const packed = packFooter(bytes.subarray(bytes.length - footerBytes), {
      fileBytes: bytes.length,
      keyColumn: name,
      boundColumns,
    });
    const footer = unpackFooter(packed, { keyColumn: name });
    const starts = [...(footer?.rowStarts ?? [])];
    this.#groups.set(
      key,
      starts.slice(1).map((end, group) => sorted.slice(starts[group], end)),
    );
    return {
      key,
      bytes: bytes.length,
      etag,
      rows: rows.length,
      minKey: String(sorted.at(0)?.[name]),
      maxKey: String(sorted.at(-1)?.[name]),
      footerBytes,
      footerCrc32,
      run: this.#files,
      firstRow: place(sorted[0] ?? {}),
      lastRow: place(sorted.at(-1) ?? {}),
      moments: { min: moments[0] ?? '', max: moments.at(-1) ?? '' },
      ...(isDescribed && { packedFooter: Buffer.from(packed).toString('base64') }),
    };
  }

  /** Writes an entry for each row and index, as compaction does. @returns the new files of each index */
  async #addEntries(date: LakeDate, rows: readonly TestRow[]): Promise<readonly DayIndex[]> {
    const key = keyColumn(this.eventType).name;
    const time = timeColumn(this.eventType)?.name ?? 'ingested_at';
    const indexes: DayIndex[] = [];
    for (const index of indexedColumns(this.eventType)) {
      const entries = rows
        .filter((row) => textOf(row, index.column.name) !== undefined)
        .map((row): TestRow => {
          const moment = momentText(row, time);
          const name = indexEntryName(
            String(row[key]),
            textOf(row, 'event_id') ?? null,
            parseTime(moment) ?? 0n,
          );
          return { value: row[index.column.name], moment, event_id: name };
        });
      const file = indexFileKey(this.table, date, {
        column: index.column.name,
        unique: `index-${++this.#files}`,
      });
      const files =
        entries.length > 0
          ? [
              await this.#putSorted(indexType(this.eventType, index), entries, {
                key: file,
                isDescribed: true,
              }),
            ]
          : [];
      indexes.push({ path: index.path, files });
    }
    return indexes;
  }

  /** Changes the manifest of a day. */
  async commit(
    date: LakeDate,
    {
      add = [],
      indexes = [],
      remove = [],
      sealed = true,
      absorbed = [],
      isFiltered = false,
    }: {
      readonly add?: readonly CompactedFile[];
      /** Files of indexes, to be added to those that the day has. */
      readonly indexes?: readonly DayIndex[];
      readonly remove?: readonly string[];
      readonly sealed?: boolean;
      readonly absorbed?: readonly RawFileToken[];
      /** True to give the day a filter of the keys of all added files. */
      readonly isFiltered?: boolean;
    },
  ): Promise<void> {
    const before = await readManifest(this.store, this.table, date);
    const files = [...(before?.manifest.files ?? []), ...add].filter(
      ({ key }) => !remove.includes(key),
    );
    const written = isFiltered ? await this.#putPlaces(date, files) : undefined;
    const placesOf = (path: string): Pick<DayIndex, 'places'> => {
      const places = written?.get(path);
      return places ? { places } : {};
    };
    await commitManifest(
      this.store,
      {
        formatVersion: 1,
        table: this.table,
        date,
        sealed,
        announced: false,
        files,
        absorbed: [
          ...(before?.manifest.absorbed ?? []),
          ...(absorbed.length > 0 ? [{ atMs: this.nowMs, tokens: absorbed }] : []),
        ],
        replaced: [],
        updatedAtMs: this.nowMs,
        indexes: (this.eventType.indexes ?? []).map((path): DayIndex => ({
          path,
          files: [...(before?.manifest.indexes ?? []), ...indexes]
            .filter((index) => index.path === path)
            .flatMap((index) => index.files),
          ...placesOf(path),
        })),
        ...(isFiltered && { keyFilter: await this.#putFilter(date, files) }),
      },
      before,
    );
  }

  /** Writes where the rows of each value are, for each index of a sealed day. */
  async #putPlaces(
    date: LakeDate,
    files: readonly CompactedFile[],
  ): Promise<ReadonlyMap<string, PlacesFile>> {
    const places = new Map<string, PlacesFile>();
    const of = filesToken(files);
    for (const { path, column } of indexedColumns(this.eventType)) {
      const builder = new RowPlacesBuilder();
      const keys = files.map(({ key }) => key).sort();
      for (const [file, key] of keys.entries())
        for (const [group, rows] of (this.#groups.get(key) ?? []).entries())
          for (const row of rows) {
            const text = textOf(row, column.name);
            if (text !== undefined) builder.add(keyFilterText(text, column), { file, group });
          }
      const { bytes, sizeBits } = builder.build(of);
      const key = placesKey(this.table, date, { column: column.name, sizeBits });
      await this.store.put(key, bytes);
      places.set(path, { key, bytes: bytes.length, of });
    }
    return places;
  }

  async #putFilter(date: LakeDate, files: readonly CompactedFile[]): Promise<KeyFilterFile> {
    const column = keyColumn(this.eventType);
    const builder = new KeyFilterBuilder();
    for (const key of this.#keys.get(date) ?? []) builder.add(keyFilterText(key, column));
    const { bytes, keys } = builder.build();
    const key = keyFilterKey(this.table, date, `filter-${++this.#files}`);
    const { etag } = await this.store.put(key, bytes);
    const keyForm = keyFilterForm(column);
    return { key, bytes: bytes.length, etag, keys, of: filesToken(files), keyForm };
  }

  /** Returns the calls to the store since this was last called. */
  takeCalls(): MemoryObjectStore['calls'] {
    return this.store.calls.splice(0);
  }
}
