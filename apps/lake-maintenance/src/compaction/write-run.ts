import { randomUUID } from 'node:crypto';
import {
  keyColumn,
  momentColumns,
  tableName,
  type Column,
  type EventType,
} from '@sluice/event-schema';
import { inMicroseconds, withFieldIds, type ColumnIds } from '@sluice/iceberg-metadata';
import {
  compactedKey,
  type CompactedFile,
  type LakeDate,
  type ObjectStore,
} from '@sluice/lake-layout';
import { chooseLookupLayout, type LookupLayout } from '@sluice/parquet-writing';
import { tableToIPC } from 'apache-arrow';
import pMap from 'p-map';
import { packedFooter } from './describe-files';
import { cutBetweenKeys } from './merge-sorted';
import type { ParquetCodec } from './parquet-codec';
import type { RowSet } from './row-set';

export interface WriteFileOptions {
  readonly store: Pick<ObjectStore, 'put'>;
  readonly codec: Pick<ParquetCodec, 'encode'>;
  readonly eventType: EventType;
  readonly date: LakeDate;
  readonly run: number;
  /** Ids of the columns, by which other engines find them; undefined where they find them by name. */
  readonly columnIds?: ReadonlyMap<string, ColumnIds> | undefined;
  /** Makes the key of a file. @default one of the compacted files of the table */
  readonly fileKey?: () => string;
  /** Paths of the indexes that have entries for all of the rows. @default none */
  readonly indexed?: readonly string[];
}

/** Number of files of a run that are being collected, encoded or stored at the same time. */
const filesAtOnce = 3;

/** Number of rows on which a layout is tried. */
export const sampleRows = 2_048;

/** Chooses the layout for rows that are sorted by the given order. */
export type ChooseLayout = (rows: RowSet, order: Uint32Array) => LookupLayout;

/** Returns the layout that suits rows which are sorted by the given order. */
export function layoutFor(rows: RowSet, order: Uint32Array): LookupLayout {
  const start = Math.max(0, (order.length - sampleRows) >> 1);
  return chooseLookupLayout(rows.take(order.subarray(start, start + sampleRows)), {
    keyColumn: keyColumn(rows.eventType).name,
    boundColumns: momentColumns(rows.eventType).map(({ name }) => name),
  });
}

/** Writes rows, sorted by the given order, as one compacted file. */
export async function writeCompactedFile(
  rows: RowSet,
  order: Uint32Array,
  layout: LookupLayout,
  {
    store,
    codec,
    eventType,
    date,
    run,
    columnIds = new Map(),
    fileKey = () => compactedKey(tableName(eventType), date, randomUUID()),
    indexed = [],
  }: WriteFileOptions,
): Promise<CompactedFile> {
  const { bytes, footerBytes, footerCrc32 } = await codec.encode(
    tableToIPC(withFieldIds(inMicroseconds(rows.take(order)), columnIds), 'stream'),
    layout,
  );
  const key = fileKey();
  const { etag } = await store.put(key, bytes, {
    contentType: 'application/vnd.apache.parquet',
  });
  return {
    key,
    bytes: bytes.length,
    etag,
    rows: order.length,
    minKey: rows.keyText(order[0] ?? 0),
    maxKey: rows.keyText(order[order.length - 1] ?? 0),
    footerBytes,
    footerCrc32,
    ...rows.placesOf(order),
    ...(isUuid(keyColumn(eventType)) && { lowerCaseKeys: hasLowerCaseKeys(rows, order) }),
    run,
    ...(indexed.length > 0 && { indexed }),
    packedFooter: packedFooter(
      bytes.subarray(bytes.length - footerBytes),
      { bytes: bytes.length, footerCrc32 },
      eventType,
    ),
    microseconds: true,
  };
}

const isUuid = ({ type, schema }: Column): boolean =>
  type.kind === 'string' && schema.format === 'uuid';

/** Decides whether no key has an upper-case letter. Rows of earlier releases have UUIDs as they were sent. */
function hasLowerCaseKeys(rows: RowSet, order: Uint32Array): boolean {
  for (const row of order) if (/[A-F]/.test(rows.keyText(row))) return false;
  return true;
}

/** Writes rows as files whose key ranges don't overlap, unless a key has more rows than a file. */
export async function writeRun(
  rows: RowSet,
  { chooseLayout, ...options }: WriteFileOptions & { readonly chooseLayout: ChooseLayout },
): Promise<readonly CompactedFile[]> {
  const order = rows.sortedOrder();
  if (order.length === 0) return [];
  const layout = chooseLayout(rows, order);
  return pMap(
    fileParts(rows, order, layout.fileRows),
    (part) => writeCompactedFile(rows, part, layout, options),
    { concurrency: filesAtOnce },
  );
}

/** Divides sorted rows into parts of about equal size, none of them much above `maxRows`. */
function* fileParts(
  rows: Pick<RowSet, 'keyDiffers'>,
  order: Uint32Array,
  maxRows: number,
): Generator<Uint32Array> {
  const partRows = Math.ceil(order.length / Math.ceil(order.length / maxRows));
  for (let rest = order; rest.length > 0;) {
    const cut = cutBetweenKeys(
      rows,
      rest,
      Math.min(rest.length, partRows),
      Math.min(rest.length, partRows + maxRows),
    );
    yield rest.subarray(0, cut);
    rest = rest.subarray(cut);
  }
}
