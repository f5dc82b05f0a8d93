import { counted, durationText } from '@sluice/values/figures';
import { median } from '../interleaved-rounds';
import type { LayoutName } from './lookup-layouts';
import type { LookupRun } from './measure-contender';

const width = 760;
const rowHeight = 30;
const labelWidth = 290;
const barWidth = width - labelWidth - 160;
const chartLatencyMs = 20;

/** One bar of the chart. */
export interface ChartBar {
  readonly label: string;
  /** Median of the p50 of all runs of the same contender and layout, in milliseconds. */
  readonly p50Ms: number;
  readonly requests: number;
  readonly isOurs: boolean;
}

/** Words for the layouts, shown where a contender ran on several of them. */
const layoutWords: Record<LayoutName, string> = {
  'raw-1440': '1,440 raw files',
  'raw-96': '96 raw files',
  sealed: 'a sealed day',
  running: 'the running day',
  large: 'a day of ten times the rows',
  month: '31 days',
  indexed: 'a sealed day',
  'indexed-running': 'the running day',
};

/**
 * Returns one bar for each contender and layout at 20 ms of latency, the slowest first. Repeated runs become one bar
 * with the median of their times. A layout is named only where its contender ran on several.
 */
export function chartBars(runs: readonly LookupRun[]): readonly ChartBar[] {
  const shown = runs.filter(
    ({ latency, layout }) => latency === chartLatencyMs && layout !== 'raw-96',
  );
  const groups = new Map<string, LookupRun[]>();
  for (const run of shown) {
    const group = `${run.contender}\n${run.layout}`;
    groups.set(group, [...(groups.get(group) ?? []), run]);
  }
  return [...groups.values()]
    .flatMap((same): ChartBar[] => {
      const [first] = same;
      if (!first) return [];
      const { contender, layout } = first;
      const isOnSeveral = shown.some((run) => run.contender === contender && run.layout !== layout);
      return [
        {
          label: isOnSeveral ? `${contender}, ${layoutWords[layout]}` : contender,
          p50Ms: median(same.map(({ p50Ms }) => p50Ms)),
          requests: median(same.map(({ requests }) => requests)),
          isOurs: contender.startsWith('sluice'),
        },
      ];
    })
    .toSorted((a, b) => b.p50Ms - a.p50Ms);
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** Draws bars on a logarithmic scale: the median time of one look-up at 20 ms of latency. */
export function lookupChart(runs: readonly LookupRun[]): string {
  const bars = chartBars(runs);
  const longest = Math.log10(Math.max(10, ...bars.map(({ p50Ms }) => p50Ms)));
  const drawn = bars.map(({ label, p50Ms, requests, isOurs }, index) => {
    const y = 48 + index * rowHeight;
    const length = Math.round(Math.max(4, (Math.log10(Math.max(1, p50Ms)) / longest) * barWidth));
    const colour = isOurs ? '#0b7285' : '#adb5bd';
    return [
      `<text x="${labelWidth - 8}" y="${y + 15}" text-anchor="end">${escaped(label)}</text>`,
      `<rect x="${labelWidth}" y="${y}" width="${length}" height="20" rx="3" fill="${colour}"/>`,
      `<text x="${labelWidth + length + 6}" y="${y + 15}">${durationText(p50Ms)}, ${counted(requests, 'request')}</text>`,
    ].join('');
  });
  const height = 60 + bars.length * rowHeight;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="13" fill="#343a40">`,
    `<rect width="100%" height="100%" fill="#ffffff"/>`,
    `<text x="16" y="26" font-size="15" font-weight="600">One row by id, ${chartLatencyMs} ms to S3 (p50, logarithmic)</text>`,
    ...drawn,
    '</svg>\n',
  ].join('\n');
}
