import { fnv1a } from './fnv-1a';

// Appendix C of draft-eastlake-fnv.
test.each([
  ['', 0x811c9dc5],
  ['a', 0xe40c292c],
  ['foobar', 0xbf9cf968],
])('hashes %j as the draft does', (text, hash) => {
  expect(fnv1a(Buffer.from(text)) >>> 0).toBe(hash);
  expect(fnv1a(Buffer.from(`<${text}>`), 1, text.length + 1) >>> 0).toBe(hash);
});
