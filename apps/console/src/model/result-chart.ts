import type { ResultTable } from './result-rows';

export interface ResultChart {
  /** Title of the chart: the column on each axis. */
  readonly title: string;
  readonly x: readonly number[];
  /** Labels of the axis where it shows names. */
  readonly names?: readonly string[];
  readonly isTime: boolean;
  /**
   * True where the points are the smallest and the largest value of each of many short periods, because there are
   * more rows than a screen has pixels.
   */
  readonly isThinned: boolean;
  readonly kind: 'bars' | 'lines';
  readonly series: readonly {
    readonly name: string;
    readonly values: readonly (number | null)[];
  }[];
}

interface Column {
  readonly name: string;
  readonly type: string;
}

const numbers = /^(?:tinyint|smallint|integer|int|bigint|float|real|double|decimal)/i;
const times = /^(?:timestamp|date)/i;
const isText = ({ type }: Column): boolean => /^(?:varchar|string)/i.test(type);
/** Number of points beyond which bars are drawn as lines, and beyond which names are unreadable. */
const maxBars = 200;
const maxNames = 40;
const maxSeries = 6;
const maxCharts = 4;

/** Largest number of points of a series that are drawn: more than a screen has pixels. */
const maxPoints = 4_000;
/** Number of rows that are processed in one go, which takes a few milliseconds. */
const sliceRows = 5_000;

interface DrawnColumn {
  readonly name: string;
  readonly index: number;
}

/**
 * Returns the charts of a result, one for each of its number columns, since different measures share no scale: by its
 * first time column, else by its only text column if that has few values. Where a text column stands beside the time,
 * its values with the largest sums are the series. Returns none for other results, such as a few rows of many columns.
 *
 * @param pause called between slices of the work, so that the page can respond; it throws if the charts are no longer wanted
 */
export async function chartsOf(
  columns: readonly Column[],
  rows: ResultTable,
  pause: () => Promise<void>,
): Promise<readonly ResultChart[]> {
  const { rowCount } = rows;
  if (rowCount < 2 || columns.length < 2 || columns.length > 8) return [];
  const timeAt = columns.findIndex(
    ({ name, type }, index) => (times.test(type) || name === 'dt') && !isOneValue(rows, index),
  );
  const textAt = columns.findIndex((one, index) => index !== timeAt && isText(one));
  const at = timeAt >= 0 ? timeAt : textAt >= 0 && rowCount <= maxNames ? textAt : -1;
  const column = columns[at];
  if (!column) return [];
  const drawn = columns
    .map(({ name, type }, index) => ({ name, type, index }))
    .filter(({ type, index }) => numbers.test(type) && index !== at)
    .slice(0, maxCharts);
  if (timeAt < 0) {
    const order = [...Array(rowCount).keys()];
    const texts = columns.flatMap((one, index) => (isText(one) ? [{ ...one, index }] : []));
    const namesOf = (parts: readonly DrawnColumn[]): readonly string[] =>
      order.map((row) => parts.map(({ index }) => rows.cell(row, index) ?? 'null').join(', '));
    // One text column names the bars where it is enough to tell them apart.
    const first = namesOf(texts.slice(0, 1));
    const parts = new Set(first).size === rowCount ? texts.slice(0, 1) : texts;
    return drawn.map(({ name, index }) => ({
      title: `${name} by ${parts.map((part) => part.name).join(' and ')}`,
      x: order,
      names: namesOf(parts),
      isTime: false,
      isThinned: false,
      kind: 'bars',
      series: [{ name, values: order.map((row) => numberOf(rows.cell(row, index))) }],
    }));
  }
  const timesMs = new Float64Array(rowCount);
  await inSlices(rowCount, pause, (row) => (timesMs[row] = millisecondsOf(rows.cell(row, at))));
  if (rowCount > maxPoints) return thinned(drawn, { by: column.name, rows, timesMs, pause });
  const order = [...timesMs.keys()]
    .filter((row) => Number.isFinite(timesMs[row]))
    .sort((one, other) => (timesMs[one] ?? 0) - (timesMs[other] ?? 0));
  const text = columns[textAt];
  return order.length < 2
    ? []
    : drawn.map((measure) =>
        text
          ? bySeries(measure, {
              by: column.name,
              text: { ...text, index: textAt },
              rows,
              timesMs,
              order,
            })
          : {
              title: `${measure.name} by ${column.name}`,
              x: order.map((row) => (timesMs[row] ?? 0) / 1_000),
              isTime: true,
              isThinned: false,
              kind: order.length > maxBars ? 'lines' : 'bars',
              series: [
                {
                  name: measure.name,
                  values: order.map((row) => numberOf(rows.cell(row, measure.index))),
                },
              ],
            },
      );
}

/** Draws a measure with a line for each value of a text column, over the times that any of them has. */
function bySeries(
  measure: DrawnColumn,
  {
    by,
    text,
    rows,
    timesMs,
    order,
  }: {
    readonly by: string;
    readonly text: DrawnColumn;
    readonly rows: ResultTable;
    readonly timesMs: Float64Array;
    readonly order: readonly number[];
  },
): ResultChart {
  const moments = [...new Set(order.map((row) => timesMs[row] ?? 0))];
  const placeOf = new Map(moments.map((ms, place) => [ms, place]));
  const series = new Map<string, { sum: number; readonly values: (number | null)[] }>();
  for (const row of order) {
    const name = rows.cell(row, text.index) ?? 'null';
    const value = numberOf(rows.cell(row, measure.index));
    const one = series.get(name) ?? { sum: 0, values: moments.map(() => null) };
    series.set(name, one);
    one.sum += Math.abs(value ?? 0);
    one.values[placeOf.get(timesMs[row] ?? 0) ?? 0] = value;
  }
  const largest = [...series].sort(([, one], [, other]) => other.sum - one.sum).slice(0, maxSeries);
  return {
    title:
      `${measure.name} by ${by} and ${text.name}` +
      (series.size > maxSeries ? `, the largest ${maxSeries} of ${series.size}` : ''),
    x: moments.map((ms) => ms / 1_000),
    isTime: true,
    isThinned: false,
    // Bars of several values at one time would hide each other, and a stack would add up what may be means.
    kind: 'lines',
    series: largest.map(([name, { values }]) => ({ name, values })),
  };
}

/**
 * Draws the smallest and the largest value of each of {@link maxPoints} / 2 equal periods; the rows may be in any
 * order.
 */
async function thinned(
  drawn: readonly DrawnColumn[],
  {
    by,
    rows,
    timesMs,
    pause,
  }: {
    readonly by: string;
    readonly rows: ResultTable;
    readonly timesMs: Float64Array;
    readonly pause: () => Promise<void>;
  },
): Promise<readonly ResultChart[]> {
  let first = Infinity;
  let last = -Infinity;
  for (const ms of timesMs) {
    if (ms < first) first = ms;
    if (ms > last) last = ms;
  }
  if (!(last > first)) return [];
  const parts = maxPoints / 2;
  const partMs = (last - first) / parts;
  const least = drawn.map(() => new Float64Array(parts).fill(Infinity));
  const greatest = drawn.map(() => new Float64Array(parts).fill(-Infinity));
  await inSlices(timesMs.length, pause, (row) => {
    const part = Math.min(parts - 1, Math.floor(((timesMs[row] ?? NaN) - first) / partMs));
    if (!(part >= 0)) return;
    for (const [place, { index }] of drawn.entries()) {
      const value = numberOf(rows.cell(row, index));
      if (value === null) continue;
      const low = least[place];
      const high = greatest[place];
      if (low && value < (low[part] ?? 0)) low[part] = value;
      if (high && value > (high[part] ?? 0)) high[part] = value;
    }
  });
  const filled = Array.from({ length: parts }, (_, part) => part).filter((part) =>
    least.some((low) => Number.isFinite(low[part])),
  );
  const bound = (value: number | undefined): number | null =>
    value !== undefined && Number.isFinite(value) ? value : null;
  const x = filled.flatMap((part) =>
    [part, part + 0.5].map((place) => (first + place * partMs) / 1_000),
  );
  return drawn.map(({ name }, place) => ({
    title: `${name} by ${by}`,
    x,
    isTime: true,
    isThinned: true,
    kind: 'lines',
    series: [
      {
        name,
        values: filled.flatMap((part) => [
          bound(least[place]?.[part]),
          bound(greatest[place]?.[part]),
        ]),
      },
    ],
  }));
}

async function inSlices(
  count: number,
  pause: () => Promise<void>,
  work: (row: number) => void,
): Promise<void> {
  for (let row = 0; row < count; row++) {
    if (row > 0 && row % sliceRows === 0) await pause();
    work(row);
  }
}

const isOneValue = (rows: ResultTable, column: number): boolean => {
  const first = rows.cell(0, column);
  for (let row = 1; row < rows.rowCount; row++) if (rows.cell(row, column) !== first) return false;
  return true;
};

const numberOf = (cell: string | null): number | null => {
  const value = cell === null ? NaN : Number(cell);
  return Number.isFinite(value) ? value : null;
};

/** Reads a time as Athena writes it, in UTC (`2026-01-31 08:02:24.288`), or a day. */
const millisecondsOf = (cell: string | null): number =>
  cell === null
    ? NaN
    : Date.parse(
        /^\d{4}-\d{2}-\d{2}$/.test(cell) ? cell : `${cell.replace(' ', 'T').replace(/ UTC$/, '')}Z`,
      );
