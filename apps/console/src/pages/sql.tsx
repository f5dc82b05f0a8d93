import { useEffect, useRef, useState } from 'preact/hooks';
import type { PageProps } from './page-props';
import type { TableOverview } from '../model/facts';
import { ResultRows } from '../model/result-rows';
import { examplesOf, starter } from '../model/sql-examples';
import { plural } from '../model/text';
import { sqlParts } from '../sql-parts';
import { useClient, useEventTypes, useLoaded } from '../ui/hooks';
import { Fault, PageHead, Select } from '../ui/parts';
import { sqlEditor, type SqlEditor } from '../ui/sql-editor';
import { untilIdle } from '../ui/until-idle';
import { Joins } from './joins';
import { NamedQueries, type NamedQuery } from './named-queries';
import { ResultPanels, type Column, type Result } from './sql-result';

const storedQueries = 'sluice-queries';
/** Milliseconds of work after which the page gets its turn: less than a frame. */
const sliceMs = 12;

/** Runs SQL on the lake, and shows the result as a grid and a chart. */
export function SqlPage({ query, lake }: PageProps) {
  const client = useClient();
  const types = useEventTypes(lake);
  const named = useLoaded(
    () => client.get<{ readonly queries: readonly NamedQuery[] }>('analytics', '/v1/queries'),
    [client],
  );
  const holder = useRef<HTMLDivElement>(null);
  const editor = useRef<SqlEditor | undefined>(undefined);
  const running = useRef<AbortController | undefined>(undefined);
  const [result, setResult] = useState<Result>();
  const [error, setError] = useState<string>();
  const [saved, setSaved] = useState<readonly { readonly name: string; readonly sql: string }[]>(
    () => readSaved(),
  );
  const isFree = client.config.sql !== undefined;
  const newest = [...(lake?.tables ?? [])].sort(
    (one, other) => (other.lastDeliveryMs ?? 0) - (one.lastDeliveryMs ?? 0),
  )[0]?.table;
  const wanted = query.get('table') ?? undefined;
  const table = wanted ?? newest ?? 'product_event';

  const run = async (): Promise<void> => {
    const text = editor.current?.text().trim() ?? '';
    if (!isFree || text === '') return;
    running.current?.abort();
    const control = (running.current = new AbortController());
    setError(undefined);
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
    if (wanted === undefined) void runNow.current();
    return () => {
      running.current?.abort();
      made.close();
    };
  }, [isFree]);
  useEffect(() => {
    if (wanted === undefined || !editor.current) return;
    editor.current.setText(starter(wanted));
    void runNow.current();
  }, [wanted]);
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
        about="The whole lake as tables. On a laptop, DuckDB runs the queries that Athena runs in the cloud."
      >
        {isFree && (
          <>
            <Select
              label="Insert"
              value=""
              options={[
                ['', 'an example or a saved query …'],
                ...examples.map(({ name }, index) => [`e${index}`, name] as const),
                ...saved.map(({ name }, index) => [`s${index}`, `saved: ${name}`] as const),
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
              Save
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
        <>
          <Tables
            tables={lake?.tables ?? []}
            onAsk={(text) => {
              editor.current?.setText(text);
              void run();
            }}
          />
          <div class="editor" ref={holder} />
          <p class="quiet editor-hint">
            <kbd>Ctrl ⏎</kbd> runs it, <kbd>Ctrl Space</kbd> completes, <kbd>Esc</kbd> and then{' '}
            <kbd>Tab</kbd> leaves the editor.
          </p>
        </>
      ) : (
        <p class="quiet">
          In the cloud, only named queries run here; use Athena's own console for any other query.
        </p>
      )}
      <Fault message={error} />
      {result && result.columns.length > 0 && <ResultPanels result={result} />}
      <Joins
        lake={lake}
        wanted={query.get('join') ?? undefined}
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

/** Lists the tables with their numbers of rows; each asks for its latest rows. */
function Tables({
  tables,
  onAsk,
}: {
  readonly tables: readonly TableOverview[];
  readonly onAsk: (sql: string) => void;
}) {
  if (tables.length === 0) return null;
  return (
    <p class="editor-tables">
      <span class="quiet">Tables</span>
      {[...tables]
        .sort((one, other) => other.rows - one.rows)
        .map(({ table, rows }) => (
          <span key={table}>
            <button type="button" class="link" onClick={() => onAsk(starter(table))}>
              {table}
            </button>{' '}
            <span class="quiet">{plural(rows, 'row')}</span>
          </span>
        ))}
    </p>
  );
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
