import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { MemoryObjectStore, readManifest } from '@sluice/lake-layout';
import { buildSync } from 'esbuild';
import { directCodec, type ParquetCodec } from './parquet-codec';
import project from '../../project.json';
import { parquetThread } from './parquet-thread';
import {
  compact,
  date,
  filesOf,
  orderRow,
  putRaw,
  rawFile,
  rawKey,
  visibleEvents,
} from './testing';

const workspace = join(__dirname, '../../../..');
let folder: string;
let codec: ParquetCodec;

beforeAll(() => {
  // Within the workspace, where the worker finds its packages.
  folder = mkdtempSync(join(workspace, 'node_modules', '.parquet-worker-'));
  const outfile = join(folder, 'parquet-worker.mjs');
  buildSync({
    entryPoints: [join(__dirname, '../parquet-worker.ts')],
    tsconfig: join(workspace, 'tsconfig.base.json'),
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    outfile,
  });
  codec = parquetThread(pathToFileURL(outfile));
});

afterAll(() => rmSync(folder, { recursive: true }));

test('is built beside the function, which looks for it there', () => {
  // The build keeps folders below the one that all entries lie in.
  const { main, additionalEntryPoints } = project.metadata.bundle;
  expect([main, ...additionalEntryPoints].map(dirname)).toEqual(['src', 'src']);
  const source = readFileSync(join(workspace, 'apps/lake-maintenance', main), 'utf8');
  for (const entry of additionalEntryPoints)
    expect(source).toContain(basename(entry).replace(/ts$/, 'mjs'));
});

const hashes = (files: readonly Uint8Array[]): readonly string[] =>
  files.map((bytes) => createHash('sha256').update(bytes).digest('hex'));

const largeFiles = new Map<number, Uint8Array>();

/** Returns a file so large that it is read in the thread. */
function largeFile(start: number): Uint8Array {
  const known = largeFiles.get(start);
  if (known) return known;
  const file = rawFile(
    Array.from({ length: 12_000 }, (_, index) => ({
      ...orderRow(start + index),
      event_id: `${Math.sin(start + index)}`,
    })),
  );
  largeFiles.set(start, file);
  return file;
}

it('decodes what the caller’s own thread decodes, and names what is broken', async () => {
  const files = [largeFile(0), new TextEncoder().encode('PAR1 no Parquet PAR1'), largeFile(7)];
  const before = hashes(files);
  const decoded = await codec.decode(files);
  const ipcs = decoded.map((file) => ('ipc' in file ? file.ipc : new Uint8Array()));
  const direct = await directCodec.decode(files);
  expect(hashes(ipcs)).toEqual(
    hashes(direct.map((file) => ('ipc' in file ? file.ipc : new Uint8Array()))),
  );
  expect(decoded.map((file) => ('fault' in file ? file.fault : ''))).toEqual([
    '',
    expect.stringMatching(/./),
    '',
  ]);
  expect(hashes(files)).toEqual(before);
});

it('compacts a day to the same rows, in files that both threads wrote', async () => {
  const store = new MemoryObjectStore();
  for (const start of [0, 6_000, 30_000]) await store.put(rawKey(`f${start}`), largeFile(start));
  await putRaw(store, 'small', [orderRow(1, 999_999)]);
  await store.put(rawKey('broken'), new TextEncoder().encode('PAR1 no Parquet PAR1'));

  const result = await compact(store, {
    codec,
    chooseLayout: filesOf(6_000),
  });
  expect(result).toMatchObject({ rows: 30_001, rawFilesAbsorbed: 4, complete: true });
  expect(result.refused).toMatchObject([{ key: rawKey('broken') }]);
  const { manifest } = (await readManifest(store, 'order', date))!;
  expect(manifest.files.length).toBeGreaterThan(3);
  const ranges = manifest.files.map(({ minKey, maxKey }) => [minKey, maxKey]).flat();
  expect([...ranges].sort()).toEqual(ranges);
  await store.delete([rawKey('broken')]);
  expect(await visibleEvents(store)).toHaveLength(30_001);
});

it('fails what waits for it where the thread can not start, and tries again', async () => {
  const absent = parquetThread(pathToFileURL(join(folder, 'absent.mjs')));
  const files = [largeFile(0)];
  await expect(absent.decode(files)).rejects.toThrow(/absent\.mjs/);
  await expect(absent.decode(files)).rejects.toThrow(/absent\.mjs/);
});
