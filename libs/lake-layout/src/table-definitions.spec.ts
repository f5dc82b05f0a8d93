import { defineEvent, type EventType } from '@sluice/event-schema';
import { MemoryObjectStore } from './memory-object-store';
import {
  definitionFingerprint,
  readTableDefinitions,
  recordTableDefinition,
  tableDefinitionsKey,
} from './table-definitions';

const eventType = (type: string, description?: string): EventType =>
  defineEvent({
    name: 'evt',
    version: '1.0.0',
    key: 'id',
    ...(description !== undefined && { description }),
    schema: {
      type: 'object',
      required: ['id'],
      properties: { id: { type: 'string' }, v: { type } },
    },
  });

test('a table has the definitions that its rows were stored by, each once, the last one last', async () => {
  const store = new MemoryObjectStore();
  expect(await readTableDefinitions(store, 'evt')).toEqual([]);
  for (const [at, type] of [
    [1, 'integer'],
    [2, 'integer'],
    [3, 'string'],
    [4, 'integer'],
  ] as const)
    await recordTableDefinition(store, eventType(type), { nowMs: at });
  const stored = await readTableDefinitions(store, 'evt');
  expect(stored.map(({ sinceMs }) => sinceMs)).toEqual([3, 4]);
  expect(stored.at(-1)?.eventType).toEqual(eventType('integer'));
});

test('what was said of a table without rows counts no more', async () => {
  const store = new MemoryObjectStore();
  await recordTableDefinition(store, eventType('integer'), { nowMs: 1 });
  await recordTableDefinition(store, eventType('string'), { nowMs: 2, holdsRows: false });
  expect((await readTableDefinitions(store, 'evt')).map(({ sinceMs }) => sinceMs)).toEqual([2]);
});

test('two who say the same at once are harmless', async () => {
  const store = new MemoryObjectStore();
  await Promise.all(
    ['integer', 'string', 'integer'].map((type, nowMs) =>
      recordTableDefinition(store, eventType(type), { nowMs }),
    ),
  );
  expect(await readTableDefinitions(store, 'evt')).toHaveLength(2);
});

test('a fingerprint is of what files hold', () => {
  expect(definitionFingerprint(eventType('integer', 'said'))).toBe(
    definitionFingerprint(eventType('integer')),
  );
  expect(definitionFingerprint(eventType('number'))).not.toBe(
    definitionFingerprint(eventType('integer')),
  );
});

test('a damaged list is named', async () => {
  const store = new MemoryObjectStore();
  await store.put(tableDefinitionsKey('evt'), Buffer.from('{'));
  await expect(readTableDefinitions(store, 'evt')).rejects.toThrow(
    /evt\/manifests\/definitions\.json.*is not JSON/,
  );
});
