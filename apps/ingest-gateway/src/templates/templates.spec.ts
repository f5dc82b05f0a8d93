import { defineEvent } from '@sluice/event-schema';
import { sale } from '@sluice/event-schema/testing/shop';
import fc from 'fast-check';
import { staticJson } from '@sluice/lambda-http/self-description';
import { keyPathSteps } from './partition-key';

test('static JSON means the same, and holds nothing that a template engine would read', () =>
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = staticJson(value);
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      expect(text).toMatch(/^[\x20-\x22\x25-\x7e]*\n$/);
    }),
  ));

test.each([
  [['id'], '.id'],
  [['actor', 'login'], '.actor.login'],
  [['content-type'], `['content-type']`],
  [['a b', 'c'], `['a b'].c`],
  [[`it's`], undefined],
  [['$ref'], undefined],
  [['#set'], undefined],
  [['a\\b'], undefined],
  [['schlüssel'], undefined],
])('the path of the key %j is %s', (path, steps) => {
  const schema = path.reduceRight<object>(
    (child, name) => ({ type: 'object', required: [name], properties: { [name]: child } }),
    { type: 'string' },
  );
  const eventType = defineEvent({ name: 'e', version: '1.0.0', key: path.join('.'), schema });
  expect(keyPathSteps(eventType)).toBe(steps);
});

test('the key of an event type is a plain path', () => expect(keyPathSteps(sale)).toBe('.id'));
