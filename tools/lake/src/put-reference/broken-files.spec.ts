import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { referenceKey } from '@sluice/lake-layout';
import { ReferenceBench } from './testing';

const bench = new ReferenceBench();
afterAll(() => bench.close());

const csv = Buffer.from('\ufeffid,"na""me",at\r\n1,"a\nb",2026-01-31\r\n2,é😀,\r\n');
const ndjson = Buffer.from('{"id":1,"at":{"x":[1,2.5]}}\n{"id":2,"at":null,"t":"é\\u0041"}\n');

async function parquet(): Promise<Buffer> {
  const path = bench.file('whole.parquet', '');
  await bench.query(
    `copy (select i as id, 'n' || i as name, [i] as list, {a: i} as s from range(50) t(i)) to '${path}' (format parquet)`,
  );
  return readFileSync(path);
}

/** Bytes changed, cut off or doubled at some places. */
const damage = fc.array(
  fc.record({ at: fc.nat(), kind: fc.constantFrom('set', 'cut', 'double'), byte: fc.nat(255) }),
  { minLength: 1, maxLength: 4 },
);

const damaged = (bytes: Buffer, changes: readonly { at: number; kind: string; byte: number }[]) =>
  changes.reduce((some, { at, kind, byte }) => {
    const place = some.length === 0 ? 0 : at % some.length;
    const [before, after] = [some.subarray(0, place), some.subarray(place)];
    if (kind === 'set') return Buffer.concat([before, Buffer.from([byte]), after.subarray(1)]);
    return kind === 'cut' ? Buffer.from(before) : Buffer.concat([before, after, after]);
  }, bytes);

test.each([
  ['csv', () => Promise.resolve(csv)],
  ['csv.gz', () => Promise.resolve(gzipSync(csv))],
  ['ndjson', () => Promise.resolve(ndjson)],
  ['json', () => Promise.resolve(ndjson)],
  ['parquet', parquet],
])('a damaged .%s file is put whole or refused with a sentence', async (ending, make) => {
  const whole = await make();
  await fc.assert(
    fc.asyncProperty(damage, async (changes) => {
      const name = referenceKey('things');
      const before = await bench.store.get(name).catch(() => undefined);
      const result = await bench.put(`damaged.${ending}`, damaged(whole, changes));
      if (result.outcome !== 'refused') {
        const { bytes } = await bench.store.get(name);
        expect(await bench.rowsRead(bytes)).toBe(result.report.rows);
        return;
      }
      expect(result.problems.length).toBeGreaterThan(0);
      for (const problem of result.problems) expect(problem).toMatch(/^\P{Cc}{10,}$/u);
      const after = await bench.store.get(name).catch(() => undefined);
      expect(after?.etag).toBe(before?.etag);
    }),
    { numRuns: 120 },
  );
});
