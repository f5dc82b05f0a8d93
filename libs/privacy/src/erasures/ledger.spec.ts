import { MemoryObjectStore } from '@sluice/lake-layout';
import { readHashKeys } from '../hash-keys';
import {
  addToLedger,
  ledgerEntries,
  ledgerKey,
  LedgerMatch,
  readLedger,
  settleLedger,
} from './ledger';

const first = 'a'.repeat(40);
const second = 'b'.repeat(40);
const keys = readHashKeys(JSON.stringify({ current: '1', '1': first }));
const rotated = readHashKeys(JSON.stringify({ current: '2', '1': first, '2': second }));
const entry = { untilMs: 10, suppress: false, erasure: 'e1' };

test('entries of a key that was rotated since still hide', async () => {
  const store = new MemoryObjectStore();
  await addToLedger(store, 'order', ledgerEntries(keys, ['ada'], entry));
  await addToLedger(store, 'order', ledgerEntries(rotated, ['bob'], { ...entry, erasure: 'e2' }));
  const match = new LedgerMatch((await readLedger(store, 'order'))?.entries ?? [], rotated);
  expect(['ada', 'bob', 'eve'].map((text) => match.hides(text, 10))).toEqual([true, true, false]);
  expect(match.hides('ada', 11)).toBe(false);
  expect(() => new LedgerMatch(ledgerEntries(rotated, ['ada'], entry), keys)).toThrow('version 2');
});

test('of writers that come at once none is lost, and none is written twice', async () => {
  const store = new MemoryObjectStore();
  const erasures = Array.from({ length: 8 }, (_, index) => `e${index}`);
  await Promise.all(
    [...erasures, ...erasures].map((erasure) =>
      addToLedger(store, 'order', ledgerEntries(keys, [erasure], { ...entry, erasure })),
    ),
  );
  const { entries = [] } = (await readLedger(store, 'order')) ?? {};
  expect(entries.map(({ erasure }) => erasure).sort()).toEqual(erasures);
  await settleLedger(store, 'order', 'e3');
  expect((await readLedger(store, 'order'))?.entries).toHaveLength(7);
});

test('a ledger of a later release is refused rather than misread', async () => {
  const store = new MemoryObjectStore();
  await store.put(ledgerKey('order'), Buffer.from('{"formatVersion":2,"entries":[]}'));
  await expect(readLedger(store, 'order')).rejects.toThrow('format version 2');
});
