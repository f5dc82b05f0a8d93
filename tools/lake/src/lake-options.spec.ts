import { UsageError } from '@sluice/terminal/command-line';
import { day, namedLake } from './lake-options';

test.each([
  [
    'an option comes before the environment',
    { dataDir: 'd' },
    { LAKE_BUCKET: 'e' },
    { dataDir: 'd' },
  ],
  ['a bucket by its option', { bucket: 'b' }, { LAKE_BUCKET: 'e' }, { bucket: 'b' }],
  ['a bucket by the environment', {}, { LAKE_BUCKET: 'e' }, { bucket: 'e' }],
  ['the local stack, where nothing is said', {}, { LAKE_BUCKET: '' }, { dataDir: '.sluice' }],
])('the lake that is meant: %s', (_, options, env, lake) => {
  expect(namedLake(options, env)).toEqual(lake);
});

test('two lakes are one too many', () => {
  expect(() => namedLake({ dataDir: 'd', bucket: 'b' }, {})).toThrow(UsageError);
});

test('a day is one that the calendar has', () => {
  expect(day('2024-02-29')).toBe('2024-02-29');
  for (const text of ['2026-02-29', '31.1.2026', '2026-1-31'])
    expect(() => day(text)).toThrow('A day is written as 2026-01-31.');
});
