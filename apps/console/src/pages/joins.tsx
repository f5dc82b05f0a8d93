import { useEffect, useRef, useState } from 'preact/hooks';
import type { LakeOverview } from '../model/facts';
import { count } from '../model/text';
import { useClient, useLoaded } from '../ui/hooks';
import { Fault, Panel, Pill, type Tone } from '../ui/parts';

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
  /** Counts of a run that succeeded. */
  readonly report?: Readonly<Record<string, unknown>>;
  readonly failedStep?: string;
  readonly reason?: string;
}

export interface JoinsProps {
  readonly lake: LakeOverview | undefined;
  /** Shows the rows of a run; undefined where the page takes no SQL. */
  readonly onAsk?: ((sql: string) => void) | undefined;
}

const askMs = 1_000;
const tones: Readonly<Record<Run['state'], Tone>> = {
  RUNNING: 'busy',
  SUCCEEDED: 'good',
  FAILED: 'bad',
  TIMED_OUT: 'bad',
  ABORTED: 'bad',
};

/** Lists the joins, runs one for a day, and says what came of the runs that were begun here. */
export function Joins({ lake, onAsk }: JoinsProps) {
  const client = useClient();
  const jobs = useLoaded(
    () => client.get<{ readonly jobs: readonly Join[] }>('analytics', '/v1/jobs'),
    [client],
  );
  const [runs, setRuns] = useState<readonly Run[]>([]);
  const [days, setDays] = useState<Readonly<Record<string, string>>>({});
  const [error, setError] = useState<string>();
  const isGone = useRef(false);
  useEffect(
    () => () => {
      isGone.current = true;
    },
    [],
  );
  const lastDayOf = (table: string): string =>
    lake?.tables.find((one) => one.table === table)?.lastDay ??
    new Date().toISOString().slice(0, 10);

  const run = async (join: string, date: string): Promise<void> => {
    setError(undefined);
    try {
      const path = `/v1/jobs/${join}/runs`;
      let one = await client.post<Run>('analytics', path, { date });
      setRuns((before) => [one, ...before]);
      while (one.state === 'RUNNING' && !isGone.current) {
        await new Promise((resolve) => setTimeout(resolve, askMs));
        const next = await client.get<Run>('analytics', `${path}/${one.id}`);
        one = { ...one, ...next };
        setRuns((before) => before.map((other) => (other.id === next.id ? one : other)));
      }
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
  if (!jobs.value || jobs.value.jobs.length === 0) return null;
  return (
    <Panel title="Joins">
      <Fault message={error} />
      <div
        class="table-scroll"
        tabIndex={0}
        role="region"
        aria-label="The joins, and for which day to run them"
      >
        <table class="facts">
          <thead>
            <tr>
              <th scope="col">Join</th>
              <th scope="col">Of</th>
              <th scope="col">Means</th>
              <th scope="col">Run it for</th>
            </tr>
          </thead>
          <tbody>
            {jobs.value.jobs.map(({ name, left, right, description }) => {
              const day = days[name] ?? lastDayOf(left);
              return (
                <tr key={name}>
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
        </table>
      </div>
      {runs.length > 0 && (
        <ul aria-label="Runs that were begun here" aria-live="polite">
          {runs.map((one) => (
            <li key={one.id}>
              <Pill tone={tones[one.state]}>{one.state.toLowerCase().replace('_', ' ')}</Pill>{' '}
              <code>{one.join}</code> for {one.date}
              {one.report && `: ${reportText(one.report)} `}
              {one.failedStep !== undefined && ` at “${one.failedStep}”: ${one.reason ?? ''}`}
              {one.state === 'SUCCEEDED' && onAsk && (
                <button
                  type="button"
                  class="link"
                  onClick={() =>
                    onAsk(`select *\nfrom ${one.join}\nwhere dt = '${one.date ?? ''}'\nlimit 100`)
                  }
                >
                  ask for its rows
                </button>
              )}
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

const reportText = (report: Readonly<Record<string, unknown>>): string =>
  Object.entries(report)
    .filter((entry): entry is [string, number] => typeof entry[1] === 'number')
    .map(([name, value]) => `${count(value)} ${name.replaceAll('_', ' ')}`)
    .join(', ');
