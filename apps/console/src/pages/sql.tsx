import { useEffect, useRef, useState } from 'preact/hooks';
import type { PageProps } from '../app';
import type { EventTypeFacts } from '../model/facts';
import { chartOf, type ResultChart as ResultChartFacts } from '../model/result-chart';
import { ResultRows, type ResultTable } from '../model/result-rows';
import { count, plural } from '../model/text';
import { sqlParts } from '../sql-parts';
import { Chart } from '../ui/chart';
import { Grid } from '../ui/grid';
import { useClient, useLoaded } from '../ui/hooks';
import { Body, Empty, Fault, PageHead, Panel, Select } from '../ui/parts';
import { sqlEditor, type SqlEditor } from '../ui/sql-editor';
import { Joins } from './joins';

interface Column {
  readonly name: string;
  readonly type: string;
}

interface Result {
  readonly columns: readonly Column[];
  readonly rows: ResultTable;
  /** Number of rows that have arrived. */
  readonly rowCount: number;
  readonly isOver: boolean;
  readonly milliseconds?: number;
  readonly isCut?: boolean;
}

interface NamedQuery {
  readonly name: string;
  readonly description?: string;
  readonly parameters: Readonly<
    Record<
      string,
      { readonly type: string; readonly description?: string; readonly default?: unknown }
    >
  >;
}

const storedQueries = 'sluice-queries';
/** Milliseconds of work after which the page gets its turn. */
const sliceMs = 30;
const numberTypes = /^(?:tinyint|smallint|integer|int|bigint|float|real|double|decimal)/i;

/** Runs SQL on the lake, and shows the result as a grid and a chart. */
export function SqlPage({ query, lake }: PageProps) {
  const client = useClient();
  const types = useLoaded(
    () =>
      client.get<{ readonly eventTypes: readonly EventTypeFacts[] }>(
        'operations',
        '/v1/event-types',
      ),
    [client],
  );
  const named = useLoaded(
    () => client.get<{ readonly queries: readonly NamedQuery[] }>('analytics', '/v1/queries'),
    [client],
  );
  const holder = useRef<HTMLDivElement>(null);
  const editor = useRef<SqlEditor | undefined>(undefined);
  const running = useRef<AbortController | undefined>(undefined);
  const [result, setResult] = useState<Result>();
  const [error, setError] = useState<string>();
  const [openRow, setOpenRow] = useState<number>();
  const [saved, setSaved] = useState<readonly { readonly name: string; readonly sql: string }[]>(
    () => readSaved(),
  );
  const isFree = client.config.sql !== undefined;
  const biggest = [...(lake?.tables ?? [])].sort((a, b) => b.rows - a.rows)[0]?.table;
  const table = query.get('table') ?? biggest ?? 'product_event';

  const run = async (): Promise<void> => {
    const text = editor.current?.text().trim() ?? '';
    if (!isFree || text === '') return;
    running.current?.abort();
    const control = (running.current = new AbortController());
    setError(undefined);
    setOpenRow(undefined);
    setResult({ columns: [], rows: new ResultRows(0), rowCount: 0, isOver: false });
    try {
      let columns: readonly Column[] = [];
      let rows = new ResultRows(0);
      let shownMs = 0;
      let workedMs = performance.now();
      for await (const part of sqlParts(client, text, control.signal)) {
        if (part.columns) {
          ({ columns } = part);
          rows = new ResultRows(columns.length);
        }
        rows.append(part.rows ?? []);
        const { rowCount } = rows;
        if (performance.now() - workedMs > sliceMs) {
          // Reading the result must not block the page.
          await untilIdle();
          workedMs = performance.now();
        }
        if (part.milliseconds !== undefined)
          setResult({
            columns,
            rows,
            rowCount,
            isOver: true,
            milliseconds: part.milliseconds,
            isCut: part.isCut === true,
          });
        else if (performance.now() - shownMs > 200) {
          shownMs = performance.now();
          setResult({ columns, rows, rowCount, isOver: false });
        }
      }
    } catch (fault) {
      if (control.signal.aborted) return;
      setResult(undefined);
      setError((fault as Error).message);
    }
  };
  const runNow = useRef(run);
  runNow.current = run;

  useEffect(() => {
    const { current } = holder;
    if (!current || !isFree) return undefined;
    const made = sqlEditor(current, {
      text: localStorage.getItem('sluice-sql') ?? starter(table),
      onRun: () => void runNow.current(),
      onChange: (text) => localStorage.setItem('sluice-sql', text),
    });
    editor.current = made;
    if (query.has('table')) made.setText(starter(table));
    void runNow.current();
    return () => {
      running.current?.abort();
      made.close();
    };
  }, [isFree]);
  useEffect(() => {
    editor.current?.setSchema(
      Object.fromEntries(
        (types.value?.eventTypes ?? []).flatMap((one) => {
          const columns = [...one.columns.map(({ name }) => name), 'dt'];
          return [
            [one.table, columns],
            [`${one.table}_latest`, columns],
            [`${one.table}_raw`, columns],
          ];
        }),
      ),
    );
  }, [types.value]);

  const keep = (): void => {
    const text = editor.current?.text() ?? '';
    const name = text.replace(/\s+/g, ' ').trim().slice(0, 48);
    if (name === '') return;
    const next = [{ name, sql: text }, ...saved.filter((one) => one.name !== name)].slice(0, 30);
    setSaved(next);
    localStorage.setItem(storedQueries, JSON.stringify(next));
  };
  const examples = examplesOf(
    table,
    types.value?.eventTypes.find((one) => one.table === table),
  );
  const isRunning = result !== undefined && !result.isOver;
  return (
    <>
      <PageHead
        title="SQL"
        about="The whole lake as tables. On a laptop DuckDB answers what Athena answers in the cloud."
      >
        {isFree && (
          <>
            <Select
              label="Insert"
              value=""
              options={[
                ['', 'an example or a query that was kept …'],
                ...examples.map(({ name }, index) => [`e${index}`, name] as const),
                ...saved.map(({ name }, index) => [`s${index}`, `kept: ${name}`] as const),
              ]}
              onChange={(chosen) => {
                const list = chosen.startsWith('e') ? examples : saved;
                const found = list[Number(chosen.slice(1))];
                if (found) {
                  editor.current?.setText(found.sql);
                  void run();
                }
              }}
            />
            <button type="button" onClick={keep}>
              Keep
            </button>
            <button
              type="button"
              class="primary"
              onClick={() => {
                if (isRunning) {
                  running.current?.abort();
                  setResult(undefined);
                } else void run();
              }}
            >
              {isRunning ? 'Stop' : 'Run'} <kbd>Ctrl ⏎</kbd>
            </button>
          </>
        )}
      </PageHead>
      {isFree ? (
        <div class="editor" ref={holder} />
      ) : (
        <p class="quiet">In the cloud queries are named ones; Athena's own page takes any.</p>
      )}
      <Fault message={error} />
      {result && result.columns.length > 0 && (
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
              onOpen={setOpenRow}
            />
            {result.isOver && result.rowCount === 0 && <Empty>No row fits.</Empty>}
            {openRow !== undefined && openRow < result.rowCount && (
              <Body
                label="The row that was opened"
                text={JSON.stringify(
                  Object.fromEntries(
                    result.columns.map(({ name }, index) => [
                      name,
                      result.rows.cell(openRow, index),
                    ]),
                  ),
                )}
              />
            )}
          </Panel>
        </>
      )}
      <Joins
        lake={lake}
        onAsk={
          isFree
            ? (text) => {
                editor.current?.setText(text);
                void run();
              }
            : undefined
        }
      />
      {(named.value?.queries.length ?? 0) > 0 && (
        <NamedQueries queries={named.value?.queries ?? []} />
      )}
    </>
  );
}

/** Resolves once the page has had its turn. */
const untilIdle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

const starter = (table: string): string =>
  `select *\nfrom ${table}\norder by ingested_at desc\nlimit 100`;

/** Returns example queries for a table. */
function examplesOf(
  table: string,
  eventType: EventTypeFacts | undefined,
): readonly { readonly name: string; readonly sql: string }[] {
  const text = eventType?.columns.find(
    ({ type, isSystem, path }) =>
      type === 'string' && !isSystem && path !== eventType.key && path !== eventType.identity,
  )?.name;
  return [
    { name: `latest rows of ${table}`, sql: starter(table) },
    ...(text === undefined
      ? []
      : [
          {
            name: `rows by ${text}`,
            sql: `select ${text}, count(*) as events\nfrom ${table}\ngroup by ${text}\norder by events desc\nlimit 20`,
          },
        ]),
    {
      name: 'rows by minute',
      sql: `select date_trunc('minute', ingested_at) as minute, count(*) as events\nfrom ${table}\ngroup by 1\norder by 1`,
    },
    {
      name: 'rows by day',
      sql: `select dt, count(*) as events\nfrom ${table}\ngroup by dt\norder by dt`,
    },
  ];
}

function readSaved(): readonly { readonly name: string; readonly sql: string }[] {
  try {
    const kept = JSON.parse(localStorage.getItem(storedQueries) ?? '[]') as unknown;
    return Array.isArray(kept)
      ? (kept as readonly { readonly name: string; readonly sql: string }[])
      : [];
  } catch {
    return [];
  }
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

/** Lists the named queries, and runs them by the API that other programs use. */
function NamedQueries({ queries }: { readonly queries: readonly NamedQuery[] }) {
  const client = useClient();
  const [name, setName] = useState('');
  const [values, setValues] = useState<Readonly<Record<string, string>>>({});
  const [rows, setRows] = useState<readonly Readonly<Record<string, unknown>>[]>();
  const [error, setError] = useState<string>();
  const chosen = queries.find((one) => one.name === name);
  const today = new Date().toISOString().slice(0, 10);
  const valueOf = (parameter: string): string =>
    values[parameter] ??
    (chosen?.parameters[parameter]?.default === undefined
      ? chosen?.parameters[parameter]?.type === 'date'
        ? today
        : ''
      : String(chosen.parameters[parameter].default as string));
  const run = async (): Promise<void> => {
    if (!chosen) return;
    setError(undefined);
    setRows(undefined);
    try {
      const parameters = Object.fromEntries(
        Object.entries(chosen.parameters)
          .map(
            ([one, { type }]) =>
              [one, type === 'integer' ? Number(valueOf(one)) : valueOf(one)] as const,
          )
          .filter(([, value]) => value !== ''),
      );
      const { id } = await client.post<{ readonly id: string }>(
        'analytics',
        `/v1/queries/${chosen.name}`,
        parameters,
      );
      for (;;) {
        await new Promise((resolve) => setTimeout(resolve, 400));
        const { rows: found, state } = await client.get<{
          readonly rows?: readonly Readonly<Record<string, unknown>>[];
          readonly state?: string;
          readonly message?: string;
        }>('analytics', `/v1/queries/${id}`);
        if (found) {
          setRows(found);
          return;
        }
        if (state === 'FAILED' || state === 'CANCELLED')
          throw new Error(`the query ended as ${state}`);
      }
    } catch (fault) {
      setError((fault as Error).message);
    }
  };
  const names = Object.keys(rows?.[0] ?? {});
  return (
    <Panel title="Named queries">
      <form
        class="bar"
        onSubmit={(event) => {
          event.preventDefault();
          void run();
        }}
      >
        <Select
          label="Query"
          value={name}
          options={[['', 'choose …'], ...queries.map((one) => [one.name, one.name] as const)]}
          onChange={(next) => {
            setName(next);
            setValues({});
            setRows(undefined);
          }}
        />
        {Object.entries(chosen?.parameters ?? {}).map(([parameter, { description }]) => (
          <label class="field" key={parameter} title={description}>
            <span>{parameter}</span>
            <input
              value={valueOf(parameter)}
              onInput={(event) => setValues({ ...values, [parameter]: event.currentTarget.value })}
            />
          </label>
        ))}
        {chosen && (
          <button type="submit" class="primary">
            Run
          </button>
        )}
      </form>
      {chosen?.description !== undefined && <p class="quiet">{chosen.description}</p>}
      <Fault message={error} />
      {rows && rows.length === 0 && <Empty>No row fits.</Empty>}
      {rows && rows.length > 0 && (
        <Grid
          label="Rows of the named query"
          columns={names.map((one) => ({
            name: one,
            isNumber: typeof rows[0]?.[one] === 'number',
          }))}
          rowCount={rows.length}
          cell={(row, column) => {
            const value = rows[row]?.[names[column] ?? ''];
            return value === null || value === undefined ? undefined : String(value as string);
          }}
          height={300}
        />
      )}
    </Panel>
  );
}
