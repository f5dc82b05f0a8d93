import { createRowTableBuilder } from '@sluice/columns';
import { writeParquet } from '@sluice/parquet-writing';
import { parquetMetadata } from 'hyparquet';
import {
  columnIds,
  createTable,
  dayManifestName,
  decodeManifestFile,
  decodeManifestList,
  encodeManifestFile,
  encodeManifestList,
  entryStatus,
  evolveSchema,
  fileContent,
  manifestListName,
  parseDayManifestName,
  positionDeletes,
  positionDeletesName,
  sequenceOfName,
  withFieldIds,
  withoutExpired,
  withSnapshot,
  type ManifestEntry,
  type ManifestFileInfo,
} from '.';

const columns = [
  { name: 'id', type: { kind: 'string' } },
  { name: 'tags', type: { kind: 'array', items: { kind: 'bigint' } } },
  { name: 'dt', type: { kind: 'string' } },
] as const;
const { schema, lastColumnId } = evolveSchema('order', columns);

const fieldIds = (bytes: Uint8Array) =>
  parquetMetadata(bytes.slice().buffer)
    .schema.filter(({ field_id: id }) => id !== undefined)
    .map(({ name, field_id: id }) => [name, id]);

const layout = { codec: 'zstd', rowGroupRows: 100, statistics: [] } as const;

describe('ids in Parquet files', () => {
  const rows = () => {
    const builder = createRowTableBuilder(columns.slice(0, 2));
    builder.append({ id: 'a', tags: [1, 2] });
    return builder.finish();
  };

  it('are those of the schema, of the items of a list too', () => {
    const { bytes } = writeParquet(withFieldIds(rows(), columnIds(schema)), layout);
    expect(fieldIds(bytes)).toEqual([
      ['id', 1],
      ['tags', 2],
      ['item', 3],
    ]);
  });

  it('are left out where one column has none', () => {
    const ids = new Map([['id', { id: 1 }]]);
    expect(fieldIds(writeParquet(withFieldIds(rows(), ids), layout).bytes)).toEqual([]);
  });

  it('are those that the format reserves for deleted rows, which are sorted', () => {
    const deletes = positionDeletes(
      new Map([
        ['s3://b/z', [7, 3]],
        ['s3://b/a', [1]],
      ]),
    );
    const { bytes } = writeParquet(deletes, layout);
    expect(fieldIds(bytes)).toEqual([
      ['file_path', 2_147_483_546],
      ['pos', 2_147_483_545],
    ]);
    expect(
      (deletes.toArray() as readonly { toJSON(): object }[]).map(
        (row) => Object.values(row.toJSON()) as readonly unknown[],
      ),
    ).toEqual([
      ['s3://b/a', 1n],
      ['s3://b/z', 3n],
      ['s3://b/z', 7n],
    ]);
  });
});

test('a manifest comes back as it was written, with what it inherits', async () => {
  const file = {
    path: 's3://lake/order/compacted/dt=2026-11-20/a.parquet',
    content: fileContent.data,
    dt: '2026-11-20',
    rows: 7,
    bytes: 1_234,
    columnSizes: new Map([[1, 99]]),
    valueCounts: new Map([[1, 7]]),
    nullCounts: new Map([[1, 0]]),
    lowerBounds: new Map([[1, Buffer.from('a')]]),
    upperBounds: new Map([[1, Buffer.from('z')]]),
    splitOffsets: [4, 5_000_000],
    sortOrderId: 1,
  };
  const added: ManifestEntry = {
    status: entryStatus.added,
    snapshotId: 5,
    sequenceNumber: null,
    file,
  };
  const existing: ManifestEntry = {
    status: entryStatus.existing,
    snapshotId: 3,
    sequenceNumber: 2,
    file: { path: 's3://lake/b', content: fileContent.data, dt: '2026-11-20', rows: 1, bytes: 2 },
  };
  const bytes = await encodeManifestFile([added, existing], { schema, content: 'data' });
  expect(await decodeManifestFile(bytes, { snapshotId: 5, sequenceNumber: 4 })).toEqual([
    { ...added, sequenceNumber: 4 },
    existing,
  ]);
  // Engines read the columns by the ids in the file's own schema.
  const header = Buffer.from(bytes).toString('latin1');
  for (const text of ['"field-id":134', '"element-id":133', '"field-id":1000', 'partition-spec-id'])
    expect(header).toContain(text);
});

test('a list of manifests comes back as it was written', async () => {
  const manifest: ManifestFileInfo = {
    path: 's3://lake/order/iceberg/metadata/m.avro',
    bytes: 10,
    content: 'deletes',
    sequenceNumber: 4,
    minSequenceNumber: 2,
    addedSnapshotId: 5,
    addedFiles: 1,
    existingFiles: 2,
    deletedFiles: 3,
    addedRows: 4,
    existingRows: 5,
    deletedRows: 6,
    dt: '2026-11-20',
  };
  const bytes = await encodeManifestList([manifest], {
    snapshotId: 5,
    parentSnapshotId: undefined,
    sequenceNumber: 4,
  });
  expect(await decodeManifestList(bytes)).toEqual([manifest]);
  // A file that was cut short must not pass for one that names fewer manifests.
  for (let end = bytes.length - 1; end >= 0; end = end > 64 ? end - 61 : end - 1)
    await expect(decodeManifestList(bytes.subarray(0, end))).rejects.toThrow();
});

test('names say for which snapshot and of which files they were made', () => {
  const name = { dt: '2026-11-20', sequenceNumber: 42, filesHash: '0123456789abcdef' };
  const manifest = dayManifestName(name, 'deletes', 'cafe');
  expect(parseDayManifestName(`s3://lake/order/iceberg/metadata/${manifest}`)).toEqual(name);
  for (const each of [
    manifest,
    manifestListName(42, 'cafe'),
    positionDeletesName('2026-11-20', 42, 'cafe'),
  ])
    expect(sequenceOfName(each)).toBe(42);
  expect(sequenceOfName('v42.metadata.json')).toBeUndefined();
  expect(parseDayManifestName('snap-42-cafe.avro')).toBeUndefined();
});

describe('snapshots that expire', () => {
  const dayMs = 86_400_000;
  const table = Array.from({ length: 5 }, (_, index) => index).reduce(
    (metadata, index) =>
      withSnapshot(metadata, {
        'snapshot-id': index + 1,
        'sequence-number': index + 1,
        'timestamp-ms': index * dayMs,
        'manifest-list': `s3://lake/snap-${index + 1}.avro`,
        summary: { operation: 'append' },
        'schema-id': 0,
      }),
    createTable({
      uuid: 'u',
      location: 's3://lake/order/iceberg',
      schema,
      lastColumnId,
      sortedBy: ['id'],
      nowMs: 0,
    }),
  );
  const kept = (minSnapshots: number, maxAgeMs: number, nowMs = 4 * dayMs) =>
    withoutExpired(table, { minSnapshots, maxAgeMs, nowMs }).snapshots.map(
      (snapshot) => snapshot['snapshot-id'],
    );

  it('are those that are too old, but for the newest', () => {
    expect(kept(1, dayMs)).toEqual([4, 5]);
    expect(kept(3, dayMs)).toEqual([3, 4, 5]);
    expect(kept(1, dayMs, 100 * dayMs)).toEqual([5]);
    expect(kept(0, 0, 100 * dayMs)).toEqual([5]);
  });

  it('leave the metadata alone where there are none', () => {
    expect(withoutExpired(table, { minSnapshots: 1, maxAgeMs: 9 * dayMs, nowMs: 4 * dayMs })).toBe(
      table,
    );
  });
});
