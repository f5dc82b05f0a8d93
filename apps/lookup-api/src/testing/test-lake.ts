import type { Table } from 'apache-arrow';
import { createRowTableBuilder } from '@sluice/columns';
import {
  keyColumn,
  momentColumns,
  tableColumns,
  tableName,
  timeColumn,
  type EventType,
} from '@sluice/event-schema';
import {
  commitManifest,
  compareUtf8,
  compactedKey,
  filesToken,
  KeyFilterBuilder,
  keyFilterForm,
  keyFilterKey,
  keyFilterText,
  keyOrder,
  MemoryObjectStore,
  rawFileToken,
  rawPrefix,
  readManifest,
  type CompactedFile,
  type KeyFilterFile,
  type LakeDate,
  type RawFileToken,
  type RowPlace,
} from '@sluice/lake-layout';
import { packFooter } from '@sluice/parquet-reading';
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

/** A lake of one table in memory, with files as ingest and compaction leave them. */
export class TestLake {
  readonly store: MemoryObjectStore;
  #files = 0;
  /** Keys of the files added to each day. */
  readonly #keys = new Map<LakeDate, string[]>();

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

  #tableOf(rows: readonly TestRow[]): Table {
    const builder = createRowTableBuilder(tableColumns(this.eventType));
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
    const key = `${rawPrefix(this.table, date)}hour=${hour}/raw-${++this.#files}.parquet`;
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
    const { name, type } = keyColumn(this.eventType);
    const order = keyOrder(type);
    const place = (row: TestRow): RowPlace => ({
      moment: `${textOf(row, time) ?? textOf(row, 'ingested_at') ?? defaultArrival}000`,
      eventId: textOf(row, 'event_id') ?? '',
    });
    const time = timeColumn(this.eventType)?.name ?? 'ingested_at';
    const sorted = rows.toSorted(
      (a, b) =>
        order(String(a[name]), String(b[name])) ||
        compareUtf8(place(a).moment, place(b).moment) ||
        compareUtf8(place(a).eventId, place(b).eventId),
    );
    const table = this.#tableOf(sorted);
    const boundColumns = momentColumns(this.eventType).map((column) => column.name);
    const layout = chooseLookupLayout(table.slice(0, 2_048), { keyColumn: name, boundColumns });
    const moments = sorted.map((row) => place(row).moment).sort();
    const { bytes, footerBytes, footerCrc32 } = writeParquet(table, layout);
    const key = compactedKey(this.table, date, `file-${++this.#files}`);
    const { etag } = await this.store.put(key, bytes);
    const file: CompactedFile = {
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
      ...(isDescribed && {
        packedFooter: Buffer.from(
          packFooter(bytes.subarray(bytes.length - footerBytes), {
            fileBytes: bytes.length,
            keyColumn: name,
            boundColumns,
          }),
        ).toString('base64'),
      }),
    };
    const keys = this.#keys.get(date) ?? [];
    this.#keys.set(date, [...keys, ...sorted.map((row) => String(row[name]))]);
    await this.commit(date, { add: [file], sealed, absorbed, isFiltered: sealed && isDescribed });
    return file;
  }

  /** Changes the manifest of a day. */
  async commit(
    date: LakeDate,
    {
      add = [],
      remove = [],
      sealed = true,
      absorbed = [],
      isFiltered = false,
    }: {
      readonly add?: readonly CompactedFile[];
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
        ...(isFiltered && { keyFilter: await this.#putFilter(date, files) }),
      },
      before,
    );
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
