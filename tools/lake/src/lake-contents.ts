import { keyColumn, tableName, type EventType, type Join } from '@sluice/event-schema';
import { shippedJoins } from '@sluice/event-types';
import {
  dateOfKey,
  manifestPrefix,
  readManifest,
  referenceKey,
  type LakeDate,
  type ObjectStore,
} from '@sluice/lake-layout';
import pMap from 'p-map';

/** A table whose rows are visible in SQL. */
export interface TableWithRows {
  readonly eventType: EventType;
  /** The newest day with rows. */
  readonly date: LakeDate;
  /** A key of that day; undefined where a look-up spells it differently than the manifest. */
  readonly key: string | undefined;
}

/** Number of tables that are examined at the same time, because a hundred one after another would take seconds. */
const tablesAtOnce = 16;

/** Finds the event types that have rows in compacted files, in their order. */
export async function tablesWithRows(
  lake: ObjectStore,
  eventTypes: readonly EventType[],
): Promise<readonly TableWithRows[]> {
  const tables = await pMap(eventTypes, (eventType) => tableWithRows(lake, eventType), {
    concurrency: tablesAtOnce,
  });
  return tables.filter((table) => table !== undefined);
}

async function tableWithRows(
  lake: ObjectStore,
  eventType: EventType,
): Promise<TableWithRows | undefined> {
  const table = tableName(eventType);
  const dates: LakeDate[] = [];
  for await (const { key } of lake.list(manifestPrefix(table))) {
    const date = dateOfKey(key);
    if (date !== undefined) dates.push(date);
  }
  const date = dates.sort().at(-1);
  const file = date && (await readManifest(lake, table, date))?.manifest.files[0];
  if (!file) return undefined;
  const { kind } = keyColumn(eventType).type;
  const isPlain = (kind === 'string' || kind === 'bigint') && file.minKey !== '';
  return { eventType, date, key: isPlain ? file.minKey : undefined };
}

export interface RunnableJoin {
  readonly join: Join;
  readonly date: LakeDate;
}

/** Finds a join whose two tables have rows, with the newest day of its events. */
export async function runnableJoin(
  lake: ObjectStore,
  tables: readonly TableWithRows[],
): Promise<RunnableJoin | undefined> {
  for (const join of shippedJoins) {
    const left = tables.find(({ eventType }) => eventType.name === join.left.name);
    if (!left) continue;
    for await (const { key } of lake.list(referenceKey(join.right.name)))
      if (key === referenceKey(join.right.name)) return { join, date: left.date };
  }
  return undefined;
}

export interface LakeFiles {
  readonly raw: number;
  readonly compacted: number;
}

/** Counts the Parquet files of a table in the lake; those of all tables where none is named. */
export async function lakeFiles(lake: ObjectStore, table?: string): Promise<LakeFiles> {
  const files = { raw: 0, compacted: 0 };
  for await (const { key } of lake.list(table === undefined ? '' : `${table}/`)) {
    const kind = key.split('/')[1];
    if (dateOfKey(key) !== undefined && key.endsWith('.parquet'))
      if (kind === 'raw' || kind === 'compacted') files[kind]++;
  }
  return files;
}
