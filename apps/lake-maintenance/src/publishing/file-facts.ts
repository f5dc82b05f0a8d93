import { keyColumn, type EventType } from '@sluice/event-schema';
import {
  boundOf,
  fileContent,
  type ColumnIds,
  type IcebergFile,
  type IcebergSchema,
} from '@sluice/iceberg-metadata';
import type { CompactedFile, KeyText, LakeDate, ObjectStore } from '@sluice/lake-layout';
import { parquetMetadata, type RowGroup } from 'hyparquet';

/** What the footer of a compacted file says, beside what the manifest says already. */
export interface FooterFacts {
  /** Bytes and values by the name of their column, of the first columns. */
  readonly columns: ReadonlyMap<string, { readonly bytes: number; readonly values: number }>;
  /** Starts of row groups at which a reader may split the file. */
  readonly splitOffsets: readonly number[];
  /** Rows without a key; undefined where the file does not say. */
  readonly keyNulls: number | undefined;
  /** The key of the first row, be it one that does not count; undefined where it takes the rows to tell. */
  readonly firstKey: KeyText | undefined;
}

/** Columns with figures of their own, as many as Iceberg's writers give them (`write.metadata.metrics.max-inferred-column-defaults`). */
const maxMeasuredColumns = 100;
/** Row groups are far smaller than what an engine wants to read at once. */
const minSplitBytes = 4 * 2 ** 20;

export async function readFooterFacts(
  { key, etag, footerBytes }: Pick<CompactedFile, 'key' | 'etag' | 'footerBytes'>,
  { store, eventType }: { readonly store: Pick<ObjectStore, 'get'>; readonly eventType: EventType },
): Promise<FooterFacts> {
  const { bytes } = await store.get(key, { range: { last: footerBytes }, ifMatch: etag });
  return footerFacts(bytes, eventType);
}

/** @param footer the last bytes of a file, as many as its footer has */
function footerFacts(footer: Uint8Array, eventType: EventType): FooterFacts {
  const { row_groups: groups } = parquetMetadata(footer.slice().buffer);
  const key = keyColumn(eventType).name;
  const columns = new Map<string, { bytes: number; values: number }>();
  const splitOffsets: number[] = [];
  let keyNulls: number | undefined = 0;
  for (const group of groups) {
    const start = groupStart(group);
    if (start - (splitOffsets.at(-1) ?? -Infinity) >= minSplitBytes) splitOffsets.push(start);
    for (const { meta_data: chunk } of group.columns) {
      const name = chunk?.path_in_schema[0];
      if (!chunk || name === undefined) continue;
      if (name === key) {
        const nulls: bigint | undefined = chunk.statistics?.null_count;
        keyNulls =
          keyNulls === undefined || nulls === undefined ? undefined : keyNulls + Number(nulls);
      } else if (columns.size >= maxMeasuredColumns && !columns.has(name)) continue;
      const column = columns.get(name) ?? { bytes: 0, values: 0 };
      column.bytes += Number(chunk.total_compressed_size);
      column.values += Number(chunk.num_values);
      columns.set(name, column);
    }
  }
  return { columns, splitOffsets, keyNulls, firstKey: firstKey(groups[0], eventType) };
}

function groupStart({ columns }: RowGroup): number {
  const chunk = columns[0]?.meta_data;
  return Number(chunk?.dictionary_page_offset ?? chunk?.data_page_offset ?? 0);
}

/** Told for texts and integers alone: bounds of the others are not the keys to the last digit. */
function firstKey(group: RowGroup | undefined, eventType: EventType): KeyText | undefined {
  const { name, type } = keyColumn(eventType);
  const chunk = group?.columns.find(({ meta_data: each }) => each?.path_in_schema[0] === name);
  const statistics = chunk?.meta_data?.statistics;
  if (!statistics || Number(statistics.null_count ?? 1) > 0) return undefined;
  if (statistics.is_min_value_exact === false) return undefined;
  const { min_value: min } = statistics;
  if (type.kind === 'string' && typeof min === 'string') return min;
  return type.kind === 'bigint' && typeof min === 'bigint' ? String(min) : undefined;
}

/** Describes a compacted file as a manifest of Iceberg does. */
export function icebergFile(
  file: CompactedFile,
  { columns, splitOffsets, keyNulls, firstKey: first }: FooterFacts,
  {
    path,
    date,
    schema,
    ids,
    eventType,
  }: {
    readonly path: string;
    readonly date: LakeDate;
    readonly schema: IcebergSchema;
    readonly ids: ReadonlyMap<string, ColumnIds>;
    readonly eventType: EventType;
  },
): IcebergFile {
  const key = keyColumn(eventType).name;
  const field = schema.fields.find(({ name }) => name === key);
  const lower = field && first !== undefined && boundOf(first, field.type, 'lower');
  const upper = field && boundOf(file.maxKey, field.type, 'upper');
  const byLeaf = (value: (column: { bytes: number; values: number }) => number) =>
    new Map(
      [...columns].flatMap(([name, column]) => {
        const known = ids.get(name);
        return known ? [[known.elementId ?? known.id, value(column)] as const] : [];
      }),
    );
  return {
    path,
    content: fileContent.data,
    dt: date,
    rows: file.rows,
    bytes: file.bytes,
    columnSizes: byLeaf(({ bytes }) => bytes),
    valueCounts: byLeaf(({ values }) => values),
    ...(field && keyNulls !== undefined && { nullCounts: new Map([[field.id, keyNulls]]) }),
    ...(field && lower && { lowerBounds: new Map([[field.id, lower]]) }),
    ...(field && upper && { upperBounds: new Map([[field.id, upper]]) }),
    splitOffsets,
    sortOrderId: 1,
  };
}
