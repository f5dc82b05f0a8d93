import { useEffect, useRef } from 'preact/hooks';
import UPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';

export interface Series {
  readonly name: string;
  /** Value for each point of x; null where there is none. */
  readonly values: readonly (number | null)[];
  /** Position of its colour. @default that of the series */
  readonly tone?: number;
}

export interface ChartProps {
  readonly label: string;
  /** Points of the axis in ascending order: seconds since 1970 where `isTime`, else any numbers. */
  readonly x: readonly number[];
  readonly series: readonly Series[];
  readonly kind?: 'bars' | 'lines';
  readonly isTime?: boolean;
  /** Labels of x where it is neither numbers nor times. */
  readonly names?: readonly string[];
  readonly height?: number;
}

const tones = ['--chart-1', '--chart-2', '--chart-3', '--chart-4', '--chart-5', '--chart-6'];

/**
 * Returns a function that reads a colour of the page by its name and resolves `light-dark()`, which a canvas does not
 * accept.
 */
function colourReader(element: HTMLElement): (name: string) => string {
  return (name) => {
    element.style.color = `var(${name})`;
    const { color } = getComputedStyle(element);
    element.style.color = '';
    return color;
  };
}

/**
 * Formats of the axis, by the seconds between two marks: for each the first part, and a second line where the year, the
 * day or the minute changes (uPlot's documentation: axis.values).
 */
const utcTicks: UPlot.Axis.Values = [
  [31_536_000, '{YYYY}', null, null, null, null, null, null, 1],
  [2_419_200, '{YYYY}-{MM}', null, null, null, null, null, null, 1],
  [86_400, '{MM}-{DD}', '\n{YYYY}', null, null, null, null, null, 1],
  [60, '{HH}:{mm}', '\n{YYYY}-{MM}-{DD}', null, '\n{MM}-{DD}', null, null, null, 1],
  [1, '{HH}:{mm}:{ss}', '\n{YYYY}-{MM}-{DD}', null, '\n{MM}-{DD}', null, null, null, 1],
  [0.001, '{ss}.{fff}', '\n{YYYY}-{MM}-{DD} {HH}:{mm}', null, null, null, '\n{HH}:{mm}', null, 1],
];

const daySeconds = 86_400;
/** Steps between the marks of an axis of days, in seconds. */
const daySteps = [1, 2, 7, 14, 28, 91, 182, 364].map((days) => days * daySeconds);

/** Returns half of the least step between points, so that the outer bars are drawn completely; half a minute for one point. */
function halfStep(x: readonly number[]): number {
  const steps = x.slice(1).map((value, index) => value - (x[index] ?? 0));
  return (steps.length > 0 ? Math.min(...steps.filter((step) => step > 0)) : 60) / 2;
}

const longestName = 18;
const shortened = (name: string): string =>
  name.length > longestName ? `${name.slice(0, longestName - 1)}…` : name;

/** Draws series over time, numbers or names. The page must say the same in words or as a grid. */
export function Chart({
  label,
  x,
  series,
  kind = 'bars',
  isTime = true,
  names,
  height = 180,
}: ChartProps) {
  const holder = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const { current } = holder;
    if (!current || x.length === 0) return undefined;
    const tone = colourReader(current);
    const font = `11px ${getComputedStyle(current).fontFamily}`;
    const bars = UPlot.paths.bars?.({ size: [0.72, 60] });
    // Stacked: each series is drawn up to the sum of itself and those before it, the last one first.
    const isStacked = kind === 'bars' && series.length > 1;
    const sums = x.map(() => 0);
    const drawn = series.map(({ values }) =>
      values.map((value, index) => {
        if (!isStacked) return value;
        sums[index] = (sums[index] ?? 0) + (value ?? 0);
        return sums[index];
      }),
    );
    const order = isStacked
      ? series.map((_, index) => series.length - 1 - index)
      : series.map((_, index) => index);
    const isDays = x.every((second) => second % daySeconds === 0);
    const margin = kind === 'bars' ? halfStep(x) : 0;
    const axis = {
      stroke: tone('--quiet'),
      font,
      grid: { stroke: tone('--line'), width: 1 },
      ticks: { show: false },
    };
    const plot = new UPlot(
      {
        width: current.clientWidth,
        height,
        padding: [8, 24, 0, 0],
        legend: { show: false },
        // As all times of the page.
        tzDate: (seconds) => UPlot.tzDate(new Date(seconds * 1_000), 'Etc/UTC'),
        cursor: { y: false, points: { show: false } },
        scales: {
          // Names are at 0, 1, 2 …; half a step is added at both ends, so that the outer bars are drawn completely.
          x: {
            time: isTime && !names,
            ...(names && { range: (): [number, number] => [-0.5, names.length - 0.5] }),
            ...(!names && {
              range: (_plot: UPlot, least: number, most: number): [number, number] => [
                least - margin,
                most + margin,
              ],
            }),
          },
          y: { range: (_plot, _least, most) => [0, Math.max(1, most * 1.1)] },
        },
        axes: [
          {
            ...axis,
            ...(isTime && !names && { values: utcTicks }),
            ...(isTime && !names && isDays && { incrs: daySteps }),
            ...(names && {
              incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 10_000, 100_000],
              values: (_plot: UPlot, splits: readonly number[]) =>
                splits.map((split) =>
                  Number.isInteger(split) ? shortened(names[split] ?? '') : '',
                ),
            }),
          },
          { ...axis, size: 52 },
        ],
        series: [
          {},
          ...order.map((index) => ({
            label: series[index]?.name ?? '',
            stroke: tone(tones[(series[index]?.tone ?? index) % tones.length] ?? ''),
            width: kind === 'bars' ? 0 : 1.5,
            ...(kind === 'bars' && {
              fill: tone(tones[(series[index]?.tone ?? index) % tones.length] ?? ''),
              ...(bars && { paths: bars }),
            }),
            points: { show: kind === 'lines' && x.length < 60 },
          })),
        ],
      },
      [[...x], ...order.map((index) => drawn[index] ?? [])] as UPlot.AlignedData,
      current,
    );
    const observer = new ResizeObserver(() => plot.setSize({ width: current.clientWidth, height }));
    observer.observe(current);
    return () => {
      observer.disconnect();
      plot.destroy();
    };
  });
  return (
    <figure class="chart">
      <div ref={holder} role="img" aria-label={label} style={{ height: `${height}px` }} />
      {series.length > 1 && (
        <figcaption>
          {series.map(({ name, tone: place }, index) => (
            <span key={name} class="legend">
              <i class={`swatch c${((place ?? index) % tones.length) + 1}`} /> {name}
            </span>
          ))}
        </figcaption>
      )}
    </figure>
  );
}
