import { renderReferenceReport, type ReferenceReport } from './reference-report';

const report = (columns: ReferenceReport['columns']): ReferenceReport => ({
  name: 'players',
  key: 'wyId',
  rows: 2,
  bytes: 100,
  columns,
  leftOut: [],
  suppressedRows: 0,
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

test('names and types that are long are broken as well, and nothing is cut off', () => {
  const name = 'current_national_team_of_the_player_in_the_last_season_identifier';
  const text = renderReferenceReport(
    report([
      {
        ...column(name, 'as defined'),
        path: `$.${name.replaceAll('_', '.')}`,
        type: { kind: 'decimal', precision: 38, scale: 18 },
      },
      column('sku', 'text'),
    ]),
  );
  for (const line of text.split('\n').slice(0, -1)) expect(line.length).toBeLessThanOrEqual(80);
  const cells = (index: number): string =>
    text
      .split('\n')
      .filter((line) => line.startsWith('│'))
      .map((line) => line.split('│')[index]?.trim() ?? '')
      .join('');
  expect(cells(1)).toContain(name);
  expect(cells(4)).toContain(`$.${name.replaceAll('_', '.')}`);
  expect(cells(2)).toContain('decimal(38,18)');
});

test('what the file calls a column is shown where it differs', () => {
  expect(renderReferenceReport(report([column('sku', 'text')]))).not.toContain('of the file');
  const other = { ...column('sku', 'text'), path: 'SKU' };
  expect(renderReferenceReport(report([other]))).toContain('of the file');
});
