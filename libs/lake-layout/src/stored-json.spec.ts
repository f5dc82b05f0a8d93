import { MemoryObjectStore } from './memory-object-store';
import { PreconditionFailedError } from './object-store';
import { findJson, findObject, onlyOver, putJson, repeatOnConflict } from './stored-json';

interface Count {
  readonly count: number;
}

test('what is not there is undefined, and what is comes with its ETag', async () => {
  const store = new MemoryObjectStore();
  expect(await findObject(store, 'a')).toBeUndefined();
  expect(await findJson(store, 'a')).toBeUndefined();
  const { etag } = await putJson(store, 'a', { count: 1 });
  expect(await findJson<Count>(store, 'a')).toEqual({ value: { count: 1 }, etag });
});

test('other faults of the store are not taken for a missing object', async () => {
  const store = { get: () => Promise.reject(new Error('no access')) };
  await expect(findObject(store, 'a')).rejects.toThrow('no access');
});

test('a PUT over what was read replaces nothing newer', async () => {
  const store = new MemoryObjectStore();
  await putJson(store, 'a', { count: 1 }, onlyOver(undefined));
  const read = await findJson<Count>(store, 'a');
  await putJson(store, 'a', { count: 2 }, onlyOver(read));
  for (const over of [undefined, read])
    await expect(putJson(store, 'a', { count: 3 }, onlyOver(over))).rejects.toThrow(
      PreconditionFailedError,
    );
  expect((await findJson<Count>(store, 'a'))?.value).toEqual({ count: 2 });
});

test('of writers at the same time none is lost', async () => {
  const store = new MemoryObjectStore();
  const add = () =>
    repeatOnConflict(10, async () => {
      const read = await findJson<Count>(store, 'a');
      await putJson(store, 'a', { count: (read?.value.count ?? 0) + 1 }, onlyOver(read));
    });
  await Promise.all(Array.from({ length: 5 }, add));
  expect((await findJson<Count>(store, 'a'))?.value).toEqual({ count: 5 });
});

test('a change is given up after so many attempts, and at once for any other fault', async () => {
  const attempts: string[] = [];
  const conflict = () => {
    attempts.push('change');
    return Promise.reject(new PreconditionFailedError('a'));
  };
  const onConflict = () => {
    attempts.push('conflict');
    return Promise.resolve();
  };
  await expect(repeatOnConflict(2, conflict, onConflict)).rejects.toThrow(PreconditionFailedError);
  expect(attempts).toEqual(['change', 'conflict', 'change']);
  let calls = 0;
  const broken = () => {
    calls++;
    return Promise.reject(new Error('no access'));
  };
  await expect(repeatOnConflict(9, broken)).rejects.toThrow('no access');
  expect(calls).toBe(1);
});
