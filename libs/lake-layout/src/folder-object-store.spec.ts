import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FolderObjectStore } from './folder-object-store';
import { testObjectStore } from './testing';

const folder = mkdtempSync(join(tmpdir(), 'sluice-folder-'));
afterAll(() => rmSync(folder, { recursive: true }));

let stores = 0;
const newStore = (): FolderObjectStore => new FolderObjectStore(join(folder, `store-${++stores}`));

testObjectStore('FolderObjectStore', () => Promise.resolve(newStore()));

test.each(['../outside', 'a/../../outside', '/outside', 'a//b', '.', ''])(
  'a folder takes no key %j',
  async (key) => {
    await expect(newStore().put(key, new Uint8Array())).rejects.toThrow('no file can have the key');
  },
);

test('a write that can not be finished leaves nothing behind', async () => {
  const store = newStore();
  await store.put('a/b', Buffer.from('whole'));
  // An object can't be a folder of another here.
  await expect(store.put('a/b/c', Buffer.from('half'))).rejects.toThrow();
  expect(readdirSync(join(folder, `store-${stores}.incoming`))).toEqual([]);
  expect(Buffer.from((await store.get('a/b')).bytes).toString()).toBe('whole');
});
