import { glueColumns } from '@sluice/event-schema';
import { createInference } from '.';

import { infer, inferTexts, refusalsOf, typesOf } from './inference-under-test';

describe('data as names', () => {
  test('become one column of JSON text when they are ids', () => {
    const inferred = infer([
      { id: 1, teams: { 17: { score: 1 }, 19: { score: 2 } } },
      { id: 2, teams: { 23: { score: 1 }, 29: { score: 2 } } },
    ]);
    expect(typesOf(inferred)).toEqual({ id: 'bigint', teams: 'string' });
    expect(inferred.report.warnings).toEqual([expect.stringMatching(/4 of them, such as "17"/)]);
  });

  test('become one column of JSON text when there are hundreds of one shape', () => {
    const users = (from: number): object =>
      Object.fromEntries(
        Array.from({ length: 150 }, (_, index) => [`user${from + index}`, { likes: index }]),
      );
    const inferred = infer([
      { id: 1, users: users(0) },
      { id: 2, users: users(150) },
    ]);
    expect(typesOf(inferred)).toEqual({ id: 'bigint', users: 'string' });
  });

  test('leave wide objects of different members alone', () => {
    const wide = Object.fromEntries(
      Array.from({ length: 150 }, (_, index) => [`m${index}`, index % 2 ? 'text' : index]),
    );
    expect(Object.keys(typesOf(infer([{ id: 1, wide }])))).toHaveLength(151);
  });

  test('stay out of the columns where the event itself is the map', () => {
    const events = Array.from({ length: 100 }, (_, index) => ({
      id: index,
      [1000 + index]: index,
    }));
    const inferred = infer(events);
    expect(typesOf(inferred)).toEqual({ id: 'bigint' });
    expect(inferred.report.leftOut).toHaveLength(100);
  });

  test('stay out of the columns where the event itself is the map, whatever the names look like', () => {
    const events = Array.from({ length: 300 }, (_, index) => ({
      id: index,
      kind: 'x',
      [`user ${index}`]: { likes: index, of: 'y' },
    }));
    expect(typesOf(infer(events))).toEqual({ id: 'bigint', kind: 'string' });
  });

  test('are looked for in bounded time when there is no end of them', () => {
    const inference = createInference({ name: 'sample' });
    for (let event = 0; event < 500; event++)
      inference.addText(
        JSON.stringify(
          Object.fromEntries(
            Array.from({ length: 100 }, (_, index) => [
              `k${event * 100 + index}`,
              { a: 1, b: 'x', c: { d: true } },
            ]),
          ),
        ),
      );
    const { report } = inference.finish();
    expect(report.columns).toEqual([]);
    expect(report.untracked[0]?.occurrences).toBeGreaterThan(40_000);
  });

  test('cost bounded memory', () => {
    const inference = createInference({ name: 'sample' });
    for (let event = 0; event < 2_000; event++)
      inference.addText(
        JSON.stringify({
          id: event,
          map: Object.fromEntries(
            Array.from({ length: 50 }, (_, index) => [`k${event * 50 + index}`, { a: 1, b: 'x' }]),
          ),
        }),
      );
    expect(typesOf(inference.finish())).toEqual({ id: 'bigint', map: 'string' });
  });
});

describe('columns', () => {
  test('that collide are told apart by a hash, and the field that more events have keeps the plain one', () => {
    const inferred = infer([
      { id: 1, ID: 2, 'a.b': 1, a: { b: 1 } },
      { id: 2, a: { b: 1 } },
    ]);
    expect(typesOf(inferred)).toEqual({
      id: 'bigint',
      id_0rpke48: 'bigint',
      a_b_1nagu06: 'bigint',
      a_b: 'bigint',
    });
    expect(inferred.definition.schema.properties?.['ID']).toMatchObject({ column: 'id_0rpke48' });
    expect(inferred.report.leftOut).toEqual([]);
  });

  test('of names in other letters are a column each, by Latin letters where they have some', () => {
    const names = ['名前', '住所', 'größe', 'grüße', 'Ärger', 'ärger', 'prix €', 'Łódź', 'ﬁ', '📦'];
    const inferred = infer([{ id: 1, ...Object.fromEntries(names.map((name, at) => [name, at])) }]);
    const columns = Object.keys(typesOf(inferred));
    expect(columns).toHaveLength(names.length + 1);
    expect(columns).toEqual([
      'id',
      expect.stringMatching(/^c_[0-9a-z]{7}$/),
      expect.stringMatching(/^c_[0-9a-z]{7}$/),
      'grosse',
      'grusse',
      'arger',
      expect.stringMatching(/^arger_[0-9a-z]{7}$/),
      expect.stringMatching(/^prix_[0-9a-z]{7}$/),
      'lodz',
      'fi',
      expect.stringMatching(/^c_[0-9a-z]{7}$/),
    ]);
    // The same name has the same column in whatever company.
    expect(Object.keys(typesOf(infer([{ 住所: 1 }])))).toEqual([columns[2]]);
    const [column] = glueColumns(infer([{ 名前: 1 }]).definition);
    expect(column).toMatchObject({ name: columns[1], comment: '名前' });
  });

  test('of the system have others, but the identity may be called event_id', () => {
    const event = { id: 1, event_id: 'e1', ingested_at: 1, unmapped: {} };
    expect(Object.keys(infer([event]).definition.schema.properties ?? {})).toEqual([
      'id',
      'ingested_at',
      'unmapped',
    ]);
    expect(Object.keys(typesOf(infer([event])))).toEqual([
      'id',
      expect.stringMatching(/^ingested_at_[0-9a-z]{7}$/),
      expect.stringMatching(/^unmapped_[0-9a-z]{7}$/),
    ]);
    const { definition } = infer([event], { identity: 'event_id' });
    expect(Object.keys(definition.schema.properties ?? {})).toEqual([
      'id',
      'event_id',
      'ingested_at',
      'unmapped',
    ]);
    expect(infer([event], { key: 'event_id' }).definition).toMatchObject({
      key: 'event_id',
      identity: 'event_id',
    });
  });

  test('are capped, the rarest fields left out first and the key never', () => {
    const inferred = infer(
      [
        { a: 1, rare: 1, key: 'x' },
        { a: 1, b: 2, key: 'y' },
        { a: 1, b: 2, key: 'z' },
      ],
      { key: 'key', maxColumns: 2 },
    );
    expect(typesOf(inferred)).toEqual({ a: 'bigint', key: 'string' });
    expect(inferred.report.leftOut.map(({ path }) => path)).toEqual(['b', 'rare']);
  });

  test('have odd names made safe or are left out', () => {
    const texts = [
      '{"id":1,"":1,"__proto__":{"x":1},"a:b":1,"constructor":2,"é":3,"a":{"":4},"\\ud800":5,"q\\"\\\\":6}',
      `{"id":2,"${'x'.repeat(300)}":1}`,
    ];
    const inferred = inferTexts(texts);
    expect(Object.keys(typesOf(inferred))).toEqual(['id', 'a_b', 'constructor', 'e', 'a_', 'q__']);
    expect(inferred.report.leftOut.map(({ path }) => path)).toEqual(['', '__proto__.x', '\ud800']);
    expect(inferred.report.untracked).toEqual([{ path: '', occurrences: 1 }]);
    expect(refusalsOf(inferred, texts)).toEqual([]);
  });

  test('are made for 800 leaves in 12 levels', () => {
    const nest = (level: number, prefix: string): object =>
      level === 0
        ? { [`${prefix}n`]: 1, [`${prefix}s`]: 'x' }
        : {
            [`${prefix}l`]: nest(level - 1, 'a'),
            [`${prefix}r`]: level > 4 ? 1 : nest(level - 1, 'b'),
          };
    const event = Object.fromEntries([
      ['id', 1],
      ...Array.from({ length: 24 }, (_, index) => [`m${index}`, nest(10, 'x')]),
    ]);
    const inferred = infer([event]);
    expect(inferred.report.columns.length).toBeGreaterThan(800);
    expect(inferred.report.leftOut).toEqual([]);
  });

  test('end where nesting is extreme', () => {
    const depth = 100_000;
    const texts = [
      `{"id":1,"a":${'{"b":'.repeat(depth)}1${'}'.repeat(depth)},"c":${'['.repeat(depth)}${']'.repeat(depth)}}`,
    ];
    const inferred = inferTexts(texts);
    expect(Object.values(typesOf(inferred))).toEqual(['bigint', 'string', 'string']);
    expect(inferred.report.warnings).toEqual([expect.stringMatching(/32 levels/)]);
  });
});

describe('names that an object has twice', () => {
  test('keep scalars in their column, of every type seen', () => {
    expect(typesOf(inferTexts(['{"id":1,"a":1,"a":"x"}']))).toEqual({ id: 'bigint', a: 'string' });
  });
  test('make objects JSON text', () => {
    const { definition } = inferTexts([
      '{"id":1,"a":{"b":1},"a":{"c":1}}',
      '{"id":2,"a":{"b":1,"c":2}}',
    ]);
    expect(definition.schema.properties?.['a']).toEqual({ type: 'object' });
  });
  test('are noticed when escaped differently', () => {
    expect(inferTexts(['{"id":1,"a":1,"\\u0061":2}']).report.columns).toHaveLength(2);
  });
});
