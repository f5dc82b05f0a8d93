import { MemoryObjectStore, PreconditionFailedError } from '@sluice/lake-layout';
import { EarlyReads } from './early-reads';

const lake = async () => {
  const store = new MemoryObjectStore();
  const { etag } = await store.put('file', Buffer.from('0123456789'));
  store.calls.splice(0);
  const early = new EarlyReads(store);
  const read = async (start: number, end: number, ifMatch = etag): Promise<string> =>
    Buffer.from((await early.get('file', { range: { start, end }, ifMatch })).bytes).toString();
  return { store, early, etag, read };
};

it('a part of an early read takes no further request, other bytes and other versions do', async () => {
  const { store, early, etag, read } = await lake();
  void early.ahead.get('file', { range: { start: 2, end: 8 }, ifMatch: etag });
  expect([await read(2, 8), await read(4, 5)]).toEqual(['234567', '4']);
  expect(store.calls).toHaveLength(1);
  expect(await read(4, 9)).toBe('45678');
  await expect(read(4, 5, '"another"')).rejects.toThrow(PreconditionFailedError);
  expect(store.calls).toHaveLength(2);
});

it('an early read that fails harms nobody', async () => {
  const { early, etag, read } = await lake();
  const range = { start: 0, end: 4 };
  const failed = early.ahead.get('file', { range, ifMatch: '"gone"' });
  await expect(failed).rejects.toThrow();
  const cancelled = new AbortController();
  const ended = early.ahead.get('file', { range, ifMatch: etag, signal: cancelled.signal });
  cancelled.abort();
  await ended.catch(() => undefined);
  expect(await read(1, 3)).toBe('12');
});
