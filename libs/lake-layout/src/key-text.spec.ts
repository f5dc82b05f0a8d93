import { codePoint } from '@sluice/event-schema/testing/code-point';
import fc from 'fast-check';
import type { ColumnType } from '@sluice/values';
import earlier from './fixtures/earlier-keys.json';
import { compareUtf8, keyOrder, keyText } from './key-text';
import { decodeManifest, encodeManifest } from './manifest-json';

const sign = (value: number): number => Math.sign(value);

describe('the order of keys', () => {
  it('is that of UTF-8 bytes for text', () => {
    const text = fc.string({ unit: codePoint, maxLength: 4 });
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(sign(compareUtf8(a, b))).toBe(sign(Buffer.compare(Buffer.from(a), Buffer.from(b))));
      }),
    );
  });

  it('puts characters beyond the basic plane after all others', () => {
    expect(['\u{1f986}', '\uffee', 'z', 'é'].sort(compareUtf8)).toEqual([
      'z',
      'é',
      '\uffee',
      '\u{1f986}',
    ]);
  });

  it('is that of the value for integers of 64 bits', () => {
    const integer = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
    const order = keyOrder({ kind: 'bigint' });
    fc.assert(
      fc.property(integer, integer, (a, b) => {
        expect(sign(order(String(a), String(b)))).toBe(a < b ? -1 : a > b ? 1 : 0);
      }),
    );
  });

  it('is that of the value for decimals, however many digits are written', () => {
    const order = keyOrder({ kind: 'decimal', precision: 10, scale: 3 });
    expect(['1.5', '-0.25', '1.499', '-10', '0', '1.50'].sort(order)).toEqual([
      '-10',
      '-0.25',
      '0',
      '1.499',
      '1.5',
      '1.50',
    ]);
  });
});

/**
 * Dates and times as look-ups (cursors) and compaction (manifests) of earlier releases wrote them; null where they
 * could not.
 */
const earlierTimes = (
  earlier.keys as [
    ColumnType & { readonly kind: 'date' | 'timestamp' },
    string,
    string,
    string | null,
  ][]
).map(([type, value, lookup, compaction]) => ({
  type,
  value: type.kind === 'date' ? Number(value) : BigInt(value),
  texts: [lookup, compaction].filter((text) => text !== null),
}));

describe('the text of a key', () => {
  const isNear = (text: string): boolean => /^\d{4}-/.test(text);

  it('is that of earlier releases in the years 0000 to 9999', () => {
    const near = earlierTimes.filter(({ texts }) => texts.every(isNear));
    expect(near.length).toBeGreaterThan(150);
    for (const { type, value, texts } of near)
      expect(texts).toEqual([keyText(value, type), keyText(value, type)]);
  });

  it.each([
    [{ kind: 'date' }, 2_932_911, '+010000-01-15'],
    [{ kind: 'date' }, -719_529, '-000001-12-31'],
    [{ kind: 'timestamp', digits: 3 }, 253_402_300_800_001_000n, '+010000-01-01 00:00:00.001'],
    [{ kind: 'timestamp', digits: 6 }, 2n ** 63n - 1n, '+294247-01-10 04:00:54.775807'],
    [{ kind: 'bigint' }, -(2n ** 63n), '-9223372036854775808'],
    [{ kind: 'decimal', precision: 38, scale: 2 }, -5n, '-0.05'],
    [{ kind: 'string' }, '', ''],
    [{ kind: 'string' }, null, ''],
  ] as const)('%j: %s is %j', (type, value, text) => expect(keyText(value, type)).toBe(text));
});

describe('keys that earlier releases wrote', () => {
  it('are in the order that they were in', () => {
    for (const [type, texts, signs] of earlier.keyOrder as [ColumnType, string[], string[]][]) {
      const order = keyOrder(type);
      expect(texts.map((a) => texts.map((b) => sign(order(a, b))).join(' '))).toEqual(signs);
    }
  });

  it('stand for what they were cut from: a bound takes in its key, and keys before and after lie on their sides', () => {
    const byType = new Map<string, (typeof earlierTimes)[number][]>();
    for (const time of earlierTimes) {
      const name = JSON.stringify(time.type);
      byType.set(name, [...(byType.get(name) ?? []), time]);
    }
    const faults: unknown[] = [];
    for (const times of byType.values()) {
      const now = times.map(({ type, value }) => keyText(value, type));
      for (const [index, { type, value, texts }] of times.entries()) {
        const order = keyOrder(type);
        for (const text of texts) {
          if (sign(order(text, now[index] ?? '')) !== 0) faults.push([text, now[index]]);
          for (const [at, other] of times.entries()) {
            const found = sign(order(text, now[at] ?? ''));
            if (found !== 0 && found !== (value < other.value ? -1 : 1))
              faults.push([text, other.value, found]);
          }
        }
      }
    }
    expect(byType.size).toBeGreaterThan(1);
    expect(faults).toEqual([]);
  });

  it('keep their files where a later definition has more digits', () => {
    const order = keyOrder({ kind: 'timestamp', digits: 6 });
    expect(order('2026-01-31 12:00:00.123', '2026-01-31 12:00:00.123000')).toBe(0);
    expect(order('2026-01-31 12:00:00', '2026-01-31 12:00:00.000001')).toBe(-1);
    expect(keyOrder({ kind: 'decimal', precision: 9, scale: 3 })('1.5', '1.500')).toBe(0);
  });

  it('come after no key', () => {
    const types: readonly ColumnType[] = [
      { kind: 'bigint' },
      { kind: 'decimal', precision: 9, scale: 2 },
      { kind: 'date' },
      { kind: 'timestamp', digits: 3 },
      { kind: 'string' },
    ];
    const first = ['-9', '-9.00', '-000001-12-31', '-000001-12-31 00:00:00.000', 'a'];
    types.forEach((type, index) => {
      expect(keyOrder(type)('', first[index]!)).toBeLessThan(0);
      expect(keyOrder(type)('', '')).toBe(0);
    });
  });

  it('that are no times do not fail', () => {
    expect(
      keyOrder({ kind: 'timestamp', digits: 3 })('abc', '2026-01-31 12:00:00.000'),
    ).toBeGreaterThan(0);
  });

  it('are read from their manifest, which is written as it was', () => {
    const manifest = decodeManifest(new TextEncoder().encode(earlier.manifest), 'm');
    expect(manifest.files.map(({ minKey, maxKey }) => [minKey, maxKey])).toEqual([
      ['-9223372036854775808', '9223372036854775807'],
      ['', '\ud83d'],
      ['a"b\\\u0001', '\uffff😀'],
    ]);
    expect(new TextDecoder().decode(encodeManifest(manifest))).toBe(earlier.manifest);
  });

  it('are in cursors as they were', () => {
    for (const [, key, cursor] of earlier.cursors as [string, string, string][])
      expect((JSON.parse(Buffer.from(cursor, 'base64url').toString()) as string[])[4]).toBe(key);
  });
});
