import type { LookupRun } from './measure-contender';

const width = 760;
const rowHeight = 30;
const labelWidth = 250;
const barWidth = width - labelWidth - 110;
const chartLatencyMs = 20;

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const timeText = (ms: number): string =>
  ms >= 1_000 ? `${(ms / 1_000).toFixed(1)} s` : `${ms.toFixed(ms < 10 ? 1 : 0)} ms`;

/** Bars on a logarithmic scale: the middle time of one look-up at 20 ms before each answer. */
export function lookupChart(runs: readonly LookupRun[]): string {
  const shown = runs
    .filter(({ latency, layout }) => latency === chartLatencyMs && layout !== 'raw-96')
    .toSorted((a, b) => b.p50Ms - a.p50Ms);
  const longest = Math.log10(Math.max(10, ...shown.map(({ p50Ms }) => p50Ms)));
  const bars = shown.map(({ contender, layout, p50Ms, requests }, index) => {
    const y = 48 + index * rowHeight;
    const length = Math.max(4, (Math.log10(Math.max(1, p50Ms)) / longest) * barWidth);
    const colour = contender.startsWith('sluice') ? '#0b7285' : '#adb5bd';
    const label = `${contender} (${layout})`;
    return [
      `<text x="${labelWidth - 8}" y="${y + 15}" text-anchor="end">${escaped(label)}</text>`,
      `<rect x="${labelWidth}" y="${y}" width="${length.toFixed(0)}" height="20" rx="3" fill="${colour}"/>`,
      `<text x="${labelWidth + length + 6}" y="${y + 15}">${timeText(p50Ms)}, ${requests} req.</text>`,
    ].join('');
  });
  const height = 60 + shown.length * rowHeight;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="13" fill="#343a40">`,
    `<rect width="100%" height="100%" fill="#ffffff"/>`,
    `<text x="16" y="26" font-size="15" font-weight="600">One row by id, ${chartLatencyMs} ms to S3 (p50, logarithmic)</text>`,
    ...bars,
    '</svg>\n',
  ].join('\n');
}
