import { bytesSource } from './byte-source';
import { CorruptParquetError, ParquetError, UnsupportedParquetError } from './errors';
import { footerLength, readFooter } from './footer';
import { readRows } from './read-rows';
import { duckdb, duckdbFile } from './testing/duckdb-files';

const query = `
  SELECT 'key-' || i AS key, i AS number, i % 5 AS "group", [i, i + 1] AS list,
         CASE WHEN i % 3 = 0 THEN NULL ELSE i / 7.0 END AS ratio
  FROM range(200) AS t(i)`;

const variants = [
  'COMPRESSION uncompressed',
  'COMPRESSION snappy',
  'COMPRESSION zstd, PARQUET_VERSION V2',
  'COMPRESSION gzip',
  'COMPRESSION lz4_raw',
  'COMPRESSION brotli',
];

async function readAll(bytes: Uint8Array): Promise<readonly (readonly unknown[])[]> {
  const source = bytesSource(bytes);
  const footer = await readFooter(source, { keyColumn: 'key' });
  const all: (readonly unknown[])[] = [];
  for await (const rows of readRows(source, footer)) all.push(...rows);
  return all;
}

let files: readonly Uint8Array[];
beforeAll(async () => {
  const connection = await duckdb();
  files = await Promise.all(variants.map((layout) => duckdbFile(connection, query, layout)));
});

/** Returns a generator of pseudo-random integers, so that the damage is the same every time. */
function pseudoRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state % below;
  };
}

describe.each(variants.map((variant, index) => ({ variant, index })))(
  'a broken file ($variant)',
  ({ index }) => {
    it('is refused when cut short at any byte of its end, and at every hundredth before', async () => {
      const file = files[index]!;
      const cuts = Array.from({ length: file.length }, (_, cut) => cut).filter(
        (cut) => cut % 97 === 0 || cut > file.length - 64,
      );
      for (const cut of cuts)
        await expect(readAll(file.subarray(0, cut))).rejects.toBeInstanceOf(CorruptParquetError);
    });

    it('gives an error of the reader or rows of the right shape, whichever bits flip', async () => {
      const file = files[index]!;
      const random = pseudoRandom(index + 1);
      const outcomes = { refused: 0, read: 0 };
      for (let run = 0; run < 300; run++) {
        const broken = file.slice();
        // Most of the damage where the structure is: in the footer and in the page headers.
        const end = run % 3 === 0 ? file.length : footerLength(file, file.length);
        for (let flips = 0; flips <= run % 3; flips++)
          broken[file.length - 1 - random(end)]! ^= 1 << random(8);
        try {
          const rows = await readAll(broken);
          outcomes.read++;
          expect(rows.every((row) => row.length >= 1)).toBe(true);
        } catch (error) {
          if (!(error instanceof ParquetError)) throw error;
          outcomes.refused++;
        }
      }
      expect(outcomes.refused).toBeGreaterThan(50);
    });
  },
);

it('names what is wrong', async () => {
  const file = files[1]!;
  const changed = (at: number, bytes: readonly number[]): Uint8Array => {
    const copy = file.slice();
    copy.set(bytes, at < 0 ? file.length + at : at);
    return copy;
  };
  const length = footerLength(file, file.length);
  await expect(readAll(new Uint8Array())).rejects.toThrow('the file has no bytes');
  await expect(readAll(new Uint8Array(11))).rejects.toThrow('too short to be Parquet');
  await expect(readAll(new TextEncoder().encode('id,name\n1,not Parquet\n'))).rejects.toThrow(
    'does not end with PAR1',
  );
  await expect(readAll(changed(-8, [0xff, 0xff, 0xff, 0x7f]))).rejects.toThrow(
    'claims a footer of',
  );
  await expect(readAll(changed(-4, [0x50, 0x41, 0x52, 0x45]))).rejects.toBeInstanceOf(
    UnsupportedParquetError,
  );
  await expect(readAll(changed(-length, [0xff, 0xff, 0xff]))).rejects.toThrow('metadata');
});

it('says that an encrypted file is encrypted', async () => {
  const connection = await duckdb();
  await connection.run("SET force_mbedtls_unsafe = 'true'");
  await connection.run(`PRAGMA add_parquet_key('k', '0123456789112345')`);
  const file = await duckdbFile(connection, query, `ENCRYPTION_CONFIG {footer_key: 'k'}`);
  await expect(readAll(file)).rejects.toThrow('the file is encrypted');
});

it('refuses sizes that lie without allocating them', async () => {
  const file = files[0]!;
  const random = pseudoRandom(77);
  for (let run = 0; run < 300; run++) {
    const broken = file.slice();
    // 0xff makes the longest numbers there are.
    const at = random(file.length - 8);
    broken.fill(0xff, at, at + 1 + random(4));
    const before = process.memoryUsage().arrayBuffers;
    await readAll(broken).catch((error: unknown) => {
      if (!(error instanceof ParquetError)) throw error;
    });
    // All that reading a file of some kilobytes takes, collected already or not.
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 << 20);
  }
});
