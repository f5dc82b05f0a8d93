import { renderStatus } from './render-status';

const atMs = Date.parse('2026-01-31T12:00:00Z');
const table = {
  eventType: 'order',
  rows: 1_234_567,
  isExact: true,
  days: 12,
  lastDeliveryMs: atMs - 4_000,
  lastCompactionMs: atMs - 300_000,
  backlog: { rows: 42 },
  delivered: { rowsPerMinute: 99.6 },
  failures: { records: 5, replayed: 2, isExact: true },
  faults: [],
};

test('a line for each event type says rows, rate, what waits, failures, days and when', () => {
  const idle = {
    ...table,
    eventType: 'idle',
    rows: 0,
    days: 0,
    backlog: { rows: 0 },
    delivered: { rowsPerMinute: 0 },
    failures: { records: 0, replayed: 0, isExact: true },
    lastDeliveryMs: undefined,
    lastCompactionMs: undefined,
  };
  expect(renderStatus({ atMs, tables: [table, idle] }, '/tmp/other').split('\n')).toEqual([
    '                             rows per min waiting  failed  days   row compacted',
    'order                   1,234,567     100      42       3    12   4 s     5 min',
    'idle                            0       0       0       0     0 never     never',
    '',
    'waiting: rows that no compacted file holds yet: look-ups and <table>_raw do',
    'row, compacted: how long ago the last one was',
    'failed: see each with',
    '  npm run lake -- replay --event NAME --data-dir /tmp/other --dry-run',
  ]);
});

test('counts of which there may be more, and days that can not be read, are said', () => {
  const text = renderStatus({
    atMs,
    tables: [{ ...table, isExact: false, faults: ['the manifest of 2026-01-30 is damaged'] }],
  });
  expect(text).toContain('1,234,567+');
  expect(text).toContain('order: the manifest of 2026-01-30 is damaged');
});

test('events that arrived long after their own time are said by how late they were', () => {
  const lines = renderStatus({
    atMs,
    tables: [
      { ...table, late: { minutes: 1_204, hours: 0, days: 3 } },
      { ...table, eventType: 'prompt', late: { minutes: 0, hours: 0, days: 0 } },
    ],
  }).split('\n');
  expect(lines.slice(-2)).toEqual([
    'late: events that arrived over a minute, an hour, a day after their own time',
    'order late: 1,204 by minutes, 3 by days',
  ]);
});

test('at 80 columns nothing is too wide', () => {
  const wide = {
    ...table,
    eventType: 'an_event_type_whose_name_is_rather_long',
    rows: 987_654_321_000,
    isExact: false,
    days: 9_999,
    delivered: { rowsPerMinute: 99_999 },
    lastCompactionMs: 0,
    faults: ['a fault that is said in many words, '.repeat(4)],
  };
  for (const line of renderStatus({ atMs, tables: [wide] }).split('\n'))
    expect(line.length).toBeLessThan(80);
});

test('an empty lake says so', () => {
  expect(renderStatus({ atMs, tables: [] })).toBe('The lake has no event types.');
});
