import { renderReferenceReport, type ReferenceReport } from './reference-report';

const report = (columns: ReferenceReport['columns']): ReferenceReport => ({
  name: 'players',
  key: 'wyId',
  rows: 2,
  bytes: 100,
  columns,
  leftOut: [],
});

const column = (name: string, reason: string): ReferenceReport['columns'][number] => ({
  column: name,
  path: name,
  type: { kind: 'string' },
  nulls: 0,
  reason,
});

test('reasons are broken between words so that no line is wider than a terminal', () => {
  const text = renderReferenceReport(
    report([
      column('currentnationalteamid', 'as defined'),
      column(
        'birthdate',
        'mixed: 1,000 values are numbers and 1 is a text, so all are kept as texts',
      ),
    ]),
  );
  for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  expect(text).toContain('as defined');
  expect(text.replace(/[│\s]+/g, ' ')).toMatch(/mixed: .*1,000/);
});

test('a table that fits is not broken', () => {
  const text = renderReferenceReport(report([column('sku', 'text')]));
  expect(text.split('\n')).toHaveLength(5);
});
