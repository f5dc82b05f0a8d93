/** The visible part of a long list. */
export interface VisibleRows {
  /** First row that is drawn; `end` is exclusive. */
  readonly first: number;
  readonly end: number;
  /** Pixels from the top of the scrolled area to the first row. */
  readonly offset: number;
  /** Height of the scrolled area in pixels. */
  readonly height: number;
}

/**
 * Largest height of the scrolled area in pixels. Browsers cut off higher ones (Chromium at 2^25, Firefox at some 17.8
 * million), so a longer list is scrolled in proportion: the end of the bar is the end of the list.
 */
const maxHeight = 8_000_000;
/** Number of rows drawn above and below those in view. */
const margin = 6;

/** Returns which rows are in view. */
export function visibleRows({
  rowCount,
  rowHeight,
  viewHeight,
  scrollTop,
}: {
  readonly rowCount: number;
  readonly rowHeight: number;
  readonly viewHeight: number;
  readonly scrollTop: number;
}): VisibleRows {
  const whole = rowCount * rowHeight;
  const height = Math.min(whole, maxHeight);
  const inView = Math.ceil(viewHeight / rowHeight);
  const most = Math.max(1, height - viewHeight);
  const share = Math.min(1, Math.max(0, scrollTop / most));
  const top = whole > height ? share * Math.max(0, whole - viewHeight) : scrollTop;
  const first = Math.max(0, Math.min(rowCount - inView, Math.floor(top / rowHeight)) - margin);
  const end = Math.min(rowCount, first + inView + 2 * margin + 1);
  return { first, end, offset: scrollTop - (top - first * rowHeight), height };
}

/** Returns the scroll position that brings a row into view; undefined where it is in view. */
export function scrollTo(
  row: number,
  {
    rowCount,
    rowHeight,
    viewHeight,
    scrollTop,
  }: {
    readonly rowCount: number;
    readonly rowHeight: number;
    readonly viewHeight: number;
    readonly scrollTop: number;
  },
): number | undefined {
  const whole = rowCount * rowHeight;
  const height = Math.min(whole, maxHeight);
  const scale =
    whole > height ? Math.max(0, whole - viewHeight) / Math.max(1, height - viewHeight) : 1;
  const top = scrollTop * scale;
  const at = row * rowHeight;
  if (at < top) return at / scale;
  if (at + rowHeight > top + viewHeight) return (at + rowHeight - viewHeight) / scale;
  return undefined;
}
