import { dataDictionary } from '../catalog/data-dictionary';
import { compareEventTypes } from '../compatibility/compare-event-types';
import { expectRefusal } from '../testing/expect-refusal';
import { defineEvent, type EventDefinition, type EventType } from './define-event';
import { errorRetentionDays } from './privacy';
import { tableColumns } from './table-columns';

const definition: EventDefinition = {
  name: 'visit',
  version: '1.0.0',
  key: 'user.id',
  schema: {
    type: 'object',
    required: ['user', 'ip'],
    properties: {
      ip: { type: 'string' },
      notes: { type: 'string', access: 'restricted', description: 'What support wrote.' },
      user: {
        type: 'object',
        required: ['id'],
        properties: {
          id: { type: 'integer' },
          tags: { type: 'array', items: { type: 'integer' } },
        },
      },
    },
  },
};
const priv = defineEvent({
  ...definition,
  version: '1.1.0',
  subject: 'user.id',
  privacy: { 'user.id': 'hash', 'user.tags': 'hash', ip: 'truncate-ip', 'unmapped.ssn': 'drop' },
  retentionDays: 400,
  errorRetentionDays: 3,
});

test('a column has the type that its rule leaves', () => {
  const columns = new Map(tableColumns(priv).map((column) => [column.name, column]));
  expect(columns.get('user_id')).toMatchObject({ type: { kind: 'string' }, required: true });
  expect(columns.get('user_tags')?.type).toEqual({ kind: 'array', items: { kind: 'string' } });
  expect(columns.get('ip')).toMatchObject({ required: false, nullable: true });
});

test('the data dictionary says what becomes of values, who sees them and how long they stay', () => {
  const text = dataDictionary({ eventTypes: [priv], references: [], joins: [], queries: [] });
  expect(text).toContain('A person is named by `user.id`.');
  expect(text).toContain('`unmapped.ssn`: never stored.');
  expect(text).toContain('Rows are kept for 400 days. Failed records are kept for 3 days.');
  expect(text).toContain('Privacy: stored as a keyed hash.');
  expect(text).toContain('restricted columns does not see `unmapped` either.');
  expect(text).toContain(
    'What support wrote. Restricted: for API keys with the scope `visit.notes`.',
  );
});

test('failed records of private events expire early unless their days are named', () => {
  expect(errorRetentionDays(definition)).toBeUndefined();
  expect(errorRetentionDays({ ...definition, retentionDays: 30 })).toBe(30);
  expect(errorRetentionDays({ ...definition, privacy: { ip: 'drop' } })).toBe(7);
  expect(errorRetentionDays(priv)).toBe(3);
});

test('a change of a promise to people is told, and what it breaks', () => {
  const broken = compareEventTypes(
    [priv],
    [defineEvent({ ...definition, version: '1.2.0', retentionDays: 30 })],
  );
  const told = broken.flatMap(({ what, breaks }) =>
    breaks.map(({ audience, how }) => `${what} | ${audience}: ${how}`),
  );
  expect(told).toEqual(
    expect.arrayContaining([
      expect.stringContaining('people in the events: "ip" is stored in clear from now on'),
      expect.stringContaining(
        'people in the events: an erasure no longer finds people by "user.id"',
      ),
      expect.stringContaining('stored Parquet: rows that are older are deleted'),
      expect.stringContaining('"user.id" changed from string to bigint'),
    ]),
  );
  const added = compareEventTypes([defineEvent(definition)], [priv]);
  expect(added.find(({ pointer }) => pointer === '/privacy/ip')?.breaks[0]?.audience).toBe(
    'look-ups',
  );
  expect(added.find(({ pointer }) => pointer === '/subject')?.breaks).toEqual([]);
});

test.each([
  [{ subject: 'user.mail' }, '/subject', /not a path/],
  [{ subject: [] }, '/subject', /path, or an array/],
  [{ subject: 'ip', privacy: { ip: 'truncate-ip' } }, '/subject', /nobody can be found/],
  [{ retentionDays: 0 }, '/retentionDays', /whole number/],
  [{ errorRetentionDays: 1.5 }, '/errorRetentionDays', /whole number/],
  [{ privacy: [] }, '/privacy', /object of rules/],
  [{ legalHold: 'yes' }, '/legalHold', /true or false/],
] as const)('%j is refused at %s', (members, pointer, why) => {
  expectRefusal(() => defineEvent({ ...definition, ...members } as EventDefinition), pointer, why);
});

test('a column that becomes restricted, also inside of JSON text, is told with what it breaks', () => {
  const items = (member: object): EventDefinition => ({
    ...definition,
    schema: {
      ...definition.schema,
      properties: {
        ...definition.schema.properties,
        items: {
          type: 'array',
          items: { type: 'object', properties: { mail: { type: 'string', ...member } } },
        },
      },
    },
  });
  const open = defineEvent(items({}));
  const closed = defineEvent({ ...items({ access: 'restricted' }), version: '1.1.0' });
  const told = (before: EventType, after: EventType) =>
    compareEventTypes([before], [after]).filter(({ pointer }) => pointer.includes('items'));
  expect(told(open, closed)).toMatchObject([
    { what: '"items" is restricted now', breaks: [{ audience: 'look-ups' }] },
  ]);
  expect(told(closed, open)).toMatchObject([
    { what: '"items" is no longer restricted', breaks: [{ audience: 'people in the events' }] },
  ]);
});

const contact = { type: 'object', properties: { mail: { type: 'string' } } } as const;

test.each([
  ['an object', { ...contact, access: 'restricted' }],
  ['an object or null', { anyOf: [contact, { type: 'null' }], access: 'restricted' }],
] as const)('%s, whose members have the columns, can not be restricted itself', (_, schema) => {
  const properties = { ...definition.schema.properties, contact: schema };
  expectRefusal(
    () => defineEvent({ ...definition, schema: { ...definition.schema, properties } }),
    '/schema/properties/contact/access',
    /restrict those of its members/,
  );
});

test.each(['key', 'identity', 'time'] as const)(
  'a restricted %s is refused, since every answer shows it',
  (role) => {
    const restricted = { type: 'string', access: 'restricted' } as const;
    expectRefusal(
      () =>
        defineEvent({
          name: 'visit',
          version: '1.0.0',
          key: 'id',
          [role]: 'secret',
          schema: {
            type: 'object',
            required: ['id', 'secret'],
            properties: {
              id: { type: 'string' },
              secret: role === 'time' ? { ...restricted, format: 'date-time' } : restricted,
            },
          },
        }),
      '/schema/properties/secret/access',
      new RegExp(`is the ${role} of the event type`),
    );
  },
);
