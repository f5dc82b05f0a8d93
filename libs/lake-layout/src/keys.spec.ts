import { catalogTables, tableName } from '@sluice/event-schema';
import { sale, saleCustomers, customers } from '@sluice/event-schema/testing/shop';
import {
  backfillErrorsKey,
  compactedKey,
  dateOfKey,
  dayAfter,
  errorsOfDayPrefix,
  errorsOfReplayKey,
  lakeDate,
  manifestKey,
  movedKey,
  rawHourPrefix,
  rawTablePrefix,
  referenceKey,
  referencePrefix,
  referenceVersionKey,
  refusalReasonKey,
  refusedOfReason,
  refusedPrefix,
  replayKey,
  replayPlacesKey,
  replaysPrefix,
  resultRunOfKey,
  resultRunPrefix,
  resultSymlinkKey,
  resultSymlinkPrefix,
  rowFolders,
  sealedErrorsKey,
  sealedMarkerKey,
  tableFolder,
  tableOfBackfillErrors,
} from './keys';
import { objectPath } from './object-path';

test('the places of what SQL reads', () => {
  expect([
    sealedMarkerKey('match_event', '2026-01-02'),
    referenceKey('players'),
    referenceVersionKey('players', '20260102T030405Z-1a2b'),
    resultRunPrefix('named', '2026-01-02', 'run-1'),
    resultSymlinkKey('named', '2026-01-02'),
  ]).toEqual([
    'match_event/sealed/dt=2026-01-02.json',
    'reference/players/players.parquet',
    'reference-versions/players/20260102T030405Z-1a2b.parquet',
    'results/named/dt=2026-01-02/run=run-1/',
    'results/named/symlinks/dt=2026-01-02/symlink.txt',
  ]);
});

test('the day of a marker and of a list is in their keys', () => {
  for (const key of [resultSymlinkKey('t', '2026-01-02'), sealedMarkerKey('t', '2026-01-02')])
    expect(dateOfKey(key)).toBe('2026-01-02');
});

test('a run is found again from what it wrote', () => {
  const run = { join: 'named', date: '2026-01-02', run: 'run-1' };
  expect(resultRunOfKey(`${resultRunPrefix('named', '2026-01-02', 'run-1')}0.parquet`)).toEqual(
    run,
  );
  expect(resultRunOfKey(resultSymlinkKey('named', '2026-01-02'))).toBeUndefined();
  expect(resultRunOfKey('named/dt=2026-01-02/run=run-1/0.parquet')).toBeUndefined();
});

test('versions of a reference table are no part of it', () => {
  expect(referenceVersionKey('players', 'v').startsWith(referencePrefix('players'))).toBe(false);
});

test('failed records of a backfill are told from those of a delivery', () => {
  const date = '2026-01-31';
  expect(tableOfBackfillErrors(backfillErrorsKey('order', date, 'abc-1'))).toBe('order');
  expect(
    tableOfBackfillErrors(sealedErrorsKey('order', date, { unique: 'a', records: 1 })),
  ).toBeUndefined();
  expect(
    tableOfBackfillErrors(`order/errors/processing-failed/dt=${date}/sluice-dev-order-1`),
  ).toBeUndefined();
});

test('the reason of a refusal leads to the file', () => {
  const refused = movedKey(refusedPrefix, 'order', { date: '2026-01-31', name: 'a.txt' });
  expect(refusedOfReason(refusalReasonKey(refused))).toBe(refused);
  expect(refusedOfReason(refused)).toBeUndefined();
  expect(refusedOfReason('order/raw/a.reason.txt')).toBeUndefined();
});

test('what is known of a replay leads back to the failed records, and the positions of records do not', () => {
  const failed = 'order/errors/processing-failed/dt=2026-01-31/sluice-dev-order-1';
  expect(replayKey(failed)).toBe(
    'order/replays/processing-failed/dt=2026-01-31/sluice-dev-order-1.json',
  );
  expect(replayKey(failed).startsWith(replaysPrefix('order'))).toBe(true);
  expect(errorsOfReplayKey(replayKey(failed))).toBe(failed);
  expect(replayPlacesKey(failed)).toBe(replayKey(failed).replace('.json', '.places.json'));
  expect(errorsOfReplayKey(replayPlacesKey(failed))).toBeUndefined();
  expect(errorsOfReplayKey(failed)).toBeUndefined();
});

test('the rows of every table are below what a policy names for all of them', () => {
  const kinds = rowFolders.map((folder) => tableFolder('*', folder));
  const date = '2026-01-31';
  for (const key of [compactedKey('order', date, 'a'), manifestKey('order', date)])
    expect(kinds).toContain(key.replace(/^order\/([^/]+\/).*$/, '*/$1'));
});

test.each([
  ['2026-03-01', -1, '2026-02-28'],
  ['2024-03-01', -1, '2024-02-29'],
  ['2025-12-31', 1, '2026-01-01'],
  ['2026-11-20', 0, '2026-11-20'],
  ['2026-03-01', -13, '2026-02-16'],
])('%s and %d days are %s', (date, days, expected) => {
  expect(dayAfter(date, days)).toBe(expected);
});

test('a day is that of UTC', () => {
  expect(lakeDate(Date.parse('2026-01-31T23:59:59.999Z'))).toBe('2026-01-31');
  expect(lakeDate(Date.parse('2026-02-01T00:30:00+01:00'))).toBe('2026-01-31');
});

test('raw files and failed records lie below their day', () => {
  expect(rawHourPrefix('order', '2026-01-31', '07')).toBe('order/raw/dt=2026-01-31/hour=07/');
  expect(errorsOfDayPrefix('order', 'processing-failed', '2026-01-31')).toBe(
    'order/errors/processing-failed/dt=2026-01-31/',
  );
});

test('the catalogue finds the files where the keys put them', () => {
  const tables = catalogTables({
    ...{ eventTypes: [sale], references: [customers], joins: [saleCustomers] },
    ...{ bucket: 'lake', database: 'sluice' },
  });
  const location = (wanted: string) =>
    tables.find(({ kind }) => kind === wanted)?.tableInput.storageDescriptor.location;
  expect([location('raw'), location('reference'), location('result')]).toEqual([
    objectPath('lake', rawTablePrefix(tableName(sale))),
    objectPath('lake', referencePrefix(customers.name)),
    objectPath('lake', resultSymlinkPrefix(saleCustomers.name)),
  ]);
});
