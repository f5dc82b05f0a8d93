import type { ResultTable } from './result-rows';

export interface ResultChart {
  /** Name of the column along the axis. */
  readonly by: string;
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
/** Number of points beyond which bars are drawn as lines, and beyond which names are unreadable. */
const maxBars = 200;
const maxNames = 40;
const maxSeries = 6;

/** Largest number of points of a series that are drawn: more than a screen has pixels. */
const maxPoints = 4_000;
/** Number of rows that are processed in one go, which takes a few milliseconds. */
const sliceRows = 5_000;

interface DrawnColumn {
  readonly name: string;
  readonly index: number;
}

/**
 * Returns a chart of a result: its numbers by its first time column, or else by its only text column if that has few
 * values. Undefined for other results, such as a few rows of many columns.
 *
 * @param pause called between slices of the work, so that the page can respond; it throws if the chart is no longer wanted
 */
export async function chartOf(
  columns: readonly Column[],
  rows: ResultTable,
  pause: () => Promise<void>,
): Promise<ResultChart | undefined> {
  const { rowCount } = rows;
  if (rowCount < 2 || columns.length < 2 || columns.length > 8) return undefined;
  const timeAt = columns.findIndex(({ name, type }) => times.test(type) || name === 'dt');
  const textAt = columns.findIndex(({ type }) => /^varchar|^string/i.test(type));
  const at = timeAt >= 0 ? timeAt : textAt >= 0 && rowCount <= maxNames ? textAt : -1;
  const column = columns[at];
  if (!column) return undefined;
  const drawn = columns
    .map(({ name, type }, index) => ({ name, type, index }))
    .filter(({ type, index }) => numbers.test(type) && index !== at)
    .slice(0, maxSeries);
  if (drawn.length === 0) return undefined;
  if (timeAt < 0)
    return {
      by: column.name,
      x: [...places(rowCount)],
      names: [...places(rowCount)].map((row) => rows.cell(row, at) ?? 'null'),
      isTime: false,
      isThinned: false,
      kind: 'bars',
      series: seriesOf(drawn, rows, [...places(rowCount)]),
    };
  const timesMs = new Float64Array(rowCount);
  await inSlices(rowCount, pause, (row) => (timesMs[row] = millisecondsOf(rows.cell(row, at))));
  const chart =
    rowCount > maxPoints
      ? await thinned(drawn, rows, timesMs, pause)
      : ordered(drawn, rows, timesMs);
  return chart && { by: column.name, isTime: true, ...chart };
}

/** Draws every row, ordered by time; undefined where fewer than two rows have a time. */
function ordered(
  drawn: readonly DrawnColumn[],
  rows: ResultTable,
  timesMs: Float64Array,
): Omit<ResultChart, 'by' | 'isTime'> | undefined {
  const order = [...timesMs.keys()]
    .filter((row) => Number.isFinite(timesMs[row]))
    .sort((a, b) => (timesMs[a] ?? 0) - (timesMs[b] ?? 0));
  if (order.length < 2) return undefined;
  return {
    x: order.map((row) => (timesMs[row] ?? 0) / 1_000),
    isThinned: false,
    kind: order.length > maxBars ? 'lines' : 'bars',
    series: seriesOf(drawn, rows, order),
  };
}

/**
 * Draws the smallest and the largest value of each of {@link maxPoints} / 2 equal periods; the rows may be in any
 * order.
 */
async function thinned(
  drawn: readonly DrawnColumn[],
  rows: ResultTable,
  timesMs: Float64Array,
  pause: () => Promise<void>,
): Promise<Omit<ResultChart, 'by' | 'isTime'> | undefined> {
  let first = Infinity;
  let last = -Infinity;
  for (const ms of timesMs) {
    if (ms < first) first = ms;
    if (ms > last) last = ms;
  }
  if (!(last > first)) return undefined;
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
  return {
    x: filled.flatMap((part) =>
      [part, part + 0.5].map((place) => (first + place * partMs) / 1_000),
    ),
    isThinned: true,
    kind: 'lines',
    series: drawn.map(({ name }, place) => ({
      name,
      values: filled.flatMap((part) => [
        bound(least[place]?.[part]),
        bound(greatest[place]?.[part]),
      ]),
    })),
  };
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

/** Returns the places 0, 1, 2 … of some rows. */
const places = (count: number): Iterable<number> => Array(count).keys();

const seriesOf = (
  drawn: readonly DrawnColumn[],
  rows: ResultTable,
  order: readonly number[],
): ResultChart['series'] =>
  drawn.map(({ name, index }) => ({
    name,
    values: order.map((row) => numberOf(rows.cell(row, index))),
  }));

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
