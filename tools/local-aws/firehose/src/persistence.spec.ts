import { join } from 'node:path';
import { Checkpoints } from './checkpoints';
import type { DeliveryPorts } from './delivery-stream';
import { folder, record, world } from './delivery-under-test';
import { DeliveryStalledError, type DeliveryTrouble } from './persistence';
import type { ShardRecord } from './source-record';

describe('a delivery stream', () => {
  test('takes a shard that can not be read for one that may hold something', async () => {
    let failures = 5;
    const records = [record(1)];
    const next = (): Promise<readonly ShardRecord[]> =>
      failures-- > 0 ? Promise.reject(new Error('throttled')) : Promise.resolve(records.splice(0));
    const { stream, objects } = world([], { readers: [{ shardId: 'shard-0', next }] });
    await stream.flush();
    await stream.stop();
    expect(objects.size).toBe(1);
  });

  describe('that can not go on', () => {
    const gone = () => Promise.reject(new Error('ResourceNotFoundException: no stream'));
    const unwritable = (): Checkpoints =>
      Object.assign(new Checkpoints(join(folder, 'none.json')), {
        advance: () => {
          throw new Error('ENOSPC');
        },
      });
    const broken: readonly (readonly [string, Partial<DeliveryPorts>, string])[] = [
      [
        'whose stream is gone',
        { readers: [{ shardId: 'shard-0', next: gone }] },
        'reading shard-0',
      ],
      [
        'whose conversion runs out of memory',
        { convert: () => Promise.reject(new Error('out of memory')) },
        'converting records',
      ],
      [
        'whose checkpoint can not be written',
        { checkpoints: unwritable() },
        'noting what is delivered',
      ],
      [
        'whose store takes nothing',
        { put: () => Promise.reject(new Error('503')) },
        'storing order/',
      ],
    ];

    test.each(broken)('%s says so, gives up a flush and stops', async (_, ports, what) => {
      const stalled: DeliveryTrouble[] = [];
      const { stream, positions } = world([record(1)], {
        ...ports,
        onStalled: (trouble) => stalled.push(trouble),
      });
      const flushed = stream.flush();
      await expect(flushed).rejects.toThrow(DeliveryStalledError);
      await expect(flushed).rejects.toThrow(
        new RegExp(`^the delivery stream orders can't go on: ${what}`),
      );
      await stream.stop();
      expect(stalled).toHaveLength(1);
      expect(positions()).toEqual({});
      await stream.flush();
    });

    test('says once that it goes on after all', async () => {
      const told: string[] = [];
      let failures = 8;
      const records = [record(1)];
      const { stream, objects } = world([], {
        readers: [
          {
            shardId: 'shard-0',
            next: () => (failures-- > 0 ? gone() : Promise.resolve(records.splice(0))),
          },
        ],
        onStalled: () => told.push('stalled'),
        onRecovered: () => told.push('recovered'),
      });
      while (failures >= 0) await new Promise((resolve) => setImmediate(resolve));
      await stream.flush();
      await stream.stop();
      expect(told).toEqual(['stalled', 'recovered']);
      expect(objects.size).toBe(1);
    });

    test('gives up at once where something is wrong that nobody foresaw, and keeps its records', async () => {
      const stalled: DeliveryTrouble[] = [];
      const { stream, positions } = world([record(1)], {
        invoke: () => {
          throw new Error('no template has the function');
        },
        onStalled: (trouble) => stalled.push(trouble),
      });
      await expect(stream.flush()).rejects.toThrow(/no template has the function/);
      await expect(stream.flush()).rejects.toThrow(DeliveryStalledError);
      await stream.stop();
      expect(stalled).toMatchObject([{ deliveryStream: 'orders', what: 'delivering' }]);
      expect(positions()).toEqual({});
    });

    test('stops while it waits for its next attempt', async () => {
      const { stream } = world([record(1)], {
        readers: [{ shardId: 'shard-0', next: gone }],
        sleep: () => new Promise(() => undefined),
      });
      await new Promise((resolve) => setImmediate(resolve));
      await stream.stop();
    });
  });

  test('keeps trying to note what it delivered, as on a full disk', async () => {
    let attempts = 0;
    const { stream, positions } = world([record(1)], {
      onFailed: () => {
        if (++attempts < 3) throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
      },
    });
    await stream.flush();
    await stream.stop();
    expect(attempts).toBe(3);
    expect(positions()).toEqual({ 'shard-0': '1' });
  });

  test('keeps trying to store an object, and moves no checkpoint before it is stored', async () => {
    let attempts = 0;
    const seen: unknown[] = [];
    const stored = new Map<string, string>();
    const { stream, positions } = world([record(1)], {
      put: (key, bytes) => {
        seen.push(positions());
        if (++attempts < 4) return Promise.reject(new Error('503'));
        stored.set(key, Buffer.from(bytes).toString());
        return Promise.resolve();
      },
    });
    await stream.flush();
    await stream.stop();
    expect(attempts).toBe(4);
    expect(seen).toEqual([{}, {}, {}, {}]);
    expect(positions()).toEqual({ 'shard-0': '1' });
    expect(stored.size).toBe(1);
  });
});
