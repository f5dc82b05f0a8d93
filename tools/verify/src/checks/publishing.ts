import { metadataFileName, versionHintName } from '@sluice/iceberg-metadata';
import { NotApplicable, Unexpected } from '@sluice/checks';
import { keyColumn, tableName, type EventType } from '@sluice/event-schema';
import {
  compactedPrefix,
  decodeKeyFilter,
  icebergMetadataPrefix,
  icebergPrefix,
  keyFilterText,
  lakeDate,
  objectPath,
  readManifest,
  type Manifest,
} from '@sluice/lake-layout';
import { byEventType } from '../by-event-type';
import type { Check } from '../check';
import { hasMark } from '../compare-row';
import { readByIcebird } from '../iceberg/read-by-icebird';
import type { VerifyRun } from '../verify-run';
import { arrivalDay } from './maintenance';

/** Number of past days in which a sealed day is looked for. */
const lastDays = 7;
const dayMs = 86_400_000;
/** Other keys that a filter is asked for. */
const tried = 1_000;

export const publishingChecks: readonly Check[] = [
  {
    id: 'iceberg.pointer',
    assumption: 'The compaction may write Iceberg metadata, and its pointer names the newest.',
    expected: 'version-hint.text names a metadata file that is there, with a current snapshot',
    needs: ['compaction.run'],
    run: (run) =>
      byEventType(run.target.eventTypes, async (eventType) => {
        const { version, metadata } = await pointedAt(run, eventType);
        if (typeof metadata['current-snapshot-id'] !== 'number')
          throw new Unexpected(`v${version} has no current snapshot`);
        return `v${version}`;
      }),
  },
  {
    id: 'iceberg.rows',
    assumption: 'An engine that is not ours reads the published table by its metadata alone.',
    expected: 'the row of each event, once, as icebird reads the current snapshot',
    needs: ['iceberg.pointer'],
    run: (run) =>
      byEventType(run.target.eventTypes, async (eventType) => {
        const table = tableName(eventType);
        const { version } = await pointedAt(run, eventType);
        const rows = await readByIcebird({
          store: run.target.store,
          tableUrl: objectPath(run.target.bucket, icebergPrefix(table)),
          metadataFile: metadataFileName(version),
          within: `/${compactedPrefix(table, arrivalDay(run, eventType))}`,
        });
        for (const event of run.postedOf(eventType)) {
          const own = rows.filter((row) => hasMark(row, event, run.hashOf));
          if (own.length !== 1) throw new Unexpected(`${own.length} rows of one event`);
        }
        return `${run.postedOf(eventType).length} of ${rows.length} rows of the day`;
      }),
  },
  {
    id: 'iceberg.catalog',
    assumption:
      'The compaction may make and change the tables of the catalog by which engines find the metadata.',
    expected: 'a table for each event type that names the metadata of the pointer',
    needs: ['iceberg.pointer'],
    run: (run) =>
      byEventType(run.target.eventTypes, async (eventType) => {
        const table = tableName(eventType);
        const found = await run.target.glue.find(table);
        if (!found) throw new Unexpected(`${run.target.glue.database} has no table ${table}`);
        const { TableType: type = 'none', Parameters: parameters = {} } = found.input;
        const { version } = await pointedAt(run, eventType);
        const location = objectPath(
          run.target.bucket,
          icebergMetadataPrefix(table) + metadataFileName(version),
        );
        if (type !== 'EXTERNAL_TABLE' || parameters['table_type'] !== 'ICEBERG')
          throw new Unexpected(
            `${table} is of the type ${type}, ${parameters['table_type'] ?? ''}`,
          );
        if (parameters['metadata_location'] !== location)
          throw new Unexpected(
            `${table} names ${parameters['metadata_location'] ?? 'no metadata'}, not ${location}`,
          );
        return `v${version}`;
      }),
  },
  {
    id: 'filters.sealed-day',
    assumption:
      'Sealing a day may write the filter of its keys, and the filter holds each of them.',
    expected: 'a filter that its manifest names by size and ETag; none of the keys is ruled out',
    needs: ['compaction.rows'],
    run: (run) => byEventType(run.target.eventTypes, (eventType) => filterOf(run, eventType)),
  },
];

async function pointedAt(
  { target: { store } }: VerifyRun,
  eventType: EventType,
): Promise<{ readonly version: number; readonly metadata: Readonly<Record<string, unknown>> }> {
  const prefix = icebergMetadataPrefix(tableName(eventType));
  const hint = await store.get(prefix + versionHintName);
  const version = Number(Buffer.from(hint.bytes).toString('utf8'));
  const { bytes } = await store.get(prefix + metadataFileName(version));
  return {
    version,
    metadata: JSON.parse(Buffer.from(bytes).toString('utf8')) as Readonly<Record<string, unknown>>,
  };
}

/** Looks at a day that was sealed by itself; of a stack of the run's own, at today, which is sealed for it. */
async function filterOf(run: VerifyRun, eventType: EventType): Promise<string> {
  const { store, maySealToday = false } = run.target;
  const table = tableName(eventType);
  const dates = maySealToday
    ? [arrivalDay(run, eventType)]
    : Array.from({ length: lastDays }, (_, index) =>
        lakeDate(run.startedAtMs - (index + 1) * dayMs),
      );
  if (maySealToday) await run.invoke('compact', { table, date: dates[0], seal: true });
  for (const date of dates) {
    const manifest = (await readManifest(store, table, date))?.manifest;
    if (manifest?.sealed && manifest.files.length > 0)
      return lookAtFilter(run, eventType, manifest);
  }
  throw new NotApplicable(`no day of the last ${lastDays} is sealed yet: verify again tomorrow`);
}

async function lookAtFilter(
  { target: { store } }: VerifyRun,
  eventType: EventType,
  { date, files, keyFilter }: Manifest,
): Promise<string> {
  if (!keyFilter) throw new Unexpected(`${date} is sealed and has no filter`);
  const { bytes, etag } = await store.get(keyFilter.key);
  if (bytes.length !== keyFilter.bytes || etag !== keyFilter.etag)
    throw new Unexpected(
      `${keyFilter.key} has ${bytes.length} bytes and ${etag}; its manifest names ${keyFilter.bytes} and ${keyFilter.etag}`,
    );
  const filter = decodeKeyFilter(bytes);
  if (!filter) throw new Unexpected(`${keyFilter.key} can't be read`);
  const column = keyColumn(eventType);
  const missing = files
    .flatMap(({ minKey, maxKey }) => [minKey, maxKey])
    .find((key) => !filter.mayHold(keyFilterText(key, column)));
  if (missing !== undefined) throw new Unexpected(`a key of ${date} is ruled out`);
  const strangers = Array.from({ length: tried }, (_, index) => `no such key ${index}`);
  const taken = strangers.filter((key) => filter.mayHold(key)).length;
  // One of 256 other keys is let through.
  if (taken > tried / 16) throw new Unexpected(`${taken} of ${tried} other keys are let through`);
  return `${date}: ${keyFilter.keys} keys in ${keyFilter.bytes} bytes`;
}
