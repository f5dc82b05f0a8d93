// The fixture was made by releases that had several bodies for each of these rules. Files, manifests and answers with
// such texts are about, so what they mean stays; where a text has changed, the test says which and why.
import {
  canonicalNumber,
  compareNumbers,
  dateText,
  decimalParts,
  decimalText,
  doubleHolds,
  exactTimeDigits,
  fitsDecimal,
  int64Text,
  isExactDate,
  isMultipleOf,
  numberTraits,
  parseDate,
  parseDecimal,
  parseInt64,
  parseTime,
  plainDecimal,
  sqlTimeText,
  storedJson,
  timeOfDayText,
  timestampLength,
  timeText,
  writeTimestamp,
  type TimestampDigits,
  type TimeUnit,
} from './index';
import earlier from './fixtures/earlier-texts.json';

/** Returns the texts that differ from the earlier ones, as `what: before → now`. */
const changes = <T extends readonly unknown[]>(
  rows: readonly T[],
  compare: (row: T) => readonly [what: string, before: unknown, now: unknown],
): readonly string[] =>
  rows.flatMap((row) => {
    const [what, before, now] = compare(row);
    const [left, right] = [before, now].map((value) =>
      JSON.stringify(typeof value === 'bigint' ? String(value) : (value ?? null)),
    );
    return left === right ? [] : [`${what}: ${left} → ${right}`];
  });

/** Decides whether a text's year has more than four digits, or the text is a count of days or microseconds. */
const isFar = (text: string): boolean => /^[+-]\d{6}-| (?:days|µs)$/.test(text);

it('decimals', () => {
  expect(
    changes(earlier.decimalToText as [string, number, string][], ([unscaled, scale, text]) => [
      `${unscaled} at ${scale}`,
      text,
      decimalText(BigInt(unscaled), scale),
    ]),
  ).toEqual([]);
});

it('dates; those of far years were cut to their month, or counted in days', () => {
  const rows = earlier.dateToText as [number, string, string][];
  const near = rows.filter(([, text]) => !isFar(text));
  expect(near.length).toBeGreaterThan(10);
  expect(changes(near, ([days, text]) => [`${days}`, text, dateText(days)])).toEqual([]);
  // Reference tables had the whole of it.
  const inDate = rows.filter(([, , text]) => !text.startsWith('day'));
  expect(changes(inDate, ([days, , text]) => [`${days}`, text, dateText(days)])).toEqual([]);
});

it('times; those that JavaScript’s Date can’t hold were counted in microseconds', () => {
  const rows = earlier.timeToText as [string, number, string][];
  const inDate = rows.filter(([, , text]) => !text.endsWith('µs'));
  expect(inDate.length).toBeGreaterThan(300);
  expect(
    changes(inDate, ([micros, digits, text]) => [
      `${micros} with ${digits}`,
      text,
      timeText(BigInt(micros), 'micros', digits),
    ]),
  ).toEqual([]);
});

it('times of every unit; those of far years were cut to their minute', () => {
  const rows = (earlier.unitToText as [TimeUnit, string, string[], string | null][]).filter(
    ([, , texts]) => texts.every((text) => /^\d{4}-/.test(text)),
  );
  expect(rows.length).toBeGreaterThan(40);
  expect(
    changes(rows, ([unit, value, texts, unmapped]) => [
      `${value} ${unit}`,
      [texts, unmapped],
      [
        [0, 3, 6, 9].map((digits) => sqlTimeText(BigInt(value), unit, digits)),
        `{"x":${storedJson(BigInt(value), { kind: 'timestamp', unit })}}`,
      ],
    ]),
  ).toEqual([]);
});

it('times of day', () => {
  const rows = (earlier.timeOfDayToText as [TimeUnit, string, string][]).filter(([, , text]) =>
    /^\d\d:/.test(text),
  );
  const digits = { seconds: 0, millis: 3, micros: 6, nanos: 9 };
  expect(
    changes(rows, ([unit, value, text]) => [
      `${value} ${unit}`,
      text.padEnd(digits[unit] + 9, '0'),
      timeOfDayText(BigInt(value), unit, digits[unit]),
    ]),
  ).toEqual([]);
});

function flattened(text: string, digits: TimestampDigits): unknown {
  const source = new Uint8Array(64 + text.length * 3);
  const end = new TextEncoder().encodeInto(text, source).written;
  const target = new Uint8Array(64);
  const outcome = writeTimestamp(source, 0, end, digits, target, 0);
  if (outcome !== 'exact' && outcome !== 'inexact') return outcome;
  return [outcome, new TextDecoder().decode(target.subarray(0, timestampLength(digits)))];
}

it('texts that are read as times; no day has an hour 24', () => {
  const rows = earlier.textToTime as [
    string,
    string | null,
    number | null,
    unknown[],
    boolean,
    number | null,
  ][];
  expect(rows.length).toBeGreaterThan(60);
  expect(
    changes(rows, ([text, micros, days, written, isDate, digits]) => [
      text,
      [micros, days, written, isDate, digits],
      [
        parseTime(text)?.toString() ?? null,
        parseDate(text) ?? null,
        ([0, 3, 6] as const).map((each) => flattened(text, each)),
        isExactDate(text),
        exactTimeDigits(text) ?? null,
      ],
    ]).map((change) => change.split(',')[0]),
  ).toEqual(['2026-01-31T24:00:00Z: ["1769904000000000"']);
});

it('texts that are read as numbers', () => {
  const rows = earlier.textToNumber as [
    string,
    (string | null)[],
    string | null,
    unknown[] | null,
  ][];
  expect(rows.length).toBeGreaterThan(50);
  expect(
    changes(rows, ([text, unscaled, integer, exact]) => [
      text,
      [unscaled, integer, exact],
      [
        [0, 2, 38].map((scale) => parseDecimal(text, scale)?.toString() ?? null),
        parseInt64(text)?.toString() ?? null,
        exact && [
          numberTraits(text),
          doubleHolds(text),
          decimalParts(text),
          int64Text(text),
          canonicalNumber(text),
          (
            [
              [9, 2],
              [38, 0],
              [38, 38],
            ] as const
          ).map(([precision, scale]) => fitsDecimal(text, precision, scale)),
          Math.abs(decimalParts(text).exponent) < 1_000 ? plainDecimal(text) : 'long',
          ['0', '1', '1.5', '-1', '9007199254740993'].map((other) =>
            Math.sign(compareNumbers(text, other)),
          ),
          ['1', '0.1', '0.5', '3'].map((divisor) => isMultipleOf(text, divisor)),
        ],
      ],
    ]),
  ).toEqual([]);
});
