import { rawPrefix } from '@sluice/lake-layout';
import { createLookupApi } from './lookup-api';
import { createTestApi, policy, policyRow, today, yesterday } from './testing/test-api';

const pad = (index: number): string => String(index).padStart(4, '0');

const rows = Array.from({ length: 400 }, (_, index) =>
  policyRow(`P-${pad(index)}`, `R-${pad(index)}`, {
    amount: index * 7,
    price: `${index}.50`,
    signedon: '2026-01-31',
    tags: [`tag-${index % 13}`],
    isopen: index % 2 === 0,
  }),
);

/**
 * Returns a function that asks a cold function while one bit of a file is flipped, as a disk or a network may do; the
 * ETag stays the same.
 */
function askWith(lake: ReturnType<typeof createTestApi>['lake'], key: string) {
  const errors: unknown[] = [];
  return async (id: string, at: number, bit: number) => {
    const store: Parameters<typeof createLookupApi>[0]['store'] = {
      list: (prefix, options) => lake.store.list(prefix, options),
      async get(wanted, options) {
        const object = await lake.store.get(wanted, options);
        const range = options?.range;
        const start =
          range === undefined ? 0 : 'last' in range ? object.totalBytes - range.last : range.start;
        if (wanted === key && at >= start && at < start + object.bytes.length)
          object.bytes[at - start]! ^= 1 << bit;
        return object;
      },
    };
    const api = createLookupApi({
      eventTypes: [policy],
      store,
      now: () => lake.nowMs,
      onError: (error) => errors.push(error),
    });
    const { status, body } = await api({
      method: 'GET',
      path: '/v1/events/policy',
      query: new Map([
        ['id', [id]],
        ['date', [key.includes(yesterday) ? yesterday : today]],
      ]),
      headers: new Map(),
      body: '',
    });
    return { status, body: String(body), error: errors.pop() as Error | undefined };
  };
}

const kinds = ['compacted', 'raw'] as const;

test.each(kinds)(
  'a bit that flips in a %s file is never served as a value, and the file is named',
  async (kind) => {
    const { lake } = createTestApi();
    if (kind === 'compacted') await lake.addCompacted(yesterday, rows);
    else await lake.addRaw(today, rows);
    const prefix = kind === 'compacted' ? `${lake.table}/compacted/` : rawPrefix(lake.table, today);
    let file = { key: '', bytes: 0 };
    for await (const found of lake.store.list(prefix)) file = found;
    const ask = askWith(lake, file.key);
    const ids = ['P-0007', 'P-0311', 'P-0399'];
    const expected = new Map<string, string>();
    for (const id of ids) expected.set(id, (await ask(id, -1, 0)).body);
    expect(expected.get('P-0007')).toContain('"amount":49');

    let refused = 0;
    const step = Math.max(1, Math.floor(file.bytes / 400));
    for (let at = 0; at < file.bytes; at += step) {
      const id = ids[at % ids.length]!;
      const { status, body, error } = await ask(id, at, at % 8);
      if (status === 200) expect({ at, body }).toEqual({ at, body: expected.get(id) });
      else {
        refused++;
        expect({ at, message: error?.message }).toEqual({
          at,
          message: expect.stringContaining(file.key) as string,
        });
      }
    }
    expect(refused).toBeGreaterThan(40);
  },
);

test('a raw file without a byte is named, not passed over', async () => {
  const { lake } = createTestApi();
  await lake.addRaw(today, rows.slice(0, 3));
  const key = `${rawPrefix(lake.table, today)}hour=11/cut-short.parquet`;
  await lake.store.put(key, new Uint8Array());
  const { status, error } = await askWith(lake, key)('P-0001', -1, 0);
  expect(status).toBe(500);
  expect(error?.message).toBe(`${key}: the file has no bytes: whoever wrote it was interrupted`);
});

test.each(['', '_SUCCESS', '.hidden'])('the mark %j below raw files is no file', async (name) => {
  const { lake } = createTestApi();
  await lake.addRaw(today, rows.slice(0, 3));
  await lake.store.put(`${rawPrefix(lake.table, today)}hour=11/${name}`, new Uint8Array());
  expect(await askWith(lake, rawPrefix(lake.table, today))('P-0001', -1, 0)).toMatchObject({
    status: 200,
    body: expect.stringContaining('"amount":7,') as string,
  });
});
