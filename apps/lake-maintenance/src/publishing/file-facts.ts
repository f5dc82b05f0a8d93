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

/** Facts about a compacted file from its footer, in addition to those in the manifest. */
export interface FooterFacts {
  /** Sizes in bytes and numbers of values of the first columns, by column name. */
  readonly columns: ReadonlyMap<string, { readonly bytes: number; readonly values: number }>;
  /** Starts of row groups at which a reader may split the file. */
  readonly splitOffsets: readonly number[];
  /** Number of rows without a key; undefined where the file does not say. */
  readonly keyNulls: number | undefined;
  /** Key of the first row, even if that row does not count; undefined where only the rows can tell. */
  readonly firstKey: KeyText | undefined;
}

/**
 * Largest number of columns with figures of their own, as in Iceberg's writers
 * (`write.metadata.metrics.max-inferred-column-defaults`).
 */
const maxMeasuredColumns = 100;
/** Smallest size of a split in bytes. Row groups are far smaller than what an engine reads at once. */
const minSplitBytes = 4 * 2 ** 20;

export async function readFooterFacts(
  { key, etag, footerBytes }: Pick<CompactedFile, 'key' | 'etag' | 'footerBytes'>,
  { store, eventType }: { readonly store: Pick<ObjectStore, 'get'>; readonly eventType: EventType },
): Promise<FooterFacts> {
  const { bytes } = await store.get(key, { range: { last: footerBytes }, ifMatch: etag });
  return footerFacts(bytes, eventType);
}

/** Reads the facts from a footer. @param footer the last bytes of a file, as many as its footer has */
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

/**
 * Returns the first key of a row group. Only known for texts and integers, because the bounds of other types may
 * differ from the keys in their last digits.
 */
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

/** Describes a compacted file in the form of an Iceberg manifest. */
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
