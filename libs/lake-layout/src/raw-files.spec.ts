import { MemoryObjectStore } from './memory-object-store';
import { rawPrefix } from './keys';
import { rawFilesBelow } from './raw-files';

test('what engines pass over is no raw file', async () => {
  const store = new MemoryObjectStore();
  const prefix = rawPrefix('order', '2026-01-31');
  const names = [
    'hour=01/',
    'hour=01/.DS_Store',
    'hour=01/_SUCCESS',
    'hour=01/b',
    'hour=01/a',
    '.x',
  ];
  for (const name of names) await store.put(prefix + name, new Uint8Array(1));
  expect((await rawFilesBelow(store, prefix)).map(({ key }) => key)).toEqual([
    `${prefix}hour=01/a`,
    `${prefix}hour=01/b`,
  ]);
  const startAfter = `${prefix}hour=01/a`;
  expect(await rawFilesBelow(store, prefix, { startAfter })).toHaveLength(1);
});
