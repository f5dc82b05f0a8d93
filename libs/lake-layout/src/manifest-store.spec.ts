import { compactedKey, manifestKey } from './keys';
import {
  filesToken,
  rawFileToken,
  unabsorbedFiles,
  type CompactedFile,
  type Manifest,
} from './manifest';
import { decodeManifest, encodeManifest, ManifestError } from './manifest-json';
import { commitManifest, readManifest } from './manifest-store';
import { MemoryObjectStore } from './memory-object-store';
import { PreconditionFailedError } from './object-store';

const date = '2026-11-20';

const rawFiles = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    key: `order/raw/dt=${date}/hour=10/sluice-dev-order-1-2026-11-20-10-00-00-${index}.parquet`,
    etag: `"${index}"`,
  }));

const manifest: Manifest = {
  formatVersion: 1,
  table: 'order',
  date,
  sealed: false,
  announced: false,
  files: [
    {
      key: compactedKey('order', date, 'a'),
      bytes: 100,
      etag: '"a"',
      rows: 10,
      minKey: '1',
      maxKey: '9223372036854775807',
      footerBytes: 50,
      footerCrc32: 4_000_000_000,
      lowerCaseKeys: true,
      run: 1,
    },
  ],
  absorbed: [{ atMs: 1, tokens: rawFiles(3).map(rawFileToken) }],
  replaced: [{ atMs: 2, keys: ['order/compacted/old'] }],
  updatedAtMs: 3,
};

const moments = { min: '2026-11-19 00:00:00.000000', max: '2026-11-20 10:00:00.123456' };
const withFile = (members: Partial<CompactedFile>): Manifest => ({
  ...manifest,
  files: manifest.files.map((file) => ({ ...file, ...members })),
});

describe('a manifest', () => {
  it('comes back as it was written', () => {
    expect(decodeManifest(encodeManifest(manifest), 'm')).toEqual(manifest);
  });

  const keyFilter = {
    key: 'order/filters/dt=2026-11-20/f.bin',
    bytes: 1_000,
    etag: '"f"',
    keys: 900,
    of: filesToken(manifest.files),
    keyForm: 'string',
  };

  it.each<[string, Manifest]>([
    ['a packed footer', withFile({ packedFooter: 'AQID' })],
    [
      'the places of the first and the last row',
      withFile({
        firstRow: { moment: moments.min, eventId: 'a' },
        lastRow: { moment: moments.max, eventId: '' },
      }),
    ],
    ['bounds of times', withFile({ moments, time: { ...moments, nulls: 3 }, arrivals: moments })],
    ['a filter of keys', { ...manifest, keyFilter }],
    ['a file with marks of indexes', withFile({ indexed: ['device.id'] })],
    [
      'indexes',
      {
        ...manifest,
        indexes: [
          {
            path: 'device.id',
            files: manifest.files,
            valueFilter: keyFilter,
            places: { key: 'p', bytes: 16_384, of: keyFilter.of },
          },
          { path: 'sessionId', files: [] },
        ],
      },
    ],
  ])('with %s is one of version 2, which a reader of version 1 refuses', (_, ofVersion2) => {
    const bytes = encodeManifest(ofVersion2);
    expect(decodeManifest(bytes, 'm')).toEqual({ ...ofVersion2, formatVersion: 2 });
    expect(JSON.parse(Buffer.from(bytes).toString())).toMatchObject({ formatVersion: 2 });
  });

  it('without what came later is written as one of version 1, as is one with counts that no reader needs', () => {
    const bytes = encodeManifest({ ...manifest, formatVersion: 2 });
    expect(JSON.parse(Buffer.from(bytes).toString())).toMatchObject({ formatVersion: 1 });
    const counted: Manifest = { ...manifest, late: { minutes: 1, hours: 0, days: 2 } };
    expect(decodeManifest(encodeManifest(counted), 'm')).toEqual(counted);
  });

  it('of a day of 1,440 raw files stays below 30 KB', () => {
    const tokens = rawFiles(1_440).map(rawFileToken);
    const day = { ...manifest, absorbed: [{ atMs: 1, tokens }] };
    expect(encodeManifest(day).length).toBeLessThan(30_000);
  });

  it.each<[string, unknown, string]>([
    ['no object', [], 'manifest m, at /: expected an object, found []'],
    [
      'another version',
      { ...manifest, formatVersion: 3 },
      'manifest m, at /formatVersion: version 3 was written by another release; this one reads versions 1 and 2',
    ],
    [
      'no date',
      { ...manifest, date: undefined },
      'manifest m, at /date: expected a string, found nothing',
    ],
    [
      'a fraction of bytes',
      { ...manifest, files: [{ ...manifest.files[0], bytes: 1.5 }] },
      'manifest m, at /files/0/bytes: expected an integer of at least 0, found 1.5',
    ],
    [
      'a token that is no text',
      { ...manifest, absorbed: [{ atMs: 1, tokens: [1] }] },
      'manifest m, at /absorbed/0/tokens: expected an array of strings, found [1]',
    ],
  ])('with %s is refused with the place', (_, value, message) => {
    const bytes = new TextEncoder().encode(JSON.stringify(value));
    expect(() => decodeManifest(bytes, 'm')).toThrow(message);
  });

  it('of an earlier release is of a day that was not announced', () => {
    const earlier = { ...manifest, sealed: true, announced: undefined };
    const bytes = new TextEncoder().encode(JSON.stringify(earlier));
    expect(decodeManifest(bytes, 'm')).toMatchObject({ sealed: true, announced: false });
  });

  it('is refused with its name where any bit of it has changed', () => {
    const bytes = encodeManifest(manifest);
    const refused = (at: number, bit: number): boolean => {
      const changed = bytes.slice();
      changed[at]! ^= 1 << bit;
      try {
        // A changed name of the checksum leaves everything else as it was.
        expect(decodeManifest(changed, 'order/manifests/x.json')).toEqual(manifest);
        return false;
      } catch (error) {
        expect((error as Error).message).toMatch(/^manifest order\/manifests\/x\.json, at /);
        return true;
      }
    };
    const outcomes = Array.from(bytes, (_, at) => refused(at, at % 8));
    expect(outcomes.filter((isRefused) => !isRefused).length).toBeLessThan(12);
  });

  it('without a checksum is one of an earlier release', () => {
    const bytes = new TextEncoder().encode(JSON.stringify(manifest));
    expect(decodeManifest(bytes, 'm')).toEqual(manifest);
  });

  it('that was cut off is refused', () => {
    const bytes = encodeManifest(manifest).slice(0, -10);
    expect(() => decodeManifest(bytes, 'm')).toThrow(/^manifest m, at \/: is not JSON/);
  });
});

describe('raw files that are not absorbed', () => {
  it('are all of them without a manifest', () => {
    expect(unabsorbedFiles(undefined, rawFiles(3))).toHaveLength(3);
  });

  it('are those of another key, or of another content under the same key', () => {
    const [first, ...others] = rawFiles(4);
    const rewritten = { ...first!, etag: '"again"' };
    expect(unabsorbedFiles(manifest, [rewritten, ...others])).toEqual([rewritten, others[2]]);
  });
});

describe('committing a manifest', () => {
  it('lets one of two first commits win', async () => {
    const store = new MemoryObjectStore();
    await commitManifest(store, manifest, undefined);
    await expect(commitManifest(store, manifest, undefined)).rejects.toThrow(
      PreconditionFailedError,
    );
  });

  it('writes only over the manifest that it was made from', async () => {
    const store = new MemoryObjectStore();
    const first = await commitManifest(store, manifest, undefined);
    await commitManifest(store, { ...manifest, updatedAtMs: 4 }, first);
    await expect(commitManifest(store, { ...manifest, updatedAtMs: 5 }, first)).rejects.toThrow(
      PreconditionFailedError,
    );
    expect((await readManifest(store, 'order', date))?.manifest.updatedAtMs).toBe(4);
  });

  it('reads nothing where there is none', async () => {
    const store = new MemoryObjectStore();
    expect(await readManifest(store, 'order', date)).toBeUndefined();
    await store.put(manifestKey('order', date), new Uint8Array());
    await expect(readManifest(store, 'order', date)).rejects.toThrow(ManifestError);
  });
});
