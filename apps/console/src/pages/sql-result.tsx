import { useEffect, useState } from 'preact/hooks';
import { chartsOf, type ResultChart } from '../model/result-chart';
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
      <ResultCharts result={result} />
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
        {result.isOver && result.rowCount === 0 && <Empty>No rows.</Empty>}
        {openRow !== undefined && openRow < result.rowCount && (
          <Body
            label="Opened row"
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

function ResultCharts({ result }: { readonly result: Result }) {
  const [charts, setCharts] = useState<readonly ResultChart[]>([]);
  useEffect(() => {
    setCharts([]);
    if (!result.isOver) return undefined;
    const control = new AbortController();
    const pause = async (): Promise<void> => {
      await untilIdle();
      control.signal.throwIfAborted();
    };
    void chartsOf(result.columns, result.rows, pause).then(setCharts, () => undefined);
    return () => control.abort();
  }, [result]);
  return (
    <>
      {charts.map((chart) => (
        <ChartPanel key={chart.title} chart={chart} />
      ))}
    </>
  );
}

function ChartPanel({ chart }: { readonly chart: ResultChart }) {
  const { title, x, names, isTime, isThinned, series } = chart;
  const [kind, setKind] = useState(chart.kind);
  const other = kind === 'bars' ? 'lines' : 'bars';
  return (
    <Panel
      title={title}
      className="chart-panel"
      aside={
        isThinned ? (
          <span class="quiet">smallest and largest value of many short periods</span>
        ) : (
          <button type="button" class="link" onClick={() => setKind(other)}>
            as {series.length > 1 && other === 'bars' ? 'stacked bars' : other}
          </button>
        )
      }
    >
      <Chart
        label={`Chart of ${title}, ${plural(x.length, 'point')}`}
        x={x}
        series={series}
        kind={kind}
        isTime={isTime}
        {...(names && { names })}
        height={220}
      />
    </Panel>
  );
}
