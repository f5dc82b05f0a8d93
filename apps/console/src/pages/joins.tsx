import { lakeDate } from '@sluice/lake-layout/keys';
import { useState } from 'preact/hooks';
import type { LakeOverview } from '../model/facts';
import { count, dayAndTime, duration } from '../model/text';
import { useClient, useLoaded } from '../ui/hooks';
import { FactsTable, Fault, Notice, Panel, Pill, Value, type Tone } from '../ui/parts';

interface Join {
  readonly name: string;
  readonly description?: string;
  readonly left: string;
  readonly right: string;
}

interface Run {
  readonly id: string;
  readonly join: string;
  readonly date?: string;
  readonly state: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';
  readonly startedAt?: string;
  readonly stoppedAt?: string;
  /** Counts of a run that succeeded. */
  readonly report?: Readonly<Record<string, unknown>>;
  readonly failedStep?: string;
  readonly reason?: string;
}

export interface JoinsProps {
  readonly lake: LakeOverview | undefined;
  /** Join that the address names, to be highlighted. @default none */
  readonly wanted?: string | undefined;
  /** Shows the rows of a run; undefined where the page takes no SQL. */
  readonly onAsk?: ((sql: string) => void) | undefined;
}

/** Milliseconds between two requests for the runs: while one is running, and while none is. */
const everyMs = { running: 1_500, idle: 30_000 };
const shownRuns = 12;
const tones: Readonly<Record<Run['state'], Tone>> = {
  RUNNING: 'busy',
  SUCCEEDED: 'good',
  FAILED: 'bad',
  TIMED_OUT: 'bad',
  ABORTED: 'bad',
};

/**
 * Lists the joins, runs one for a day, and shows the outcome of the latest runs, whether a user or a schedule started
 * them.
 */
export function Joins({ lake, wanted, onAsk }: JoinsProps) {
  const client = useClient();
  const jobs = useLoaded(
    () => client.get<{ readonly jobs: readonly Join[] }>('analytics', '/v1/jobs'),
    [client],
  );
  /** Runs that were started here and are not in a list yet. */
  const [begun, setBegun] = useState<readonly Run[]>([]);
  const [isRunning, setRunning] = useState(false);
  const [days, setDays] = useState<Readonly<Record<string, string>>>({});
  const [error, setError] = useState<string>();
  const joins = jobs.value?.jobs ?? [];
  const listed = useLoaded(
    joins.length === 0
      ? undefined
      : async () => {
          const lists = await Promise.all(
            joins.map(({ name }) =>
              client.get<{ readonly runs: readonly Run[] }>('analytics', `/v1/jobs/${name}/runs`),
            ),
          );
          const runs = lists.flatMap((list) => list.runs);
          setBegun((before) => before.filter(({ id }) => !runs.some((one) => one.id === id)));
          setRunning(runs.some(({ state }) => state === 'RUNNING'));
          return runs;
        },
    [client, jobs.value],
    isRunning || begun.length > 0 ? everyMs.running : everyMs.idle,
  );
  const runs = [...begun, ...(listed.value ?? []).filter(({ id }) => !isIn(begun, id))]
    .sort((a, b) => ((a.startedAt ?? '~') < (b.startedAt ?? '~') ? 1 : -1))
    .slice(0, shownRuns);
  const lastDayOf = (table: string): string =>
    lake?.tables.find((one) => one.table === table)?.lastDay ?? lakeDate(Date.now());

  const run = async (join: string, date: string): Promise<void> => {
    setError(undefined);
    try {
      const one = await client.post<Run>('analytics', `/v1/jobs/${join}/runs`, { date });
      setBegun((before) => [one, ...before]);
    } catch (fault) {
      setError((fault as Error).message);
    }
  };
  if (!jobs.value && jobs.error !== undefined)
    return (
      <Panel title="Joins">
        <Fault message={jobs.error} />
      </Panel>
    );
  if (joins.length === 0 && (wanted === undefined || !jobs.value)) return null;
  return (
    <Panel title="Joins">
      <Fault message={error} />
      <Notice
        message={
          wanted !== undefined && !joins.some(({ name }) => name === wanted)
            ? `The address names the join “${wanted}”, which does not exist.`
            : undefined
        }
      />
      <FactsTable label="Joins, with the day to run">
        <thead>
          <tr>
            <th scope="col">Join</th>
            <th scope="col">Of</th>
            <th scope="col">Means</th>
            <th scope="col">Run it for</th>
          </tr>
        </thead>
        <tbody>
          {joins.map(({ name, left, right, description }) => {
            const day = days[name] ?? lastDayOf(left);
            return (
              <tr key={name} ref={name === wanted ? pointOut : null}>
                <th scope="row">
                  <code>{name}</code>
                </th>
                <td>
                  <code>{left}</code> with <code>{right}</code>
                </td>
                <td class="quiet">{description}</td>
                <td>
                  <form
                    class="bar"
                    onSubmit={(event) => {
                      event.preventDefault();
                      void run(name, day);
                    }}
                  >
                    <input
                      type="date"
                      aria-label={`Day of ${name}`}
                      value={day}
                      onInput={({ currentTarget }) =>
                        setDays((before) => ({ ...before, [name]: currentTarget.value }))
                      }
                    />
                    <button type="submit" aria-label={`Run ${name}`}>
                      Run
                    </button>
                  </form>
                </td>
              </tr>
            );
          })}
        </tbody>
      </FactsTable>
      <h3>Latest runs</h3>
      <Fault
        message={
          listed.error && `The runs can't be loaded at the moment; trying again: ${listed.error}`
        }
      />
      {listed.value && runs.length === 0 && (
        <p class="quiet">
          None yet. A join runs when a day of its event type is sealed, or when you run it here.
        </p>
      )}
      <ul class="runs" aria-label="Latest runs" aria-live="polite">
        {runs.map((one) => (
          <RunLine key={`${one.join} ${one.id}`} run={one} onAsk={onAsk} />
        ))}
      </ul>
    </Panel>
  );
}

/** Scrolls the row of a join into view, and marks it. */
function pointOut(row: HTMLTableRowElement | null): void {
  row?.classList.add('marked');
  row?.scrollIntoView({ block: 'center' });
}

const isIn = (runs: readonly Run[], id: string): boolean => runs.some((one) => one.id === id);

function RunLine({
  run: { join, date, state, startedAt, stoppedAt, report, failedStep, reason },
  onAsk,
}: {
  readonly run: Run;
  readonly onAsk: JoinsProps['onAsk'];
}) {
  return (
    <li>
      <Pill tone={tones[state]}>{state.toLowerCase().replace('_', ' ')}</Pill> <code>{join}</code>
      {date !== undefined && ` for ${date}`}
      {report && `: ${reportText(report)} `}
      {failedStep !== undefined && (
        <>
          {' '}
          at “{failedStep}”: <Value text={reason ?? ''} />
        </>
      )}
      {startedAt !== undefined && <span class="quiet"> {timesText(startedAt, stoppedAt)} </span>}
      {state === 'SUCCEEDED' && date !== undefined && onAsk && (
        <button
          type="button"
          class="link"
          onClick={() => onAsk(`select *\nfrom ${join}\nwhere dt = '${date}'\nlimit 100`)}
        >
          query its rows
        </button>
      )}
    </li>
  );
}

function timesText(startedAt: string, stoppedAt: string | undefined): string {
  const startedMs = Date.parse(startedAt);
  const begun = `begun ${dayAndTime(startedMs)} UTC`;
  if (stoppedAt === undefined) return begun;
  return `${begun}, took ${duration(Date.parse(stoppedAt) - startedMs)}`;
}

const reportText = (report: Readonly<Record<string, unknown>>): string =>
  Object.entries(report)
    .filter((entry): entry is [string, number] => typeof entry[1] === 'number')
    // Counts of zero are left out, except for the rows.
    .filter(([name, value]) => value > 0 || name.endsWith('rows'))
    .map(([name, value]) => `${count(value)} ${name.replaceAll('_', ' ')}`)
    .join(', ');
