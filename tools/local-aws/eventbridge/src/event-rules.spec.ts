import { eventPattern } from './event-pattern';
import { objectCreated, readEventRules } from './event-rules';

const event = objectCreated(
  {
    bucket: 'lake',
    key: 'order/sealed/dt=2026-01-02.json',
    bytes: 7,
    etag: '"abc"',
    reason: 'PutObject',
  },
  { region: 'us-east-1', accountId: '000000000000' },
  Date.UTC(2026, 0, 2),
);

test('Object Created says which object of which bucket', () => {
  expect(event).toMatchObject({
    source: 'aws.s3',
    'detail-type': 'Object Created',
    time: '2026-01-02T00:00:00Z',
    resources: ['arn:aws:s3:::lake'],
    detail: {
      bucket: { name: 'lake' },
      object: { key: 'order/sealed/dt=2026-01-02.json', size: 7, etag: 'abc' },
      reason: 'PutObject',
    },
  });
});

const ofKey = (...key: unknown[]): object => ({ source: ['aws.s3'], detail: { object: { key } } });

test.each<[object, boolean]>([
  [{ source: ['aws.s3'], 'detail-type': ['Object Created', 'Object Deleted'] }, true],
  [{ source: ['aws.ec2'] }, false],
  [{ detail: { bucket: { name: ['lake'] } } }, true],
  [{ detail: { bucket: { name: ['other'] } } }, false],
  [{ detail: { nothing: { name: ['lake'] } } }, false],
  [{ resources: ['arn:aws:s3:::lake'] }, true],
  [ofKey({ prefix: 'order/sealed/' }), true],
  [ofKey({ prefix: 'order/raw/' }), false],
  [ofKey('x', { suffix: '.json' }), true],
  [ofKey({ wildcard: 'order/*/dt=*.json' }), true],
  [ofKey({ wildcard: 'order/dt=*.json' }), false],
  [ofKey({ 'anything-but': { prefix: 'order/' } }), false],
  [ofKey({ 'anything-but': ['x'] }), true],
  [ofKey({ exists: false }), false],
  [ofKey({ 'equals-ignore-case': 'ORDER/sealed/dt=2026-01-02.JSON' }), true],
])('the pattern %j', (pattern, matches) => {
  expect(eventPattern(pattern)(event)).toBe(matches);
});

test('a comparison that is not known is refused by its place', () => {
  expect(() => eventPattern({ detail: { size: [{ numeric: ['>', 1] }] } })).toThrow(
    'the pattern.detail.size compares by numeric, which is not known here',
  );
});

const rule = (properties: object) => ({
  stackName: 's',
  logicalId: 'R',
  type: 'AWS::Events::Rule',
  ref: 'rule',
  arn: 'arn:rule',
  properties: { EventPattern: { source: ['aws.s3'] }, ...properties },
});

const inputOf = (target: object): unknown => {
  const [read] = readEventRules([rule({ Targets: [{ Arn: 'arn:target', ...target }] })]);
  return read?.targets[0]?.input(event);
};

test.each<[object, unknown]>([
  [{}, event],
  [{ Input: '{"a":1}' }, { a: 1 }],
  [{ InputPath: '$.detail.object.size' }, 7],
  [
    {
      InputTransformer: {
        InputPathsMap: { key: '$.detail.object.key', size: '$.detail.object.size' },
        InputTemplate: '{"key":"<key>","text":"of <key>","size":<size>}',
      },
    },
    { key: 'order/sealed/dt=2026-01-02.json', text: 'of order/sealed/dt=2026-01-02.json', size: 7 },
  ],
  [
    {
      InputTransformer: {
        InputPathsMap: { key: '$.detail.object.key', none: '$.detail.none' },
        InputTemplate: '{"action":"take","key":<key>,"none":<none>,"text":"<other>"}',
      },
    },
    { action: 'take', key: 'order/sealed/dt=2026-01-02.json', none: null, text: '<other>' },
  ],
])('a target with %j gets its input', (target, input) => {
  expect(inputOf(target)).toEqual(input);
});

test('rules for a time and rules that are switched off are left out', () => {
  expect(readEventRules([rule({ EventPattern: undefined }), rule({ State: 'DISABLED' })])).toEqual(
    [],
  );
});
