import type { EngineReport } from './engine';
import { documentOf, faultsOf } from './report';

const engine = { name: 'e', title: 'An engine', compares: 'All.', date: '2026-01-02', seconds: 1 };
const ran = (changes: object = {}): EngineReport => ({
  ...engine,
  status: 'ran',
  versions: { e: '1.2.3' },
  tried: 5,
  differences: [],
  known: [{ name: 'space', reason: 'It does not matter.', times: 2 }],
  notes: ['A note.'],
  ...changes,
});
const skipped: EngineReport = { ...engine, status: 'skipped', reason: 'java is not installed' };

test('a difference fails, and so does a known one that is none any more; a skip does not', () => {
  expect(faultsOf(ran())).toEqual([]);
  expect(faultsOf(skipped)).toEqual([]);
  expect(
    faultsOf(ran({ differences: [{ tried: 'a body', ours: 'x', theirs: 'y' }] })).join(),
  ).toMatch(/a body\n.*x\n.*y/);
  expect(faultsOf(ran({ known: [{ name: 'space', reason: '', times: 0 }] })).join()).toContain(
    '"space" is one no longer',
  );
});

test('the page names versions, dates and known differences', () => {
  const page = documentOf([ran()], [engine], '');
  for (const part of ['## An engine', '2026-01-02', 'e 1.2.3', '5 tried', 'It does not matter.'])
    expect(page).toContain(part);
});

test('what an earlier run found stays where the engine is skipped, and is replaced where it runs', () => {
  const page = documentOf([ran()], [engine], '');
  expect(documentOf([skipped], [engine], page)).toBe(page);
  expect(documentOf([], [engine], page)).toBe(page);
  expect(documentOf([ran({ tried: 7 })], [engine], page)).toContain('7 tried');
  expect(documentOf([skipped], [engine], '')).toContain('Skipped on 2026-01-02: java is not');
});
