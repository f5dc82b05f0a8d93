import { localAccount, TemplateResolver } from '@sluice/local-cloudformation';
import { sqlTables } from './lake-catalog';

const view = (sql: string) => ({
  TableType: 'VIRTUAL_VIEW',
  ViewOriginalText: `/* Presto View: ${Buffer.from(JSON.stringify({ originalSql: sql })).toString('base64')} */`,
});

test('the table of an event type is the Iceberg table, whatever view an earlier release had of its name', () => {
  const tables: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
    order_raw: { StorageDescriptor: { Location: 's3://lake/order/raw/' } },
    order: view('SELECT 1'),
    order_latest: view('SELECT 2'),
  };
  const resources = Object.entries(tables).map(([Name, input]) => ({
    ...{ stackName: 'app', logicalId: Name.replaceAll('_', ''), type: 'AWS::Glue::Table' },
    properties: { DatabaseName: 'db', TableInput: { Name, ...input } },
  }));
  const stack = {
    name: 'app',
    resources: new Map(resources.map((resource) => [resource.logicalId, resource])),
    parameters: new Map(),
    mappings: {},
    conditions: {},
    assets: new Map(),
  };
  const resolver = new TemplateResolver({ folder: '', stacks: [stack] }, localAccount);
  expect(sqlTables(resolver).map(({ name, kind }) => [name, kind])).toEqual([
    ['order_raw', 'files'],
    ['order_latest', 'view'],
    ['order', 'iceberg'],
  ]);
});
