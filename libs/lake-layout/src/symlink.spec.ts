import { codePoint } from '@sluice/event-schema/testing/code-point';
import fc from 'fast-check';
import { parseSymlink, SymlinkError } from './symlink';

const key = fc
  .string({ unit: codePoint, minLength: 1 })
  .filter((text) => !/[\r\n]/.test(text) && text.trim() !== '');

test('what is listed, an address a line, is read in its order', () => {
  fc.assert(
    fc.property(fc.array(key), (keys) => {
      expect(parseSymlink(keys.map((each) => `s3://lake/${each}\n`).join(''))).toEqual(
        keys.map((each) => ({ bucket: 'lake', key: each })),
      );
    }),
  );
});

test.each(['/tmp/file', 's3://bucket', 's3:///key', 'https://bucket/key'])('refuses %s', (line) => {
  expect(() => parseSymlink(`s3://b/k\n${line}\n`)).toThrow(SymlinkError);
  expect(() => parseSymlink(`s3://b/k\n${line}\n`)).toThrow(/line 2/);
});
