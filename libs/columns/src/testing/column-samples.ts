import type { ColumnType } from '@sluice/event-schema';
import { seededRandom } from '@sluice/values/seeded-random';

/** One column type of each kind, lists among them, by a short name. */
export const sampleTypes: Readonly<Record<string, ColumnType>> = {
  bigint: { kind: 'bigint' },
  double: { kind: 'double' },
  boolean: { kind: 'boolean' },
  string: { kind: 'string' },
  json: { kind: 'json' },
  date: { kind: 'date' },
  millis: { kind: 'timestamp', digits: 3 },
  micros: { kind: 'timestamp', digits: 6 },
  decimal: { kind: 'decimal', precision: 20, scale: 4 },
  strings: { kind: 'array', items: { kind: 'string' } },
  booleans: { kind: 'array', items: { kind: 'boolean' } },
  decimals: { kind: 'array', items: { kind: 'decimal', precision: 9, scale: 2 } },
};

/**
 * Returns the same values for the same type each time, a quarter of them null. The first 64 are null at the borders of bytes.
 *
 * @returns values as a column takes them from JSON
 */
export function sampleValues(type: ColumnType, count: number): readonly unknown[] {
  const random = seededRandom(JSON.stringify(type).length);
  return Array.from({ length: count }, (_, row) => {
    const isNull = row < 64 ? row % 8 === 0 || row % 8 === 7 : random.chance(0.25);
    const value = sampleValue(type, random);
    return isNull ? null : value;
  });
}

type Random = ReturnType<typeof seededRandom>;

function sampleValue(type: ColumnType, random: Random): unknown {
  const integer = (below: number): number => random.integer(0, below - 1);
  switch (type.kind) {
    case 'bigint':
      return random.chance(0.5)
        ? integer(1000) - 500
        : String((BigInt(integer(2 ** 31)) << 32n) - 2n ** 62n);
    case 'double':
      return (integer(2_000_000) - 1_000_000) / 64;
    case 'boolean':
      return random.chance(0.5);
    case 'date':
      return new Date((integer(60_000) - 20_000) * 86_400_000).toISOString().slice(0, 10);
    case 'timestamp':
      return new Date(
        (integer(4_000_000_000) - 1_000_000_000) * 1000 + integer(1000),
      ).toISOString();
    case 'decimal':
      return `${random.chance(0.5) ? '-' : ''}${integer(1_000_000)}.${integer(100)}`;
    case 'array':
      return Array.from({ length: integer(5) }, () =>
        random.chance(0.2) ? null : sampleValue(type.items, random),
      );
    case 'string':
      return 'key-' + 'naïve 🦆 text '.repeat(integer(8)) + String(integer(100));
    case 'json':
      return { n: integer(100), text: 'x'.repeat(integer(100)) };
  }
}
