import * as fc from 'fast-check';
import { readFooter, rowGroupCount, type ParquetFooter } from './footer';
import type { RawKey } from './key-bounds';
import { planKeyRead, readKeyGroups, type KeyRow } from './key-read';
import { packFooter, unpackFooter } from './packed-footer';
import { CountingSource } from './testing/counting-source';
import { duckdb, duckdbFile } from './testing/duckdb-files';

interface Footers {
  readonly bytes: Uint8Array;
  readonly own: ParquetFooter;
  readonly packed: ParquetFooter;
  readonly packedBytes: number;
  readonly footerBytes: number;
}

const footerOf = (file: Uint8Array): Uint8Array => {
  const length = new DataView(file.buffer, file.byteOffset).getUint32(file.length - 8, true);
  return file.subarray(file.length - length - 8);
};

async function footersOf(
  bytes: Uint8Array,
  keyColumn = 'key',
  boundColumns: readonly string[] = [],
): Promise<Footers> {
  const own = await readFooter(new CountingSource(bytes), { keyColumn, boundColumns });
  const footer = footerOf(bytes);
  const pack = packFooter(footer, { fileBytes: bytes.length, keyColumn, boundColumns });
  const packed = unpackFooter(pack, { keyColumn });
  if (!packed) throw new Error('the pack is of another form');
  return { bytes, own, packed, packedBytes: pack.length, footerBytes: footer.length };
}

async function rowsBy(
  { bytes }: Footers,
  footer: ParquetFooter,
  keys: readonly RawKey[],
): Promise<readonly KeyRow[]> {
  const plan = planKeyRead(footer, { keyColumn: 'key', keys, columns: ['key', 'number'] });
  const rows: KeyRow[] = [];
  for await (const group of readKeyGroups(new CountingSource(bytes), footer, plan))
    rows.push(...group.rows);
  return rows;
}

/** Returns the row groups that a footer can't rule out for a key. */
const candidates = (footer: ParquetFooter, key: RawKey): readonly number[] =>
  Array.from({ length: rowGroupCount(footer) }, (_, group) => group).filter(
    (group) => footer.keyBounds?.mayHold(group, key) ?? true,
  );

const filesByKey = {
  'texts, each in several rows': `printf('key-%05d', i // 700)`,
  UUIDs: `md5(i::VARCHAR)`,
  'texts of which one fills several row groups': `CASE WHEN i < 6000 THEN 'b' ELSE 'c' || i END`,
  'texts, the first rows without': `CASE WHEN i < 2100 THEN NULL ELSE printf('%06d', i) END`,
  'empty texts': `CASE WHEN i < 3000 THEN '' ELSE printf('%06d', i) END`,
  'texts of several bytes a letter': `CASE WHEN i < 5000 THEN 'é' || i ELSE chr(128512) || i END`,
  integers: `(i - 4500)::BIGINT * 1152921504606846`,
  'integers, the first rows without': `CASE WHEN i < 2100 THEN NULL ELSE i END`,
  'integers of 32 bits': `i::INTEGER - 7`,
  'integers without a sign': `i::UBIGINT + 9223372036854775800::UBIGINT`,
  'decimals of many digits': `(i / 100)::DECIMAL(38, 2)`,
  times: `TIMESTAMP '2026-01-01' + to_microseconds(i)`,
} as const;

describe.each(Object.entries(filesByKey))('a packed footer of %s', (_, keySql) => {
  let sorted: Footers;
  let shuffled: Footers;
  beforeAll(async () => {
    const connection = await duckdb();
    const query = `SELECT ${keySql} AS key, i AS number, [i, i + 1] AS list, 'text ' || i AS other
      FROM range(9000) AS t(i) ORDER BY`;
    const options = 'COMPRESSION zstd, ROW_GROUP_SIZE 2048';
    sorted = await footersOf(
      await duckdbFile(connection, `${query} key NULLS FIRST, i`, options),
      'key',
      ['number'],
    );
    shuffled = await footersOf(await duckdbFile(connection, `${query} hash(i)`, options), 'key', [
      'number',
    ]);
  });

  it('says of chunks, rows and schema what the footer says', () => {
    for (const { own, packed } of [sorted, shuffled]) {
      // Bounds are looked at below.
      const rest = { keyBounds: undefined, columnBounds: undefined, offsetIndexes: undefined };
      expect({ ...packed, ...rest, retainedBytes: 0 }).toEqual({
        ...own,
        ...rest,
        retainedBytes: 0,
      });
      expect([packed.keyBounds === undefined, packed.offsetIndexes]).toEqual([
        own.keyBounds === undefined,
        own.offsetIndexes && undefined,
      ]);
      expect(packed.retainedBytes).toBeLessThanOrEqual(own.retainedBytes + 16_384);
    }
  });

  it('holds what a further column is between, and how many nulls it has', () => {
    for (const { own, packed } of [sorted, shuffled]) {
      const [ownBounds, packedBounds] = [own, packed].map((each) =>
        each.columnBounds.get('number'),
      );
      for (let group = 0; group < rowGroupCount(own); group++) {
        const [min = 1n, max = 0n] = (ownBounds?.boundsOf(group) ?? []) as readonly bigint[];
        const [packedMin = 1n, packedMax = 0n] = (packedBounds?.boundsOf(group) ??
          []) as readonly bigint[];
        expect([min <= max, packedMin <= min, packedMax >= max]).toEqual([true, true, true]);
        expect(packedBounds?.nullsOf(group)).toBe(ownBounds?.nullsOf(group));
      }
    }
  });

  it('never rules out a row group that the footer does not, and few that it does', () => {
    for (const { own, packed } of [sorted, shuffled]) {
      const groups = Array.from({ length: rowGroupCount(own) }, (_, group) => group);
      const keys = groups.flatMap((group) => own.keyBounds?.boundsOf(group) ?? []);
      for (const key of keys) {
        expect(candidates(packed, key)).toEqual(candidates(own, key));
        const near = typeof key === 'bigint' ? key + 1n : Buffer.concat([key, Uint8Array.of(1)]);
        expect(candidates(packed, near)).toEqual(
          expect.arrayContaining([...candidates(own, near)]),
        );
        expect(candidates(packed, near).length).toBeLessThanOrEqual(
          candidates(own, near).length + 1,
        );
      }
    }
  });

  it('finds the same rows', async () => {
    const keys = [2, 3].flatMap((group) => sorted.own.keyBounds?.boundsOf(group) ?? []);
    const found = await rowsBy(sorted, sorted.packed, keys);
    expect(found).toEqual(await rowsBy(sorted, sorted.own, keys));
    expect(found.length > 0).toBe(keys.length > 0);
  });
});

it('rules out the same row groups for any texts, sorted or not', async () => {
  const connection = await duckdb();
  const texts = fc.array(fc.stringMatching(/^[ab\u00e9]{0,5}$/), { minLength: 1, maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(texts, fc.boolean(), async (keys, isSorted) => {
      // DuckDB's smallest row group has 2,048 rows; each key stands for so many.
      const list = keys.map((key) => `'${key}'`).join(', ');
      const file = await footersOf(
        await duckdbFile(
          connection,
          `SELECT key, key AS number FROM (SELECT unnest([${list}]) AS key), range(700)
           ${isSorted ? 'ORDER BY key' : ''}`,
          'ROW_GROUP_SIZE 2048',
        ),
      );
      for (const key of [...keys, ...keys.map((text) => `${text}a`)].map((text) =>
        Buffer.from(text),
      ))
        expect(candidates(file.packed, key)).toEqual(
          expect.arrayContaining([...candidates(file.own, key)]),
        );
      for (const key of keys.map((text) => Buffer.from(text)))
        expect(candidates(file.packed, key)).toEqual(candidates(file.own, key));
    }),
    { numRuns: 12 },
  );
});

it('takes a tenth of the footer', async () => {
  const { packedBytes, footerBytes, packed } = await footersOf(
    await duckdbFile(
      await duckdb(),
      `SELECT md5(i::VARCHAR) AS key, i AS number, hash(i) AS a, hash(i + 1) AS b, 'x' || i AS c
       FROM range(40000) AS t(i) ORDER BY key`,
      'COMPRESSION zstd, ROW_GROUP_SIZE 2048',
    ),
  );
  expect(packedBytes / rowGroupCount(packed)).toBeLessThan(24);
  expect(packedBytes).toBeLessThan(footerBytes / 10);
});

it('is not taken for that of another column, nor one of a later form for one of this', async () => {
  const file = await duckdbFile(await duckdb(), `SELECT 'a' AS key, 'b' AS other`);
  const pack = packFooter(footerOf(file), { fileBytes: file.length, keyColumn: 'key' });
  expect(unpackFooter(pack, { keyColumn: 'other' })).toBeUndefined();
  expect(unpackFooter(Uint8Array.of(2, ...pack.subarray(1)), { keyColumn: 'key' })).toBeUndefined();
});

it('refuses a pack that was damaged, and never hangs or fills the memory', async () => {
  const file = await duckdbFile(
    await duckdb(),
    `SELECT 'k' || i AS key, i AS number FROM range(5000) AS t(i) ORDER BY key`,
    'ROW_GROUP_SIZE 2048',
  );
  const pack = packFooter(footerOf(file), { fileBytes: file.length, keyColumn: 'key' });
  expect(() => unpackFooter(pack.subarray(0, 20), { keyColumn: 'key' })).toThrow(
    "a packed footer can't be inflated",
  );
  fc.assert(
    fc.property(fc.nat(pack.length - 2), fc.nat(255), (at, byte) => {
      const damaged = Uint8Array.from(pack);
      damaged[at + 1] = byte;
      try {
        unpackFooter(damaged, { keyColumn: 'key' });
      } catch (error) {
        expect((error as Error).name).toMatch(/ParquetError$/);
      }
    }),
    { numRuns: 150 },
  );
});
