import { keyOfPath, objectPath, parseObjectPath } from './object-path';

test('a path names a bucket and a key', () => {
  expect(objectPath('lake', 'order/a b%.parquet')).toBe('s3://lake/order/a b%.parquet');
  expect(parseObjectPath('s3://lake/order/a b%.parquet')).toEqual({
    bucket: 'lake',
    key: 'order/a b%.parquet',
  });
  expect(parseObjectPath('s3://lake/')).toEqual({ bucket: 'lake', key: '' });
  expect(keyOfPath('s3://lake/order/x')).toBe('order/x');
});

test.each(['s3://lake', 's3:///key', 'https://lake/key', '/lake/key', ''])(
  '%j is no path',
  (path) => {
    expect(parseObjectPath(path)).toBeUndefined();
    expect(() => keyOfPath(path)).toThrow('is no s3://bucket/key');
  },
);
