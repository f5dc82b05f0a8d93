import { MemoryObjectStore, readManifest } from '@sluice/lake-layout';
import {
  compact,
  date,
  listAll,
  noonMs,
  orderRow,
  putRaw,
  rawKey,
  rowsOf,
  visibleEvents,
} from './testing';

describe('compacting a day', () => {
  it('turns raw files into one file sorted by key, and a reader sees the same rows', async () => {
    const store = new MemoryObjectStore();
    await putRaw(store, 'a', [orderRow(3), orderRow(1)]);
    await putRaw(store, 'b', [orderRow(2), orderRow(10)]);
    const before = await visibleEvents(store);

    const result = await compact(store);

    expect(result).toMatchObject({
      rows: 4,
      rawFilesAbsorbed: 2,
      compactedFiles: 1,
      complete: true,
    });
    const { manifest } = (await readManifest(store, 'order', date))!;
    expect(manifest).toMatchObject({ sealed: false });
    expect(manifest.files).toHaveLength(1);
    expect(manifest.files[0]).toMatchObject({
      rows: 4,
      minKey: 'order-1',
      maxKey: 'order-3',
      run: 1,
    });
    const file = await store.get(manifest.files[0]!.key);
    expect(rowsOf(file.bytes).map(({ id }) => id)).toEqual([
      'order-1',
      'order-10',
      'order-2',
      'order-3',
    ]);
    expect(await visibleEvents(store)).toEqual(before);
  });

  it('keeps of an event that arrived twice the one that was ingested first, and orders a key by arrival', async () => {
    const store = new MemoryObjectStore();
    await putRaw(store, 'a', [
      { ...orderRow(1), amount: 2, ingested_at: '2026-11-20 10:00:00.002' },
    ]);
    await putRaw(store, 'b', [
      { ...orderRow(1), amount: 1, ingested_at: '2026-11-20 10:00:00.001' },
    ]);
    await putRaw(store, 'c', [orderRow(1, 2)]);
    expect(await compact(store)).toMatchObject({ rows: 2 });
    const { manifest } = (await readManifest(store, 'order', date))!;
    const { bytes } = await store.get(manifest.files[0]!.key);
    expect(rowsOf(bytes).map(({ amount }) => Number(amount))).toEqual([10, 1]);
  });

  it('does nothing where nothing is new', async () => {
    const store = new MemoryObjectStore();
    await putRaw(store, 'a', [orderRow(1)]);
    await compact(store);
    const puts = () => store.calls.filter(({ operation }) => operation === 'put').length;
    const before = puts();
    expect(await compact(store)).toMatchObject({ rows: 1, rawFilesAbsorbed: 0, complete: true });
    expect(puts()).toBe(before);
  });

  it('seals the day after the grace period, each key in one file', async () => {
    const store = new MemoryObjectStore();
    for (let file = 0; file < 20; file++) {
      await putRaw(store, `f${file}`, [orderRow(file), orderRow(100 - file)]);
      await compact(store);
    }
    expect((await readManifest(store, 'order', date))?.manifest.sealed).toBe(false);
    const result = await compact(store, { now: () => Date.parse('2026-11-21T03:00:00Z') });
    expect(result).toMatchObject({ sealed: true, rows: 40, compactedFiles: 1 });
  });

  it('takes up a raw file that arrives after the day was sealed', async () => {
    const store = new MemoryObjectStore();
    await putRaw(store, 'a', [orderRow(1)]);
    await compact(store, { seal: true });
    await putRaw(store, 'late', [orderRow(2)]);
    expect(await compact(store)).toMatchObject({ rows: 2, sealed: false });
    expect(await compact(store, { seal: true })).toMatchObject({ rows: 2, sealed: true });
  });

  it('takes up a raw file that Firehose wrote again under the same key', async () => {
    const store = new MemoryObjectStore();
    await putRaw(store, 'a', [orderRow(1)]);
    await compact(store);
    await putRaw(store, 'a', [orderRow(1), orderRow(2)]);
    expect(await compact(store)).toMatchObject({ rows: 2, rawFilesAbsorbed: 1 });
  });

  it('leaves a file that it can not read, says so, and does not seal', async () => {
    const store = new MemoryObjectStore();
    await putRaw(store, 'a', [orderRow(1)]);
    const key = rawKey('broken');
    await store.put(key, new TextEncoder().encode('PAR1 this is not Parquet PAR1'));
    const result = await compact(store, { seal: true });
    expect(result).toMatchObject({ rows: 1, rawFilesAbsorbed: 1, sealed: false });
    expect(result.refused).toEqual([{ key, reason: expect.stringMatching(/./) }]);
  });

  it('deletes absorbed and replaced files after the grace period, not before', async () => {
    let nowMs = noonMs;
    const now = () => nowMs;
    const store = new MemoryObjectStore({ now });
    const objects = async (prefix: string) => (await listAll(store, prefix)).length;
    await putRaw(store, 'a', [orderRow(1)]);
    await compact(store, { now });
    await putRaw(store, 'b', [orderRow(2)]);
    await compact(store, { now });
    expect(await objects('order/raw/')).toBe(2);
    expect(await objects('order/compacted/')).toBe(2);

    nowMs += 3_600_000;
    expect(await compact(store, { now })).toMatchObject({ swept: 3 });
    expect(await objects('order/raw/')).toBe(0);
    expect(await objects('order/compacted/')).toBe(1);
    await compact(store, { now });
    const { manifest } = (await readManifest(store, 'order', date))!;
    expect(manifest).toMatchObject({ absorbed: [], replaced: [] });
    expect(await visibleEvents(store)).toHaveLength(2);
  });
});
