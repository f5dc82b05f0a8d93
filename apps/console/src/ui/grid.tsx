import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { beginning, visible } from '../model/text';
import { scrollTo, visibleRows } from '../model/window';

export interface GridColumn {
  readonly name: string;
  readonly isNumber?: boolean;
  /** Width in pixels. @default derived from the name and the first values */
  readonly width?: number;
}

export interface GridProps {
  readonly label: string;
  readonly columns: readonly GridColumn[];
  readonly rowCount: number;
  /** Returns a cell's text; undefined for null. */
  readonly cell: (row: number, column: number) => string | undefined;
  /** Height in pixels. @default 420 */
  readonly height?: number;
  /** Called with the row that is opened, and again to close it. */
  readonly onOpen?: (row: number) => void;
}

const rowHeight = 26;
const headHeight = 28;
/** Number of characters of a cell that are drawn. */
const shownCharacters = 160;

/**
 * Shows millions of rows: only those in view are in the document. Arrow keys, Page Up and Down, Home and End move the
 * selected cell; Enter opens its row.
 */
export function Grid({ label, columns, rowCount, cell, height = 420, onOpen }: GridProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const [scrollTop, setScrollTop] = useState(0);
  const [viewHeight, setViewHeight] = useState(height - headHeight);
  const [at, setAt] = useState<{ readonly row: number; readonly column: number }>({
    row: 0,
    column: 0,
  });
  // Scrolling draws the grid anew, but not what it is given.
  const widths = useMemo(
    () => columns.map((column, index) => column.width ?? widthOf(column, index, rowCount, cell)),
    [columns, rowCount, cell],
  );
  const view = { rowCount, rowHeight, viewHeight, scrollTop };
  const { first, end, offset, height: whole } = visibleRows(view);
  const drawn = Math.max(0, end - first);

  useLayoutEffect(() => {
    const { current } = scroller;
    if (!current) return undefined;
    const measure = (): void =>
      setViewHeight(Math.max(rowHeight, current.clientHeight - headHeight));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(current);
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    setAt(({ row, column }) => ({
      row: Math.min(row, Math.max(0, rowCount - 1)),
      column: Math.min(column, Math.max(0, columns.length - 1)),
    }));
  }, [rowCount, columns.length]);

  const go = (row: number, column: number): void => {
    const next = {
      row: Math.max(0, Math.min(rowCount - 1, row)),
      column: Math.max(0, Math.min(columns.length - 1, column)),
    };
    setAt(next);
    const { current } = scroller;
    if (!current) return;
    const top = scrollTo(next.row, view);
    if (top !== undefined) current.scrollTop = top;
    const left = widths.slice(0, next.column).reduce((sum, width) => sum + width, 0);
    const right = left + (widths[next.column] ?? 0);
    if (left < current.scrollLeft) current.scrollLeft = left;
    else if (right > current.scrollLeft + current.clientWidth)
      current.scrollLeft = right - current.clientWidth;
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const page = Math.max(1, Math.floor(viewHeight / rowHeight) - 1);
    const moves: Readonly<Record<string, readonly [number, number]>> = {
      ArrowDown: [at.row + 1, at.column],
      ArrowUp: [at.row - 1, at.column],
      ArrowRight: [at.row, at.column + 1],
      ArrowLeft: [at.row, at.column - 1],
      PageDown: [at.row + page, at.column],
      PageUp: [at.row - page, at.column],
      Home: event.ctrlKey ? [0, 0] : [at.row, 0],
      End: event.ctrlKey ? [rowCount - 1, columns.length - 1] : [at.row, columns.length - 1],
    };
    const move = moves[event.key];
    if (move) go(...move);
    else if (event.key === 'Enter' && onOpen && rowCount > 0) onOpen(at.row);
    else return;
    event.preventDefault();
  };
  const template = { gridTemplateColumns: widths.map((width) => `${width}px`).join(' ') };
  const total = widths.reduce((sum, width) => sum + width, 0);
  return (
    <>
      <div
        class="grid"
        role="grid"
        aria-label={label}
        aria-rowcount={rowCount + 1}
        aria-colcount={columns.length}
        aria-activedescendant={rowCount > 0 ? cellId(label, at.row, at.column) : undefined}
        tabIndex={0}
        ref={scroller}
        style={{
          maxHeight: `${height}px`,
          minHeight: `${Math.min(height, rowCount * rowHeight + headHeight + 14)}px`,
        }}
        onScroll={(event) => setScrollTop(event.currentTarget.scrollTop)}
        onKeyDown={onKeyDown}
      >
        <div
          class="grid-row head"
          role="row"
          aria-rowindex={1}
          style={{ ...template, width: `${total}px` }}
        >
          {columns.map(({ name, isNumber }, index) => (
            <div
              key={index}
              role="columnheader"
              aria-colindex={index + 1}
              class={isNumber ? 'number' : undefined}
            >
              {visible(name)}
            </div>
          ))}
        </div>
        <div
          class="grid-rows"
          role="presentation"
          style={{ height: `${whole}px`, width: `${total}px` }}
        >
          <div role="presentation" style={{ transform: `translateY(${offset}px)` }}>
            {Array.from({ length: drawn }, (_, index) => {
              const row = first + index;
              return (
                <div
                  // A row that scrolls in takes over the elements of one that scrolled out.
                  key={row % drawn}
                  role="row"
                  aria-rowindex={row + 2}
                  class={`grid-row ${row === at.row ? 'current' : ''} ${row % 2 === 1 ? 'odd' : ''}`}
                  style={template}
                >
                  {columns.map(({ isNumber }, column) => {
                    const value = cell(row, column);
                    return (
                      <div
                        key={column}
                        id={cellId(label, row, column)}
                        role="gridcell"
                        aria-colindex={column + 1}
                        class={`${isNumber ? 'number' : ''} ${value === undefined ? 'null' : ''} ${
                          row === at.row && column === at.column ? 'at' : ''
                        }`}
                        onClick={() => setAt({ row, column })}
                        onDblClick={() => onOpen?.(row)}
                      >
                        {value === undefined ? (
                          'null'
                        ) : (
                          <bdi>{visible(beginning(value, shownCharacters).text)}</bdi>
                        )}
                      </div>
                    );
                  })}
                </div>
              );
            })}
          </div>
        </div>
      </div>
      {onOpen && rowCount > 0 && (
        <p class="quiet grid-hint">
          Enter or a double click opens a row; arrow keys move, Page Up, Page Down, Home and End
          too.
        </p>
      )}
    </>
  );
}

const cellId = (label: string, row: number, column: number): string =>
  `${label.replace(/\W+/g, '-')}-${row}-${column}`;

/** Approximate width of a character in the grid's font, in pixels. */
const characterWidth = 7.3;

function widthOf(
  { name }: GridColumn,
  column: number,
  rowCount: number,
  cell: GridProps['cell'],
): number {
  let characters = name.length + 1;
  for (let row = 0; row < Math.min(rowCount, 30); row++)
    characters = Math.max(characters, Math.min(48, (cell(row, column) ?? 'null').length));
  return Math.round(Math.max(56, Math.min(360, characters * characterWidth + 22)));
}

/** Returns the text of a value in a cell. */
export function cellText(value: unknown): string | undefined {
  if (value === null || value === undefined) return undefined;
  if (typeof value === 'object') return JSON.stringify(value);
  const plain = value as string | number | bigint | boolean;
  return String(plain);
}
