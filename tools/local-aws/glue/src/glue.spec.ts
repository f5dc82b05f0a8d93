// The official client, unmodified, against the local Glue.
import {
  CreateTableCommand,
  DeleteTableCommand,
  GetTableCommand,
  GetTablesCommand,
  GlueClient,
  UpdateTableCommand,
  type TableInput,
} from '@aws-sdk/client-glue';
import { GlueConflictError, glueTables } from '@sluice/aws-clients/glue';
import { signatureV4, startAwsJson, type LocalServer } from '@sluice/local-http';
import { RecordFolder } from '@sluice/local-state-files';
import * as crypto from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GlueCatalog, glueApi, type CatalogedTable } from '.';

const folder = mkdtempSync(join(tmpdir(), 'sluice-glue-'));
const openCatalog = () => new GlueCatalog(new RecordFolder<CatalogedTable>(join(folder, 'tables')));
const credentials = { accessKeyId: 'local', secretAccessKey: 'secret' };
const database = { DatabaseName: 'sluice_dev' };
let server: LocalServer;
let client: GlueClient;
let asked: (readonly (string | undefined)[])[] = [];

beforeAll(async () => {
  server = await startAwsJson({
    credentials,
    permits: (_role, ...permission) => {
      asked.push(permission);
      return undefined;
    },
    services: [glueApi(openCatalog())],
    reportError: (error) => {
      throw error;
    },
  });
  client = new GlueClient({ endpoint: server.url, region: 'us-east-1', credentials });
});
afterAll(async () => {
  client.destroy();
  await server.close();
  rmSync(folder, { recursive: true });
});

const versionOf = async (name: string) =>
  (await client.send(new GetTableCommand({ ...database, Name: name }))).Table?.VersionId;
const create = (input: TableInput) =>
  client.send(new CreateTableCommand({ ...database, TableInput: input }));
const update = (input: TableInput, versionId?: string) =>
  client.send(
    new UpdateTableCommand({
      ...database,
      TableInput: input,
      VersionId: versionId,
      SkipArchive: true,
    }),
  );

test('a role needs the same on catalog, database and table', async () => {
  const { credentialsOf } = signatureV4(crypto, credentials);
  const role = new GlueClient({
    endpoint: server.url,
    region: 'us-east-1',
    credentials: credentialsOf('compact'),
  });
  const needed = async (call: Promise<unknown>): Promise<unknown> => {
    asked = [];
    await call.catch(() => undefined);
    return asked;
  };
  const arn = 'arn:aws:glue:us-east-1:000000000000:';
  const all = (action: string, table: string) =>
    ['catalog', 'database/sluice_dev', `table/sluice_dev/${table}`].map((resource) => [
      action,
      `${arn}${resource}`,
    ]);
  expect(await needed(role.send(new GetTableCommand({ ...database, Name: 'a' })))).toEqual(
    all('glue:GetTable', 'a'),
  );
  expect(
    await needed(role.send(new UpdateTableCommand({ ...database, TableInput: { Name: 'b' } }))),
  ).toEqual(all('glue:UpdateTable', 'b'));
  expect(await needed(role.send(new GetTablesCommand(database)))).toEqual(
    all('glue:GetTables', '*'),
  );
  role.destroy();
  expect(await needed(client.send(new GetTablesCommand(database)))).toEqual([]);
});

test('a table changes only from the state that the update names, and outlives the process', async () => {
  const input = { Name: 'order', Parameters: { metadata_location: 's3://lake/v1' } };
  await create(input);
  await expect(create(input)).rejects.toMatchObject({ name: 'AlreadyExistsException' });
  expect(await versionOf('order')).toBe('0');
  await update(input, '0');
  await expect(update(input, '0')).rejects.toMatchObject({
    name: 'ConcurrentModificationException',
  });
  await update(input);
  expect(await versionOf('ORDER')).toBe('2');
  expect(openCatalog().find('sluice_dev', 'order')).toMatchObject(input);
  const { TableList = [] } = await client.send(new GetTablesCommand(database));
  expect(TableList.map(({ Name }) => Name)).toEqual(['order']);

  await client.send(new DeleteTableCommand({ ...database, Name: 'order' }));
  await expect(update(input)).rejects.toMatchObject({ name: 'EntityNotFoundException' });
  await expect(versionOf('order')).rejects.toMatchObject({
    name: 'EntityNotFoundException',
  });
});

test.each([
  ['a line end in a comment', { StorageDescriptor: { Columns: [{ Name: 'a', Comment: 'b\nc' }] } }],
  [
    'a comment of 256 characters',
    { StorageDescriptor: { Columns: [{ Name: 'a', Comment: 'x'.repeat(256) }] } },
  ],
  ['a name of two lines', { Name: 'a\nb' }],
])('%s is refused', async (_, change) => {
  await expect(create({ Name: 'a', ...change })).rejects.toMatchObject({
    name: 'InvalidInputException',
  });
});

test('the port that publishers use tells conflicts from other faults', async () => {
  const tables = glueTables('sluice_dev', {
    endpoint: server.url,
    region: 'us-east-1',
    credentials,
    environment: {},
  });
  expect(await tables.find('page')).toBeUndefined();
  await tables.create({ Name: 'page', Parameters: { a: 'b' } });
  const { versionId, input } = (await tables.find('page'))!;
  expect(input).toMatchObject({ Name: 'page', Parameters: { a: 'b' } });
  await expect(tables.create({ Name: 'page' })).rejects.toThrow(GlueConflictError);
  await tables.update({ Name: 'page' }, versionId);
  await expect(tables.update({ Name: 'page' }, versionId)).rejects.toThrow(GlueConflictError);
  await expect(tables.update({ Name: 'no_such_table' }, '1')).rejects.toThrow(GlueConflictError);
  await expect(tables.create({ Name: '' })).rejects.toMatchObject({
    name: 'InvalidInputException',
  });
});
