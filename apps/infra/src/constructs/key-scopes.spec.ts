import { defineEvent, type EventType } from '@sluice/event-schema';
import { readBundledScopes } from '@sluice/event-schema/node';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readDeployment } from '../deployment';
import { order, synthesised, type Synthesised } from '../testing/synthesised';

const restricted = defineEvent({
  ...order,
  schema: {
    type: 'object',
    required: ['number'],
    properties: { number: { type: 'string' }, mail: { type: 'string', access: 'restricted' } },
  },
});

/** Makes the template of the look-up alone, without keys of its own. */
const lookupOnly = (eventTypes: readonly EventType[]): Synthesised =>
  synthesised({ eventTypes, joins: [], only: 'lookup-api' });

interface Variables {
  readonly API_KEYS?: { readonly 'Fn::Join': readonly [string, readonly unknown[]] };
}

/** Returns the keys of a stack by their names, and the text of the names by id that its function gets. */
function keysOf(stack: string, templates: Synthesised) {
  const template = templates.template(stack);
  const keys = template.findResources('AWS::ApiGateway::ApiKey') as Readonly<
    Record<string, { readonly Properties: { readonly Name: string } }>
  >;
  const [fn] = Object.values(template.findResources('AWS::Lambda::Function')) as {
    readonly Properties: { readonly Environment: { readonly Variables: Variables } };
  }[];
  const told = fn?.Properties.Environment.Variables.API_KEYS?.['Fn::Join'][1];
  const idOf = (part: unknown): string =>
    typeof part === 'string' ? part : (part as { readonly Ref: string }).Ref;
  return {
    names: Object.values(keys).map(({ Properties }) => Properties.Name),
    nameOf: (id: string) => keys[id]?.Properties.Name,
    idByName: told && (JSON.parse(told.map(idOf).join('')) as Readonly<Record<string, string>>),
  };
}

test('without scopes and restricted columns templates are as they were', () => {
  expect(keysOf('LookupApi', lookupOnly([order]))).toMatchObject({
    names: ['sluice-dev-lookup'],
    idByName: undefined,
  });
});

test('each API whose actions a key has gets one, and its function is told which key is which', () => {
  const apiKeys = { support: { actions: ['look-up' as const] }, auditor: {} };
  const templates = synthesised({ apiKeys, eventTypes: [order], joins: [] });
  const lookup = keysOf('LookupApi', templates);
  expect(lookup.names).toEqual([
    'sluice-dev-lookup',
    'sluice-dev-lookup-support',
    'sluice-dev-lookup-auditor',
  ]);
  const told = Object.entries(lookup.idByName ?? {}).map(([name, id]) => [name, lookup.nameOf(id)]);
  expect(Object.fromEntries(told)).toEqual({
    '': 'sluice-dev-lookup',
    support: 'sluice-dev-lookup-support',
    auditor: 'sluice-dev-lookup-auditor',
  });
  expect(keysOf('Operations', templates).names).toEqual([
    'sluice-dev-operations',
    'sluice-dev-operations-auditor',
  ]);
  expect(keysOf('Analytics', templates).names).toEqual([
    'sluice-dev-analytics',
    'sluice-dev-analytics-auditor',
  ]);
});

test('a restricted column alone tells the API’s own key from those that were made by hand', () => {
  const { idByName } = keysOf('LookupApi', lookupOnly([restricted]));
  expect(Object.keys(idByName ?? {})).toEqual(['']);
});

test('a function reads the scopes that its stack put beside it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-scopes-'));
  writeFileSync(join(folder, 'api-keys.json'), '{"support":{"eventTypes":["order"]}}');
  const scopesOf = readBundledScopes(folder, '{"":"id0","support":"id1"}');
  expect(scopesOf('id1')).toEqual({ eventTypes: ['order'] });
  expect(scopesOf('id0')).toEqual({ restrictedColumns: 'all' });
  expect(scopesOf('id2')).toEqual({});
});

test('a function that is not told which key is which opens nothing to anybody', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-scopes-'));
  expect(readBundledScopes(folder, undefined)('id1')).toEqual({});
  // The file is there without a key too, where a column is restricted.
  for (const content of ['{}', '{"support":{"eventTypes":["order"]}}']) {
    writeFileSync(join(folder, 'api-keys.json'), content);
    for (const id of ['id0', 'id1', undefined])
      expect(readBundledScopes(folder, undefined)(id)).toEqual({ actions: [], eventTypes: [] });
  }
});

test('a folder of definitions adds keys, and a scope that names nothing is refused with its file', () => {
  const SLUICE_EVENTS_DIR = mkdtempSync(join(tmpdir(), 'sluice-events-'));
  const file = join(SLUICE_EVENTS_DIR, 'api-keys.json');
  writeFileSync(file, '{"support":{"eventTypes":["match_event"]}}');
  expect(readDeployment({ SLUICE_EVENTS_DIR }).apiKeys).toEqual({
    support: { eventTypes: ['match_event'] },
  });
  writeFileSync(file, '{"support":{"eventTypes":["nothing"]}}');
  expect(() => readDeployment({ SLUICE_EVENTS_DIR })).toThrow(
    /api-keys\.json: API key "support": "eventTypes" names "nothing"; there is /,
  );
});
