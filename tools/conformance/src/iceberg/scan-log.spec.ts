import { ScanLog, scanFault } from './scan-log';

const day = { date: '2026-03-06', rows: 6, wanted: 'c', files: ['a', 'b', 'c'], mayHold: ['b'] };

test.each([
  ['the file that may hold the key', 'by key', ['b'], undefined],
  ['another file', 'by key', ['a', 'b'], '1 files were read that can not hold the key'],
  ['no file for a row', 'by key', [], 'no data file was read for a row'],
  ['no file for a count', 'count', [], undefined],
  ['a file for a count', 'count', ['a'], '1 data files were read to count a sealed day'],
] as const)('a query that read %s', (_, query, requested, fault) => {
  expect(scanFault(query, requested, day, { found: 1, counted: 6 })).toBe(fault);
});

test('a wrong answer is a fault, however little was read', () => {
  expect(scanFault('by key', ['b'], day, { found: 2 })).toBe('2 rows of one');
  expect(scanFault('count', [], day, {})).toBe('no rows of 6');
});

test('requests for data files belong to the query that was told before', async () => {
  const log = await ScanLog.start();
  const note = (key: string) => log.note({ operation: 'GetObject', bucket: 'lake', key });
  try {
    note('t/compacted/dt=2026-03-06/a.parquet');
    await fetch(`${log.url}/duckdb%20by%20key`);
    note('t/iceberg/metadata/v1.metadata.json');
    note('t/compacted/dt=2026-03-06/b.parquet');
    await fetch(`${log.url}/`);
    note('t/compacted/dt=2026-03-06/c.parquet');
    expect(log.requested('duckdb', 'by key')).toEqual(['t/compacted/dt=2026-03-06/b.parquet']);
    expect(log.requested('duckdb', 'count')).toEqual([]);
  } finally {
    log.close();
  }
});
