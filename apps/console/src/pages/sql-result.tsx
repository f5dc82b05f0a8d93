import { useEffect, useState } from 'preact/hooks';
import { chartOf, type ResultChart as ResultChartFacts } from '../model/result-chart';
import type { ResultTable } from '../model/result-rows';
import { count, plural } from '../model/text';
import { Chart } from '../ui/chart';
import { Grid } from '../ui/grid';
import { untilIdle } from '../ui/until-idle';
import { Body, Empty, Panel } from '../ui/parts';

export interface Column {
  readonly name: string;
  readonly type: string;
}

/** The result of a query, as far as it has arrived. */
export interface Result {
  readonly columns: readonly Column[];
  readonly rows: ResultTable;
  /** Number of rows that have arrived. */
  readonly rowCount: number;
  readonly isOver: boolean;
  readonly milliseconds?: number;
  readonly isCut?: boolean;
}

const numberTypes = /^(?:tinyint|smallint|integer|int|bigint|float|real|double|decimal)/i;

/** Shows a result as a chart, where it makes one, and as a grid. */
export function ResultPanels({ result }: { readonly result: Result }) {
  const [openRow, setOpenRow] = useState<number>();
  return (
    <>
      <ResultChart result={result} />
      <Panel
        title="Result"
        aside={
          <span class="quiet" role="status">
            {plural(result.rowCount, 'row')}
            {result.milliseconds !== undefined && ` in ${count(result.milliseconds)} ms`}
            {result.isCut && ', and there are more'}
            {!result.isOver && ' …'}
          </span>
        }
      >
        <Grid
          label="Result of the query"
          columns={result.columns.map(({ name, type }) => ({
            name,
            isNumber: numberTypes.test(type),
          }))}
          rowCount={result.rowCount}
          cell={(row, column) => result.rows.cell(row, column) ?? undefined}
          onOpen={(row) => setOpenRow((open) => (open === row ? undefined : row))}
        />
        {result.isOver && result.rowCount === 0 && <Empty>No row fits.</Empty>}
        {openRow !== undefined && openRow < result.rowCount && (
          <Body
            label="The row that was opened"
            text={JSON.stringify(
              Object.fromEntries(
                result.columns.map(({ name }, index) => [name, result.rows.cell(openRow, index)]),
              ),
            )}
          />
        )}
      </Panel>
    </>
  );
}

function ResultChart({ result }: { readonly result: Result }) {
  const [drawn, setDrawn] = useState<ResultChartFacts>();
  useEffect(() => {
    setDrawn(undefined);
    if (!result.isOver) return undefined;
    const control = new AbortController();
    const pause = async (): Promise<void> => {
      await untilIdle();
      control.signal.throwIfAborted();
    };
    void chartOf(result.columns, result.rows, pause).then(setDrawn, () => undefined);
    return () => control.abort();
  }, [result]);
  const [kind, setKind] = useState<'bars' | 'lines'>();
  if (!drawn) return null;
  return (
    <Panel
      title={`${drawn.series.map(({ name }) => name).join(', ')} by ${drawn.by}`}
      className="chart-panel"
      aside={
        drawn.isThinned ? (
          <span class="quiet">the least and the greatest of each of many short times</span>
        ) : (
          <button
            type="button"
            class="link"
            onClick={() => setKind((kind ?? drawn.kind) === 'bars' ? 'lines' : 'bars')}
          >
            as {(kind ?? drawn.kind) === 'bars' ? 'lines' : 'bars'}
          </button>
        )
      }
    >
      <Chart
        label={`Chart of ${drawn.series.map(({ name }) => name).join(', ')} by ${drawn.by}, ${plural(drawn.x.length, 'point')}`}
        x={drawn.x}
        series={drawn.series}
        kind={kind ?? drawn.kind}
        isTime={drawn.isTime}
        {...(drawn.names && { names: drawn.names })}
        height={220}
      />
    </Panel>
  );
}
