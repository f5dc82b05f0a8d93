import { codePoint } from '@sluice/event-schema/testing/code-point';
import fc from 'fast-check';
import { parseSymlink, SymlinkError, symlinkText } from './symlink';

const key = fc
  .string({ unit: codePoint, minLength: 1 })
  .filter((text) => !/[\r\n]/.test(text) && text.trim() !== '');

test('what is listed is read again, in its order', () => {
  fc.assert(
    fc.property(fc.array(key), (keys) => {
      expect(parseSymlink(symlinkText('lake', keys))).toEqual(
        keys.map((each) => ({ bucket: 'lake', key: each })),
      );
    }),
  );
});

test('has one address a line, as SQL engines read it', () => {
  expect(symlinkText('lake', ['t/raw/dt=2026-01-01/hour=00/a.parquet', 'b'])).toBe(
    's3://lake/t/raw/dt=2026-01-01/hour=00/a.parquet\ns3://lake/b\n',
  );
  expect(symlinkText('lake', [])).toBe('');
});

test('refuses a key that would become two lines', () => {
  expect(() => symlinkText('lake', ['a\ns3://other/secret'])).toThrow(/line break/);
});

test.each(['/tmp/file', 's3://bucket', 's3:///key', 'https://bucket/key'])('refuses %s', (line) => {
  expect(() => parseSymlink(`s3://b/k\n${line}\n`)).toThrow(SymlinkError);
  expect(() => parseSymlink(`s3://b/k\n${line}\n`)).toThrow(/line 2/);
});
