import {
  GlueConflictError,
  type GlueTableInput,
  type GlueTables,
  type StoredGlueTable,
} from '@sluice/aws-clients/glue';
import { tableName } from '@sluice/event-schema';
import { MemoryObjectStore, readManifest, type ObjectStore } from '@sluice/lake-layout';
import { FaultyStore } from '@sluice/lake-layout/testing/faulty-store';
import {
  bucket,
  compact,
  copyOf,
  date,
  noonMs,
  order,
  orderRow,
  putRaw,
} from '../compaction/testing';
import { GluePointer } from './glue-pointer';
import { TablePublisher } from './table-publisher';
import { readTableState } from './table-state';

const name = 'order';

/** A Glue database as its API reference has it: an update names the state from which it was made. */
class MemoryGlue implements GlueTables {
  readonly database = 'sluice_test';
  readonly tables = new Map<string, StoredGlueTable>();
  calls: string[] = [];
  /** Number of the call that fails, and whether it takes effect before. */
  fault: { readonly call: number; readonly afterEffect: boolean } | undefined;
  /** Called before each call takes effect. */
  before: (call: string) => Promise<void> = () => Promise.resolve();

  find = (table: string) => this.#call('find', () => this.tables.get(table));

  create = (input: GlueTableInput) =>
    this.#call('create', () => {
      if (this.tables.has(input.Name!)) throw new GlueConflictError('AlreadyExists');
      this.tables.set(input.Name!, { versionId: '0', input });
    });

  update = (input: GlueTableInput, versionId: string | undefined) =>
    this.#call('update', () => {
      const found = this.tables.get(input.Name!);
      if (!found) throw new GlueConflictError('EntityNotFound');
      if (versionId !== undefined && versionId !== found.versionId)
        throw new GlueConflictError('ConcurrentModification');
      this.tables.set(input.Name!, { versionId: String(Number(found.versionId) + 1), input });
    });

  async #call<T>(call: string, work: () => T): Promise<T> {
    this.calls.push(call);
    await this.before(call);
    const fails = this.fault?.call === this.calls.length;
    if (fails && !this.fault?.afterEffect) throw new Error('Glue is down');
    const answer = work();
    if (fails) throw new Error('Glue is down');
    return answer;
  }

  get parameters(): Readonly<Record<string, string>> {
    return this.tables.get(name)?.input.Parameters ?? {};
  }
}

const publisherOf = (store: ObjectStore, glue: GlueTables, now = () => noonMs) =>
  new TablePublisher({ store, bucket, eventType: order, catalog: new GluePointer(glue), now });

async function publish(publisher: TablePublisher, store: ObjectStore) {
  await publisher.open();
  const stored = await readManifest(store, 'order', date);
  if (stored) publisher.see(stored.manifest);
  return publisher.publish();
}

async function addRow(store: MemoryObjectStore, id: number): Promise<void> {
  await putRaw(store, `raw-${id}`, [orderRow(id)]);
  await compact(store);
}

/** Expects the catalogue, the hint and the newest metadata to name one version. */
async function expectPointed(store: MemoryObjectStore, glue: MemoryGlue): Promise<void> {
  const state = await readTableState({ store, bucket, table: 'order' }, { nowMs: 0, after: 0 });
  expect(state?.pointed).toBe(true);
  expect(glue.parameters['metadata_location']).toBe(
    `s3://${bucket}/order/iceberg/metadata/v${state?.version}.metadata.json`,
  );
}

test('a table is made once, and each commit changes it by one request', async () => {
  const store = new MemoryObjectStore({ now: () => noonMs });
  const glue = new MemoryGlue();
  const publisher = publisherOf(store, glue);
  await addRow(store, 1);
  await publish(publisher, store);
  await expectPointed(store, glue);
  const { input } = glue.tables.get(name)!;
  expect(input).toMatchObject({
    TableType: 'EXTERNAL_TABLE',
    Parameters: { table_type: 'ICEBERG', EXTERNAL: 'TRUE' },
    StorageDescriptor: { Location: `s3://${bucket}/${tableName(order)}/iceberg` },
  });
  const columns = input.StorageDescriptor?.Columns ?? [];
  expect(columns.find(({ Name }) => Name === 'amount')).toMatchObject({ Type: 'bigint' });
  expect(columns.find(({ Name }) => Name === 'dt')).toMatchObject({
    Type: 'string',
    Parameters: { 'iceberg.field.id': expect.stringMatching(/^\d+$/) },
  });

  await addRow(store, 2);
  const { manifest } = (await readManifest(store, 'order', date))!;
  glue.calls = [];
  const before = store.calls.length;
  await publisher.open();
  publisher.see(manifest);
  await publisher.publish();
  expect(glue.calls).toEqual(['update']);
  expect(store.calls.length - before + glue.calls.length).toBeLessThanOrEqual(6);
  await expectPointed(store, glue);
  expect(glue.parameters['previous_metadata_location']).toMatch(/v2\.metadata\.json$/);
  glue.calls = [];
  await publish(publisher, store);
  expect(glue.calls).toEqual([]);
});

describe.each([
  ['before', false],
  ['after', true],
])('where a request to the catalogue fails %s its effect', (_, afterEffect) => {
  it('readers of the store see the new rows, the table lags, and the next run completes it', async () => {
    for (const call of [1, 2]) {
      let nowMs = noonMs;
      const store = new MemoryObjectStore({ now: () => nowMs });
      const glue = new MemoryGlue();
      const publisher = publisherOf(store, glue, () => nowMs);
      await addRow(store, 1);
      glue.fault = { call, afterEffect };
      const { fault, days } = await publish(publisher, store);
      // The first attempt of a run is that of `open`; what it left is completed by the commit.
      expect(days).toEqual([date]);
      if (fault !== undefined) expect(fault).toContain('Glue is down');
      glue.fault = undefined;
      nowMs += 1_000;
      expect(await publish(publisher, store)).toMatchObject({ lagMs: 0 });
      await expectPointed(store, glue);
    }
  });
});

test('a catalogue that stays away is a lag that grows, and no reader of the store waits for it', async () => {
  let nowMs = noonMs;
  const store = new MemoryObjectStore({ now: () => nowMs });
  const glue = new MemoryGlue();
  glue.before = () => Promise.reject(new Error('no right to glue:GetTable'));
  const publisher = publisherOf(store, glue, () => nowMs);
  await addRow(store, 1);
  await publish(publisher, store);
  nowMs += 60_000;
  await addRow(store, 2);
  const { fault, lagMs } = await publish(publisher, store);
  expect(fault).toContain('no right to glue:GetTable');
  expect(lagMs).toBe(60_000);
  expect(await readTableState({ store, bucket, table: 'order' }, { nowMs })).toMatchObject({
    pointed: true,
    metadata: { 'last-sequence-number': 2 },
  });
  // Files that the catalogue may still name stay, and nothing is expired under its readers.
  const { manifest } = (await readManifest(store, 'order', date))!;
  expect(publisher.mayName(manifest, noonMs)).toBe(true);
  await expect(publisher.expire()).rejects.toThrow('no right to glue:GetTable');
  glue.before = () => Promise.resolve();
  expect(await publish(publisher, store)).not.toHaveProperty('fault');
  await expectPointed(store, glue);
});

test('a process that died at any request leaves nothing that the next one does not complete', async () => {
  const made = new MemoryObjectStore({ now: () => noonMs });
  await addRow(made, 1);
  for (let call = 1; ; call++) {
    const store = await copyOf(made, { now: () => noonMs });
    const glue = new MemoryGlue();
    const faulty = new FaultyStore(store, call, true);
    const died = await publish(publisherOf(faulty, glue), faulty).catch(() => ({ fault: 'died' }));
    expect(await publish(publisherOf(store, glue), store)).toMatchObject({ lagMs: 0 });
    await expectPointed(store, glue);
    if (!('fault' in died)) break;
    expect(call).toBeLessThan(50);
  }
});

test('two publishers at once never take the pointer back, wherever they overtake each other', async () => {
  for (const at of [1, 2, 3]) {
    const store = new MemoryObjectStore({ now: () => noonMs });
    const glue = new MemoryGlue();
    await addRow(store, 1);
    let calls = 0;
    glue.before = async () => {
      if (++calls !== at) return;
      await addRow(store, 2);
      await publish(publisherOf(store, glue), store);
    };
    const slow = publisherOf(store, glue);
    expect(await publish(slow, store)).not.toHaveProperty('fault');
    await expectPointed(store, glue);
    await addRow(store, 3);
    expect(await publish(slow, store)).not.toHaveProperty('fault');
    await expectPointed(store, glue);
  }
});

test('what people added stays, a deleted table is made again, and a commit of others gives way', async () => {
  const store = new MemoryObjectStore({ now: () => noonMs });
  const glue = new MemoryGlue();
  const publisher = publisherOf(store, glue);
  await addRow(store, 1);
  await publish(publisher, store);
  const change = (parameters: Readonly<Record<string, string>>) => {
    const { input, versionId } = glue.tables.get(name)!;
    glue.tables.set(name, {
      versionId: String(Number(versionId) + 1),
      input: { ...input, Description: 'ours', Parameters: { ...input.Parameters, ...parameters } },
    });
  };
  change({ classification: 'internal' });
  await addRow(store, 2);
  await publish(publisher, store);
  expect(glue.parameters['classification']).toBe('internal');
  expect(glue.tables.get(name)?.input.Description).toBe('ours');

  change({ metadata_location: `s3://${bucket}/order/iceberg/metadata/00009-cafe.metadata.json` });
  await addRow(store, 3);
  await publish(publisher, store);
  await expectPointed(store, glue);

  glue.tables.clear();
  await addRow(store, 4);
  await publish(publisher, store);
  await expectPointed(store, glue);
});

test.each([
  [
    'a view of an earlier release',
    { TableType: 'VIRTUAL_VIEW', Parameters: { presto_view: 'true' } },
    'deploy analytics',
  ],
  ['a view', { TableType: 'VIRTUAL_VIEW' }, 'has a table order that Sluice did not make'],
  [
    'an Iceberg table of others',
    { Parameters: { table_type: 'ICEBERG', metadata_location: 's3://other/v1.metadata.json' } },
    'has a table order that Sluice did not make',
  ],
])('%s of the same name is left as it is, and told', async (_, input, told) => {
  const store = new MemoryObjectStore({ now: () => noonMs });
  const glue = new MemoryGlue();
  glue.tables.set(name, { versionId: '7', input: { Name: name, ...input } });
  await addRow(store, 1);
  expect((await publish(publisherOf(store, glue), store)).fault).toContain(told);
  expect(glue.tables.get(name)).toEqual({ versionId: '7', input: { Name: name, ...input } });
});
