import fc from 'fast-check';
import { defineEvent, type EventDefinition, type PrivacyRule } from '@sluice/event-schema';
import { KeyedHash } from '@sluice/privacy';
import { compileFlattener, compileRecordCheck } from './flattener';
import { compileRowCheck } from './finished-rows';

const hash = new KeyedHash('1', new Uint8Array(32).fill(7));
const origin = { shardId: 'shard-1', sequenceNumber: '42', arrivalMs: 0 };

const definition: EventDefinition = {
  name: 'visit',
  version: '1.0.0',
  key: 'user.id',
  identity: 'id',
  subject: ['user.id', 'user.email'],
  privacy: {
    id: 'hash',
    'user.id': 'hash',
    'user.email': 'hash',
    'user.phones': 'mask',
    'user.card': 'mask',
    'user.secret': 'drop',
    'user.more.email': 'hash',
    profile: 'hash',
    home: 'drop',
    ip: 'truncate-ip',
    ips: 'truncate-ip',
    'items.owner': 'hash',
    'unmapped.ssn': 'drop',
  },
  schema: {
    type: 'object',
    required: ['id', 'user'],
    properties: {
      id: { type: 'string' },
      ip: { type: 'string' },
      ips: { type: 'array', items: { type: 'string' } },
      profile: {},
      home: {
        type: 'object',
        properties: { street: { type: 'string' }, flat: { type: 'integer' } },
      },
      items: {
        type: 'array',
        items: {
          type: 'object',
          properties: { sku: { type: 'string' }, owner: { type: 'string' } },
        },
      },
      user: {
        type: 'object',
        required: ['id'],
        properties: {
          id: { type: 'integer' },
          email: { type: ['string', 'null'] },
          phones: { type: 'array', items: { type: 'string' } },
          card: { type: 'integer' },
          secret: { type: 'string', default: 'none given' },
          more: {},
        },
      },
    },
  },
};
const visit = defineEvent(definition);
const flattener = compileFlattener(visit, { hash });

const rowOf = (event: unknown): Record<string, unknown> => {
  const text = typeof event === 'string' ? event : JSON.stringify(event);
  const result = flattener.flatten(Buffer.from(text), origin);
  if (result.status !== 'rows') throw new Error(JSON.stringify(result));
  return JSON.parse(Buffer.from(result.bytes).toString()) as Record<string, unknown>;
};

describe('values of columns', () => {
  test('are stored as their rules say, and everything else as it is', () => {
    const row = rowOf({
      id: 'visit-1',
      ip: '203.0.113.77',
      ips: ['203.0.113.77', 'unknown', '2001:db8:1:2::3'],
      profile: { name: 'Ada', born: 1815 },
      home: { street: 'Main Street', flat: 7 },
      items: [{ sku: 'a', owner: 'ada@example.org', n: 1.1 }],
      user: {
        id: 7_001,
        email: 'ada@example.org',
        phones: ['+44 20 7946 0018', 'none'],
        card: 4_111_111_111_111_111,
        secret: 'tell nobody',
        more: {
          a: [{ 'E-Mail': 'ada@example.org' }],
          b: { email: 'ada@example.org' },
          email: ['x', 1],
        },
      },
    });
    expect(row).toEqual({
      id: hash.of('visit-1'),
      event_id: hash.of('visit-1'),
      ip: '203.0.113.0',
      ips: ['203.0.113.0', null, '2001:db8:1::'],
      profile: hash.of('{"born":1815,"name":"Ada"}'),
      items: `[{"sku":"a","owner":"${hash.of('ada@example.org')}","n":1.1}]`,
      user_id: hash.of('7001'),
      user_email: hash.of('ada@example.org'),
      user_phones: ['***0018', '***'],
      user_card: '***1111',
      user_more: `{"a":[{"E-Mail":"ada@example.org"}],"b":{"email":"ada@example.org"},"email":["${hash.of('x')}","${hash.of('1')}"]}`,
      ingested_at: '1970-01-01 00:00:00.000',
    });
  });

  test('hash alike however they are written, and an empty one stays empty', () => {
    const emailOf = (json: string): unknown =>
      rowOf(`{"id":"1","user":{"id":1,"email":${json}}}`)['user_email'];
    const expected = hash.of('ada@example.org');
    expect(emailOf('"ada@example.org"')).toBe(expected);
    expect(emailOf('"\\u0061da\\u0040example.org"')).toBe(expected);
    expect(emailOf('""')).toBe('');
    expect(emailOf('null')).toBeUndefined();
    expect(rowOf('{"id":"1","user":{"id":1.0}}')['user_id']).toBe(hash.of('1'));
    expect(rowOf('{"id":"1","user":{"id":9223372036854775807}}')['user_id']).toBe(
      hash.of('9223372036854775807'),
    );
  });

  test('an empty identity makes no two events one', () => {
    expect(rowOf('{"id":"","user":{"id":1}}')['event_id']).toBe('shard-1:42:0');
  });

  test('of a member that is there twice neither value stays readable', () => {
    const row = rowOf(
      '{"id":"1","user":{"id":1,"email":"first@x"},"user":{"id":2,"email":"second@x","email":"third@x"}}',
    );
    expect(row['user_email']).toBe(hash.of('third@x'));
    expect(JSON.stringify(row)).not.toMatch(/first|second|third/);
  });
});

describe('what the schema does not name', () => {
  const unmapped = (text: string): unknown => {
    const { unmapped: kept } = rowOf(text);
    return kept === undefined ? undefined : (JSON.parse(kept as string) as unknown);
  };

  test.each([
    [
      'in another case',
      '{"id":"1","User":{"EMAIL":"ada@x","n":1},"user":{"id":1}}',
      { User: { EMAIL: hash.of('ada@x'), n: 1 } },
    ],
    [
      'in the object itself',
      '{"id":"1","user":{"id":1,"eMail":"ada@x"}}',
      { user: { eMail: hash.of('ada@x') } },
    ],
    [
      'joined by a dot',
      '{"id":"1","user.email":"ada@x","user":{"id":1}}',
      { 'user.email': hash.of('ada@x') },
    ],
    [
      'with an underscore',
      '{"id":"1","user_e-mail":"ada@x","user":{"id":1}}',
      { 'user_e-mail': hash.of('ada@x') },
    ],
    [
      'with an escape',
      '{"id":"1","user":{"id":1,"\\u0045mail":"ada@x"}}',
      { user: { Email: hash.of('ada@x') } },
    ],
    [
      'in full-width letters',
      '{"id":"1","user":{"id":1,"ｅｍａｉｌ":"ada@x"}}',
      { user: { ｅｍａｉｌ: hash.of('ada@x') } },
    ],
    [
      'in an array',
      '{"id":"1","User":[{"email":["ada@x"]}],"user":{"id":1}}',
      { User: [{ email: [hash.of('ada@x')] }] },
    ],
    [
      'as an object',
      '{"id":"1","User":{"email":{"ada@x":1}},"user":{"id":1}}',
      { User: { email: hash.of('{"ada@x":1}') } },
    ],
    ['named for it', '{"id":"1","SSN":"078-05-1120","user":{"id":1},"x":2}', { x: 2 }],
    ['below a dropped object', '{"id":"1","home":{"zip":"SW1"},"user":{"id":1}}', undefined],
  ])('is private too %s', (_, text, expected) => {
    expect(unmapped(text)).toEqual(expected);
  });

  test('an escaped name of the schema is that name', () => {
    const row = rowOf('{"id":"1","user":{"id":1,"\\u0065mail":"ada@x"}}');
    expect(row['user_email']).toBe(hash.of('ada@x'));
    expect(row['unmapped']).toBeUndefined();
  });

  test('keeps nothing at all where it is to be dropped', () => {
    const dropping = defineEvent({ ...definition, privacy: { unmapped: 'drop' } });
    const result = compileFlattener(dropping).flatten(
      Buffer.from('{"id":"1","user":{"id":1,"x":"hidden"},"y":"hidden"}'),
      origin,
    );
    expect(result.status === 'rows' && Buffer.from(result.bytes).toString()).not.toContain(
      'hidden',
    );
  });

  test('may nest deeper than a stack is', () => {
    const deep = '['.repeat(100_000) + '"ada@x"' + ']'.repeat(100_000);
    const row = rowOf(`{"id":"1","a":${deep},"user":{"id":1,"more":${deep}},"profile":${deep}}`);
    expect(JSON.stringify(row)).not.toContain('ada@x');
  });
});

test('no value is readable in a row or a fault, whatever its type and wherever it stands', () => {
  const secret = 'TOP-SECRET';
  const value = fc.constantFrom<unknown>(
    secret,
    `${secret}\ud800`,
    [secret],
    { a: secret },
    { [secret]: 1 },
    [[secret], { b: [secret] }],
  );
  const name = (text: string): fc.Arbitrary<string> =>
    fc.constantFrom(text, text.toUpperCase(), `${text[0]?.toUpperCase()}${text.slice(1)}`);
  const event = fc
    .tuple(
      fc.dictionary(fc.constantFrom('EMAIL', 'email', 'secret', 'card', 'phones'), value),
      name('profile'),
      value,
      name('home'),
      value,
      name('user'),
    )
    .map(([user, profile, profileValue, home, homeValue, around]) => ({
      id: '1',
      user: { id: 1 },
      [around]: { id: 1, ...user },
      [profile]: profileValue,
      [home]: homeValue,
      ssn: secret,
    }));
  fc.assert(
    fc.property(event, (made) => {
      const result = flattener.flatten(Buffer.from(JSON.stringify(made)), origin);
      const text =
        result.status === 'rows' ? Buffer.from(result.bytes).toString() : JSON.stringify(result);
      expect(text).not.toContain(secret);
    }),
    { numRuns: 300 },
  );
});

describe('rows that were flattened before', () => {
  const system = '"event_id":"visit-1","ingested_at":"1970-01-01 00:00:00.000"';

  test('get the rules that came since, and keep what is hashed', () => {
    const clear = `{"id":"visit-1","user_id":7,"user_email":"ada@x","user_card":4111111111111111,"profile":"{\\"n\\":\\"Ada\\"}","home_street":"Main",${system},"unmapped":"{\\"user\\":{\\"Email\\":\\"ada@x\\"}}","gone_ssn":"1","ssn":"2"}`;
    const check = compileRowCheck(visit, { hash });
    const once = check.check(Buffer.from(clear));
    const text = once.status === 'rows' ? Buffer.from(once.bytes).toString() : '';
    expect(JSON.parse(text)).toEqual({
      id: hash.of('visit-1'),
      event_id: hash.of('visit-1'),
      ingested_at: '1970-01-01 00:00:00.000',
      user_id: hash.of('7'),
      user_email: hash.of('ada@x'),
      user_card: '***1111',
      profile: hash.of('{"n":"Ada"}'),
      unmapped: `{"user":{"Email":"${hash.of('ada@x')}"},"gone_ssn":"1"}`,
    });
    const twice = check.check(Buffer.from(text));
    expect(twice.status === 'rows' && Buffer.from(twice.bytes).toString()).toBe(text);
  });
});

test('without a key nothing is hashed in secret, and a check of records needs none', () => {
  expect(() => compileFlattener(visit)).toThrow('no key');
  expect(() => compileRowCheck(visit)).toThrow('no key');
  const checked = compileRecordCheck(visit).flatten(
    Buffer.from('{"id":"1","user":{"id":1}}'),
    origin,
  );
  expect(checked.status).toBe('rows');
});

test.each([
  [{ 'user.mail': 'hash' }, '/privacy/user.mail', 'not a path'],
  [{ user: 'hash' }, '/privacy/user', 'can only be dropped'],
  [{ 'user.id': 'mask' }, '/privacy/user.id', 'is the key'],
  [{ user: 'drop' }, '/privacy/user', 'is the key'],
  [{ 'user.more': 'mask' }, '/privacy/user.more', 'type json'],
  [{ 'user.card': 'truncate-ip' }, '/privacy/user.card', 'type bigint'],
  [{ unmapped: 'hash' }, '/privacy/unmapped', 'can only be dropped'],
  [{ ip: 'encrypt' }, '/privacy/ip', 'is no rule'],
  [{ profile: 'hash', 'profile.name': 'drop' }, '/privacy/profile.name', 'has a rule already'],
] as const)('a definition with %j is refused at %s', (privacy, pointer, why) => {
  const make = (): unknown =>
    defineEvent({
      ...definition,
      privacy: privacy as unknown as Record<string, PrivacyRule>,
      subject: 'ip',
    });
  expect(make).toThrow(pointer);
  expect(make).toThrow(why);
});
