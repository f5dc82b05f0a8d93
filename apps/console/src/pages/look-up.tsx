import { useEffect, useState } from 'preact/hooks';
import type { PageProps } from './page-props';
import type { EventTypeFacts, RowObject } from '../model/facts';
import { plural } from '../model/text';
import { pageUrl } from '../model/address';
import { useAddressed, useClient, useEventTypes, useLoaded } from '../ui/hooks';
import { cellText, Grid } from '../ui/grid';
import { Body, Empty, Fault, PageHead, Panel, Select, TextField } from '../ui/parts';
import { PlanPanel, type Plan } from './look-up-plan';

interface Found {
  readonly rows: readonly RowObject[];
  readonly count: number;
  readonly message?: string;
  readonly explain?: Plan;
}

/** Parameters of a look-up, as texts; empty where they are not given. */
interface Asked {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  /** Names separated by commas. */
  readonly columns: string;
}

const readAsked = (query: URLSearchParams): Asked => ({
  id: query.get('id') ?? '',
  from: query.get('from') ?? '',
  to: query.get('to') ?? '',
  columns: query.get('columns') ?? '',
});

/** Finds rows by key, and shows the work that this took. */
export function LookUpPage({ query, lake }: PageProps) {
  const client = useClient();
  const types = useEventTypes(lake);
  const eventTypes = types.value?.eventTypes ?? [];
  const [table, setTable] = useAddressed(query, 'table');
  const eventType =
    eventTypes.find((one) => one.table === table) ??
    [...eventTypes].sort((a, b) => rowsOf(b) - rowsOf(a))[0];
  // The address holds the look-up that is shown; the form holds one that was not sent yet.
  const asked = readAsked(query);
  const [draft, setDraft] = useState(asked);
  const change = (part: Partial<Asked>): void => setDraft({ ...draft, ...part });
  const [found, setFound] = useState<Found>();
  const [elapsed, setElapsed] = useState(0);
  const [requestId, setRequestId] = useState('');
  const [error, setError] = useState<string>();
  const [openRow, setOpenRow] = useState<number>();
  function rowsOf(one: EventTypeFacts): number {
    return lake?.tables.find((each) => each.table === one.table)?.rows ?? 0;
  }
  const latest = useLoaded(
    eventType === undefined
      ? undefined
      : () =>
          client.get<{ readonly rows: readonly RowObject[] }>(
            'operations',
            `/v1/lake/${eventType.table}/rows`,
            {
              query: { limit: '12' },
            },
          ),
    [client, eventType?.table],
  );
  const keyColumn = eventType?.columns.find(({ path }) => path === eventType.key)?.name ?? '';
  const keys = [...new Set((latest.value?.rows ?? []).map((row) => row[keyColumn]))]
    .filter((key) => key !== null && key !== undefined)
    .map((key) => String(key as string | number))
    .slice(0, 6);
  const look = async ({ id, ...limits }: Asked): Promise<void> => {
    if (!eventType || id === '') return;
    setError(undefined);
    setOpenRow(undefined);
    try {
      const { body, headers, milliseconds } = await client.ask<Found>(
        'lookup',
        `/v1/events/${eventType.name}`,
        {
          query: { id, ...limits, explain: 'true' },
        },
      );
      setFound(body);
      setElapsed(milliseconds);
      setRequestId(headers.get('x-amzn-requestid') ?? '');
    } catch (fault) {
      setFound(undefined);
      setError((fault as Error).message);
    }
  };
  const ask = (wanted: Asked): void => {
    if (!eventType) return;
    const address = pageUrl('look-up', { table: eventType.table, ...wanted });
    if (address === location.hash) void look(wanted);
    else location.hash = address;
  };
  useEffect(() => {
    setFound(undefined);
    setError(undefined);
    setDraft(asked);
    void look(asked);
  }, [eventType?.table, query]);
  const names = found?.rows[0] ? Object.keys(found.rows[0]) : [];
  const opened = openRow === undefined ? undefined : found?.rows[openRow];
  return (
    <>
      <PageHead title="Look up" about="Rows by key: one small ranged read, however big the day." />
      <form
        class="bar"
        onSubmit={(event) => {
          event.preventDefault();
          ask(draft);
        }}
      >
        <Select
          label="Event type"
          value={eventType?.table ?? ''}
          options={eventTypes.map((one) => [one.table, one.name] as const)}
          onChange={(next) => {
            if (draft.id === '') setTable(next);
            else location.hash = pageUrl('look-up', { table: next });
          }}
        />
        <TextField
          label={eventType?.key ?? 'Key'}
          value={draft.id}
          onInput={(id) => change({ id })}
          required
        />
        <TextField
          label="From day (default: last 31)"
          type="date"
          value={draft.from}
          onInput={(from) => change({ from })}
        />
        <TextField label="To day" type="date" value={draft.to} onInput={(to) => change({ to })} />
        <TextField
          label="Columns"
          value={draft.columns}
          onInput={(columns) => change({ columns })}
          placeholder="all"
        />
        <button type="submit" class="primary">
          Look up
        </button>
      </form>
      {keys.length > 0 && (
        <p class="keys">
          <span class="quiet">Recent keys:</span>
          {keys.map((key) => (
            <button type="button" class="chip" key={key} onClick={() => ask({ ...draft, id: key })}>
              <bdi>{key.slice(0, 40)}</bdi>
            </button>
          ))}
        </p>
      )}
      <Fault message={error ?? types.error} />
      {found && (
        <>
          <Panel
            title="Rows"
            aside={
              <span class="quiet">
                {plural(found.count, 'row')} in {elapsed.toFixed(0)} ms
                {client.config.traces !== undefined && requestId !== '' && (
                  <>
                    {' · '}
                    <a href={pageUrl('traces', { find: requestId })}>its trace</a>
                  </>
                )}
              </span>
            }
          >
            {found.count === 0 ? (
              <Empty>
                No row has this key
                {found.explain && ` from ${found.explain.from} to ${found.explain.to}`}. Search
                other days with “From day” and “To day”.
              </Empty>
            ) : (
              <Grid
                label="Rows found"
                columns={names.map((name) => ({
                  name,
                  isNumber: typeof found.rows[0]?.[name] === 'number',
                }))}
                rowCount={found.rows.length}
                cell={(row, column) => cellText(found.rows[row]?.[names[column] ?? ''])}
                height={260}
                onOpen={(row) => setOpenRow((open) => (open === row ? undefined : row))}
              />
            )}
            {opened && <Body text={JSON.stringify(opened)} label="Opened row" />}
            {opened &&
              client.config.traces !== undefined &&
              typeof opened['event_id'] === 'string' && (
                <p>
                  <a href={pageUrl('traces', { find: opened['event_id'] })}>Trace of the event</a>
                </p>
              )}
          </Panel>
          {found.explain && <PlanPanel plan={found.explain} elapsed={elapsed} />}
        </>
      )}
      {!found && error === undefined && (
        <Empty>
          {keys.length > 0 ? 'Choose a recent key, or enter one.' : 'Enter a key to look up.'}{' '}
          {eventType &&
            (lake?.tables.find((one) => one.table === eventType.table)?.rows ?? 1) === 0 && (
              <>
                There are no rows of {eventType.name} yet:{' '}
                <a href={pageUrl('live', { table: eventType.table })}>send a test event</a>.
              </>
            )}
        </Empty>
      )}
    </>
  );
}
