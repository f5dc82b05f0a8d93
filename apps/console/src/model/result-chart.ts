export interface ResultChart {
  /** Name of the column along the axis. */
  readonly by: string;
  readonly x: readonly number[];
  /** Labels of the axis where it shows names. */
  readonly names?: readonly string[];
  readonly isTime: boolean;
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

/**
 * Returns a chart of a result: its numbers by its first time column, or else by its only text column if that has few
 * values. Undefined for other results, such as a few rows of many columns.
 */
export function chartOf(
  columns: readonly Column[],
  rows: readonly (readonly (string | null)[])[],
): ResultChart | undefined {
  if (rows.length < 2 || columns.length < 2 || columns.length > 8) return undefined;
  const series = columns
    .map(({ name, type }, index) => ({ name, type, index }))
    .filter(({ type }) => numbers.test(type));
  const timeAt = columns.findIndex(({ name, type }) => times.test(type) || name === 'dt');
  const textAt = columns.findIndex(({ type }) => /^varchar|^string/i.test(type));
  const at = timeAt >= 0 ? timeAt : textAt >= 0 && rows.length <= maxNames ? textAt : -1;
  const column = columns[at];
  if (!column) return undefined;
  const drawn = series.filter(({ index }) => index !== at).slice(0, maxSeries);
  if (drawn.length === 0) return undefined;
  const valuesOf = (index: number, order: readonly number[]): readonly (number | null)[] =>
    order.map((row) => {
      const cell = rows[row]?.[index];
      const value = cell === null || cell === undefined ? NaN : Number(cell);
      return Number.isFinite(value) ? value : null;
    });
  if (timeAt >= 0) {
    const points = rows
      .map((row, index) => ({ index, ms: millisecondsOf(row[at]) }))
      .filter(({ ms }) => Number.isFinite(ms))
      .sort((a, b) => a.ms - b.ms);
    if (points.length < 2) return undefined;
    const order = points.map(({ index }) => index);
    return {
      by: column.name,
      x: points.map(({ ms }) => ms / 1_000),
      isTime: true,
      kind: points.length > maxBars ? 'lines' : 'bars',
      series: drawn.map(({ name, index }) => ({ name, values: valuesOf(index, order) })),
    };
  }
  const order = rows.map((_, index) => index);
  return {
    by: column.name,
    x: order,
    names: rows.map((row) => row[at] ?? 'null'),
    isTime: false,
    kind: 'bars',
    series: drawn.map(({ name, index }) => ({ name, values: valuesOf(index, order) })),
  };
}

/** Reads a time as Athena writes it, in UTC (`2026-01-31 08:02:24.288`), or a day. */
const millisecondsOf = (cell: string | null | undefined): number =>
  cell === null || cell === undefined
    ? NaN
    : Date.parse(
        /^\d{4}-\d{2}-\d{2}$/.test(cell) ? cell : `${cell.replace(' ', 'T').replace(/ UTC$/, '')}Z`,
      );
