import { LruCache } from './lru-cache';

it('drops what was not used for longest, and never holds more than its budget', () => {
  const cache = new LruCache<string>(100);
  cache.set('a', 'A', 40);
  cache.set('b', 'B', 40);
  expect(cache.get('a')).toBe('A');
  cache.set('c', 'C', 40);
  expect([cache.get('a'), cache.get('b'), cache.get('c')]).toEqual(['A', undefined, 'C']);
  expect(cache.bytes).toBe(80);
});

it('replaces a value and its size, and keeps nothing that is larger than the budget', () => {
  const cache = new LruCache<string>(100);
  cache.set('a', 'A', 90);
  cache.set('a', 'B', 10);
  expect([cache.get('a'), cache.bytes]).toEqual(['B', 10]);
  cache.set('big', 'X', 101);
  expect([cache.get('big'), cache.get('a')]).toEqual([undefined, 'B']);
});
