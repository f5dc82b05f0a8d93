import { lakeDate } from '@sluice/lake-layout/keys';
import { useState } from 'preact/hooks';
import { untilEnded } from '../model/until-ended';
import { cellText, Grid } from '../ui/grid';
import { useClient, useLeaving } from '../ui/hooks';
import { Empty, Fault, Panel, Select } from '../ui/parts';

export interface NamedQuery {
  readonly name: string;
  readonly description?: string;
  readonly parameters: Readonly<
    Record<
      string,
      { readonly type: string; readonly description?: string; readonly default?: unknown }
    >
  >;
}

/** An execution that is running, has failed, or has rows. */
interface Execution {
  readonly rows?: readonly Readonly<Record<string, unknown>>[];
  readonly state?: string;
  readonly reason?: string;
}

/** Lists the named queries, and runs them by the API that other programs use. */
export function NamedQueries({ queries }: { readonly queries: readonly NamedQuery[] }) {
  const client = useClient();
  const [name, setName] = useState('');
  const [values, setValues] = useState<Readonly<Record<string, string>>>({});
  const [rows, setRows] = useState<readonly Readonly<Record<string, unknown>>[]>();
  const [error, setError] = useState<string>();
  const [isRunning, setRunning] = useState(false);
  const signal = useLeaving();
  const chosen = queries.find((one) => one.name === name);
  const today = lakeDate(Date.now());
  const valueOf = (parameter: string): string =>
    values[parameter] ??
    (chosen?.parameters[parameter]?.default === undefined
      ? chosen?.parameters[parameter]?.type === 'date'
        ? today
        : ''
      : (cellText(chosen.parameters[parameter].default) ?? ''));
  const run = async (): Promise<void> => {
    if (!chosen) return;
    setError(undefined);
    setRows(undefined);
    setRunning(true);
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
      const ended = await untilEnded({
        ask: () => client.get<Execution>('analytics', `/v1/queries/${id}`),
        hasEnded: ({ rows: found, state }) =>
          found !== undefined || state === 'FAILED' || state === 'CANCELLED',
        everyMs: 400,
        signal,
      });
      if (!ended.rows)
        throw new Error(`the query ended as ${ended.state ?? ''}: ${ended.reason ?? 'no reason'}`);
      setRows(ended.rows);
    } catch (fault) {
      setError((fault as Error).message);
    } finally {
      setRunning(false);
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
          <button type="submit" class="primary" disabled={isRunning}>
            {isRunning ? 'Running …' : 'Run'}
          </button>
        )}
      </form>
      {chosen?.description !== undefined && <p class="quiet">{chosen.description}</p>}
      <Fault message={error} />
      {rows?.length === 0 && <Empty>No rows.</Empty>}
      {rows && rows.length > 0 && (
        <Grid
          label="Rows of the named query"
          columns={names.map((one) => ({
            name: one,
            isNumber: typeof rows[0]?.[one] === 'number',
          }))}
          rowCount={rows.length}
          cell={(row, column) => cellText(rows[row]?.[names[column] ?? ''])}
          height={300}
        />
      )}
    </Panel>
  );
}
