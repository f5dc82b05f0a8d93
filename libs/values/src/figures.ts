// Numbers as people read them, in English. A separate entry point (@sluice/values/figures), because it also runs in
// browsers. Texts that programs read are those of number-text.ts.

/** Returns a count, rounded, with separators: `1,234,567`. */
export const countText = (count: number): string => Math.round(count).toLocaleString('en');

/** Returns a count with its noun in singular or plural: `1 row`, `2,000 rows`. */
export const counted = (count: number, noun: string, plural = `${noun}s`): string =>
  `${countText(count)} ${count === 1 ? noun : plural}`;

/** Returns a short count: `950`, `12.3k`, `4.6M`. */
export function shortCountText(count: number): string {
  for (const [size, unit] of [
    [1e9, 'G'],
    [1e6, 'M'],
    [1e3, 'k'],
  ] as const)
    if (Math.abs(count) >= size) return `${shortDigits(count / size)}${unit}`;
  return shortDigits(count);
}

const shortDigits = (value: number): string =>
  value.toFixed(Math.abs(value) < 100 ? 1 : 0).replace(/\.0$/, '');

/** Returns a measured number in about three digits: `1.25`, `12.5`, `1,250`. */
export const measuredText = (value: number): string =>
  value.toLocaleString('en', { maximumFractionDigits: value < 10 ? 2 : value < 100 ? 1 : 0 });

const sizeUnits = ['B', 'kB', 'MB', 'GB', 'TB'];

/** Returns a size in decimal units: `0 B`, `12.3 kB`, `4.6 MB`. */
export function sizeText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1_000 && unit < sizeUnits.length - 1) {
    value /= 1_000;
    unit++;
  }
  return `${unit === 0 ? value : shortDigits(value)} ${sizeUnits[unit] ?? ''}`;
}

/** Returns a measured duration: `0.3 ms`, `12 ms`, `4.6 s`, `2.5 min`. */
export function durationText(ms: number): string {
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  return ms < 90_000 ? `${(ms / 1_000).toFixed(1)} s` : `${(ms / 60_000).toFixed(1)} min`;
}

/** Returns about how long something takes or is ago, in one whole unit: `0 s`, `12 s`, `3 min`, `2 h`, `5 d`. */
export function spanText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  if (seconds < 90) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${minutes} min`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} d`;
}

/** Returns an amount of dollars: `1,234.56`, and two digits that count below a cent. */
export const dollarsText = (amount: number): string =>
  amount > 0 && amount < 0.01
    ? amount.toLocaleString('en', { maximumSignificantDigits: 2 })
    : amount.toLocaleString('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 });

/** Returns a moment in UTC to the minute: `2026-01-31 08:02`. @param ms since 1970 */
export const minuteText = (ms: number): string =>
  new Date(ms).toISOString().slice(0, 16).replace('T', ' ');
