// The fixture was made by an earlier release, which had its own readers of times and decimals here. Null is a refused text.
import type { ColumnType } from '@sluice/values';
import { arrowColumn } from './arrow-column';
import earlier from './fixtures/earlier-values.json';

/** Returns the value that a column stores for a text, as text; null where the column refuses it. */
function stored(type: ColumnType, text: string): string | null {
  const column = arrowColumn(type);
  if (column.push(text) !== undefined) return null;
  const values = column.finish().values as BigInt64Array | Int32Array | Float64Array;
  if (type.kind !== 'decimal')
    return Object.is(values[0], -0) ? '-0' : (values[0]?.toString() ?? '');
  const words = new BigUint64Array(values.buffer.slice(values.byteOffset, values.byteOffset + 16));
  return BigInt.asIntN(128, ((words[1] ?? 0n) << 64n) | (words[0] ?? 0n)).toString();
}

type TimeRow = [text: string, times: (string | null)[], date: number | null];
type NumberRow = [
  text: string,
  decimals: (string | null)[],
  integer: string | null,
  double: string | null,
];

it('texts become the times that they became; now also in lower case, and no more with zones that there are not', () => {
  const changed = (earlier.times as TimeRow[]).flatMap(([text, times, date]) => {
    const now = ([0, 3, 6] as const).map((digits) => stored({ kind: 'timestamp', digits }, text));
    const day = stored({ kind: 'date' }, text);
    const isSame = now.join() === times.join() && day === (date?.toString() ?? null);
    return isSame ? [] : [text];
  });
  expect(earlier.times.length).toBeGreaterThan(60);
  expect(changed).toEqual([
    '2026-01-31t12:00:00z',
    '2026-01-31T12:00:00+24:00',
    '2026-01-31T12:00:00+01:60',
  ]);
});

it('texts become the numbers that they became', () => {
  const decimals = [
    { kind: 'decimal', precision: 9, scale: 2 },
    { kind: 'decimal', precision: 38, scale: 0 },
    { kind: 'decimal', precision: 38, scale: 38 },
  ] as const;
  for (const [text, ...before] of earlier.numbers as NumberRow[])
    expect([
      text,
      decimals.map((type) => stored(type, text)),
      stored({ kind: 'bigint' }, text),
      stored({ kind: 'double' }, text),
    ]).toEqual([text, ...before]);
});
