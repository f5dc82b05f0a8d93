import { defineEvent } from '@sluice/event-schema';
import { MemoryObjectStore } from '@sluice/lake-layout';
import { compact, date, noonMs, order, orderRow, putRaw } from './compaction/testing';
import { maintain } from './maintain';
import { MaintenanceRequestError } from './maintenance-event';

const dependencies = (store: MemoryObjectStore) => ({
  store,
  bucket: 'lake',
  send: () => Promise.reject(new Error('nothing is to be sent')),
  eventTypes: [order],
  now: () => noonMs,
});

describe('the maintenance function', () => {
  it.each([
    ['an empty event', {}],
    ['nothing', undefined],
    ["a scheduler's own event", { version: '0', 'detail-type': 'Scheduled Event', detail: {} }],
    ['a table', { action: 'compact', table: 'order' }],
    ['a day', { table: 'order', date }],
  ])('compacts what is to be compacted, asked by %s', async (_, event) => {
    const store = new MemoryObjectStore();
    await putRaw(store, 'a', [orderRow(1)]);
    expect(await maintain(event, Infinity, dependencies(store))).toMatchObject({
      action: 'compact',
      complete: true,
      days: [{ table: 'order', date, rows: 1, rawFilesAbsorbed: 1, compactedFiles: 1 }],
    });
  });

  it('visits no day that is sealed and swept', async () => {
    const store = new MemoryObjectStore({ now: () => noonMs });
    await putRaw(store, 'a', [orderRow(1)]);
    await compact(store, { seal: true });
    const later = () => noonMs + 2 * 3_600_000;
    await maintain({}, Infinity, { ...dependencies(store), now: later });
    await maintain({}, Infinity, { ...dependencies(store), now: later });
    const summary = await maintain({}, Infinity, { ...dependencies(store), now: later });
    expect(summary).toEqual({
      action: 'compact',
      complete: true,
      days: [],
      published: [{ table: 'order', days: [], version: 2, conflicts: 0, lagMs: 0, waitingDays: 0 }],
      changedDefinitions: [],
    });
  });

  it('reads the manifest of a day that is done once, where it is told to remember', async () => {
    const store = new MemoryObjectStore({ now: () => noonMs });
    await putRaw(store, 'a', [orderRow(1)]);
    await compact(store, { seal: true });
    const remembering = {
      ...dependencies(store),
      now: () => noonMs + 2 * 3_600_000,
      done: new Map<string, string>(),
      publishers: new Map(),
    };
    for (let run = 0; run < 3; run++) await maintain({}, Infinity, remembering);
    const reads = async (): Promise<number> => {
      const before = store.calls.length;
      await maintain({}, Infinity, remembering);
      return store.calls.slice(before).filter(({ operation }) => operation === 'get').length;
    };
    expect(await reads()).toBe(0);
    await putRaw(store, 'late', [orderRow(2)]);
    expect(await reads()).toBeGreaterThan(0);
  });

  it('tells which definition no longer reads what is stored, and keeps its values', async () => {
    const store = new MemoryObjectStore({ now: () => noonMs });
    await putRaw(store, 'a', [orderRow(1)]);
    expect(await maintain({}, Infinity, dependencies(store))).toMatchObject({
      changedDefinitions: [],
    });
    await putRaw(store, 'b', [orderRow(2)]);
    const { id, event } = order.schema.properties ?? {};
    const changed = defineEvent({
      ...order,
      schema: {
        ...order.schema,
        properties: { id: id ?? {}, event: event ?? {}, amount: { type: 'boolean' } },
      },
    });
    const summary = await maintain({}, Infinity, {
      ...dependencies(store),
      eventTypes: [changed],
    });
    expect(summary).toMatchObject({
      days: [{ rows: 2, refused: [] }],
      changedDefinitions: [
        {
          table: 'order',
          unreadable: [expect.stringMatching(/"amount" changed from bigint to boolean/)],
          unnamed: ['"tags" was removed'],
        },
      ],
    });
  });

  it('begins nothing after its deadline, and says so', async () => {
    const store = new MemoryObjectStore();
    await putRaw(store, 'a', [orderRow(1)]);
    const summary = await maintain({}, noonMs, dependencies(store));
    expect(summary).toMatchObject({ complete: false, days: [] });
  });

  it.each([
    [
      { action: 'destroy' },
      'unknown action "destroy"; the function knows "compact", "replay", "sweep-results", "expire", "erase" and "take-incoming"',
    ],
    [{ table: 'orders' }, 'there is no table "orders"; there is order'],
    [{ date: '2026-02-30' }, 'date "2026-02-30" is not a day such as 2026-01-31'],
    [{ date: 20261120 }, 'date 20261120 is not a day such as 2026-01-31'],
    [{ seal: true }, 'to seal a day whatever the time, name its date'],
    [{ date, seal: 'yes' }, 'seal "yes" is not true or false'],
    [{ action: 'replay' }, 'there is no table named; there is order'],
    [
      { action: 'replay', table: 'order', kind: 'all' },
      'kind "all" is none of processing-failed, format-conversion-failed, sealed',
    ],
  ])('refuses %j with a sentence', async (event, message) => {
    await expect(maintain(event, Infinity, dependencies(new MemoryObjectStore()))).rejects.toThrow(
      new MaintenanceRequestError(message),
    );
  });

  it('sweeps the results of joins', async () => {
    const store = new MemoryObjectStore({ now: () => noonMs - 2 * 86_400_000 });
    await store.put('results/orders/dt=2026-11-01/run=1/0.parquet', new Uint8Array(1));
    expect(await maintain({ action: 'sweep-results' }, Infinity, dependencies(store))).toEqual({
      action: 'sweep-results',
      runs: 1,
      files: 1,
      complete: true,
    });
  });

  it('replays a table', async () => {
    const event = { action: 'replay', table: 'order', dryRun: true, from: date, to: date };
    expect(await maintain(event, Infinity, dependencies(new MemoryObjectStore()))).toEqual({
      action: 'replay',
      table: 'order',
      dryRun: true,
      objects: 0,
      skippedObjects: 0,
      sent: 0,
      left: 0,
      complete: true,
      groups: [],
    });
  });

  it('takes out what is past its retention, and says what would go where it is only asked', async () => {
    const store = new MemoryObjectStore({ now: () => noonMs });
    await putRaw(store, 'a', [orderRow(1)]);
    await compact(store, { seal: true });
    const later = {
      ...dependencies(store),
      eventTypes: [defineEvent({ ...order, retentionDays: 1 })],
      now: () => noonMs + 3 * 24 * 3_600_000,
    };
    const dry = await maintain({ action: 'expire', dryRun: true }, Infinity, later);
    expect(dry).toMatchObject({ action: 'expire', tables: [{ days: [{ date, rows: 1 }] }] });
    expect(await maintain({ action: 'expire', table: 'order' }, Infinity, later)).toEqual({
      ...dry,
      tables: [
        expect.objectContaining({ dryRun: false, days: [expect.objectContaining({ date })] }),
      ],
    });
    expect(await maintain({ action: 'expire' }, Infinity, later)).toMatchObject({
      complete: true,
      tables: [{ days: [] }],
    });
  });
});
