import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { decodeKeyFilter, KeyFilterBuilder, type KeyFilter } from './key-filter';

function filterOf(keys: Iterable<string>): { readonly filter: KeyFilter; readonly bytes: number } {
  const builder = new KeyFilterBuilder();
  for (const key of keys) builder.add(key);
  const { bytes } = builder.build();
  const filter = decodeKeyFilter(bytes);
  if (!filter) throw new Error('the filter can not be read');
  return { filter, bytes: bytes.length };
}

const range = (count: number, prefix: string): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}`);

describe('a filter of keys', () => {
  it('may hold each of its keys, whatever they are and however often', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'binary', maxLength: 12 }), { maxLength: 300 }),
        (keys) => {
          const { filter } = filterOf([...keys, ...keys.slice(0, 3)]);
          expect(keys.filter((key) => !filter.mayHold(key))).toEqual([]);
        },
      ),
      { numRuns: 60 },
    );
  });

  it.each([1, 2, 3, 10, 100, 1_000, 20_000])('of %d keys holds them, and few others', (count) => {
    const { filter } = filterOf(range(count, 'order-'));
    expect(range(count, 'order-').every((key) => filter.mayHold(key))).toBe(true);
    const others = range(20_000, 'other-').filter((key) => filter.mayHold(key));
    expect(others.length / 20_000).toBeLessThan(0.006);
  });

  it('tells UUIDs, numbers and long texts apart', () => {
    const kinds: readonly ((index: number) => string)[] = [
      (index) => createHash('md5').update(String(index)).digest('hex'),
      (index) => String(index * 1_000_003),
      (index) => `${'https://example.org/a/very/long/path/'.repeat(4)}${index}`,
      (index) => `${index}${'-tail'.repeat(20)}`,
    ];
    for (const key of kinds) {
      const { filter } = filterOf(Array.from({ length: 2_000 }, (_, index) => key(index)));
      const others = Array.from({ length: 4_000 }, (_, index) => key(index + 2_000));
      expect(others.filter((other) => filter.mayHold(other)).length).toBeLessThan(35);
    }
  });

  it('of no key holds none', () => {
    const { filter } = filterOf([]);
    expect(range(100, '').some((key) => filter.mayHold(key))).toBe(false);
  });

  it('takes some 10 bits a key', () => {
    const keys = 40_000;
    expect((filterOf(range(keys, 'k')).bytes * 8) / keys).toBeLessThan(9.9);
  });

  it('keeps as many keys that are there several times as once', () => {
    const builder = new KeyFilterBuilder();
    for (const key of [...range(500, 'k'), ...range(500, 'k')]) builder.add(key);
    expect(builder.build()).toMatchObject({ keys: 500 });
  });

  it('is not believed once any bit of it has changed, nor one of a later form', () => {
    const builder = new KeyFilterBuilder();
    for (const key of range(50, 'k')) builder.add(key);
    const { bytes } = builder.build();
    for (let at = 0; at < bytes.length; at++) {
      const damaged = Uint8Array.from(bytes);
      damaged[at] = (damaged[at] ?? 0) ^ (1 << (at % 8));
      expect(decodeKeyFilter(damaged)).toBeUndefined();
    }
    expect(decodeKeyFilter(bytes.subarray(0, 30))).toBeUndefined();
    expect(decodeKeyFilter(new Uint8Array())).toBeUndefined();
  });
});
