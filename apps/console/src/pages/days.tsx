import { dayAfter, lakeDate } from '@sluice/lake-layout/keys';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { PageProps } from './page-props';
import type { OperationRun, TableDay } from '../model/facts';
import { weeksOf } from '../model/calendar';
import { guideUrl } from '../model/guides';
import { count, dayAndTime, plural, shortCount, size } from '../model/text';
import { untilEnded } from '../model/until-ended';
import { useAddressed, useClient, useLeaving, useLoaded } from '../ui/hooks';
import {
  Empty,
  FactsTable,
  Fault,
  Notice,
  PageHead,
  Panel,
  Pill,
  Select,
  type Tone,
} from '../ui/parts';
import { Snapshots } from './snapshots';

const tones: Readonly<Record<TableDay['state'], Tone>> = {
  raw: 'warn',
  open: 'busy',
  sealed: 'good',
  late: 'warn',
  damaged: 'bad',
};
const sayings: Readonly<Record<TableDay['state'], string>> = {
  raw: 'nothing is compacted yet',
  open: 'compacted as files arrive',
  sealed: 'no more files are expected',
  late: 'files arrived after it was sealed',
  damaged: "its manifest can't be read",
};
const shownDays = 84;

/** Shows a table's days as a calendar, and compacts or seals them. */
export function DaysPage({ query, lake, reloadLake }: PageProps) {
  const client = useClient();
  const tables = [...(lake?.tables ?? [])].sort((a, b) => b.rows - a.rows);
  const [chosen, setChosen] = useAddressed(query, 'table');
  const [openDate, setOpenDate] = useAddressed(query, 'day');
  const table = tables.find((one) => one.table === chosen)?.table ?? tables[0]?.table;
  const { value, error, reload } = useLoaded(
    table === undefined
      ? undefined
      : () =>
          client.get<{ readonly days: readonly TableDay[] }>(
            'operations',
            `/v1/lake/${table}/days`,
          ),
    [client, table],
    client.config.mode === 'laptop' ? 4_000 : 30_000,
  );
  const calendar = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // The newest days are at the end, which a phone has no room for.
    if (calendar.current) calendar.current.scrollLeft = calendar.current.scrollWidth;
  }, []);
  const days = value?.days ?? [];
  const byDate = new Map(days.map((day) => [day.date, day]));
  const opened = byDate.get(openDate) ?? days[0];
  const today = lakeDate(lake?.atMs ?? Date.now());
  const most = Math.max(1, ...days.map(({ rows }) => rows));
  return (
    <>
      <PageHead
        title="Days"
        about="What each day holds: raw, compacted, sealed, late, and what was erased."
      >
        <Select
          label="Table"
          value={table ?? ''}
          options={tables.map((one) => [one.table, one.table] as const)}
          onChange={(next) => {
            setOpenDate('');
            setChosen(next);
          }}
        />
      </PageHead>
      <Fault message={error} />
      <Notice
        message={
          value && openDate !== '' && !byDate.has(openDate)
            ? `${table ?? 'The table'} holds nothing of the day “${openDate}”.`
            : undefined
        }
      />
      <div class="split days">
        <Panel title="The last twelve weeks" aside={<Legend />}>
          <div class="calendar" ref={calendar}>
            <div class="week names" aria-hidden="true">
              <span />
              {['Mon', '', 'Wed', '', 'Fri', '', ''].map((name, weekday) => (
                <span key={weekday}>{name}</span>
              ))}
            </div>
            {weeksOf(dayAfter(today, 1 - shownDays), today).map(({ days: week }, index) => (
              <div class="week" key={index}>
                <span class="month" aria-hidden="true">
                  {monthBegun(week)}
                </span>
                {week.map((date, weekday) => {
                  if (date === undefined) return <i key={weekday} />;
                  const day = byDate.get(date);
                  if (!day) return <i key={date} class="day none" title={`${date}: no row`} />;
                  return (
                    <button
                      type="button"
                      key={date}
                      class={`day ${day.state} ${day.erased ? 'erased' : ''}`}
                      aria-pressed={date === opened?.date}
                      aria-label={`${date}, ${day.state}, ${plural(day.rows, 'row')}${erasedText(day)}`}
                      title={`${date}: ${plural(day.rows, 'row')}${erasedText(day)}`}
                      onClick={() => setOpenDate(date)}
                    >
                      <b style={{ height: `${Math.max(8, (day.rows / most) * 100)}%` }} />
                    </button>
                  );
                })}
              </div>
            ))}
          </div>
          <p class="quiet hint">
            {(['raw', 'open', 'sealed', 'late'] as const).map((state) => (
              <span key={state}>
                <b>{state}</b>: {sayings[state]};{' '}
              </span>
            ))}
            <b>erased</b>: rows of people were erased. The higher a bar, the more rows.
          </p>
          {value && days.length === 0 && <Empty>There are no days with rows yet.</Empty>}
          {days.length > 0 && (
            <FactsTable label="Days and what they hold">
              <thead>
                <tr>
                  <th scope="col">Day</th>
                  <th scope="col">State</th>
                  <th scope="col" class="number">
                    Rows
                  </th>
                  <th scope="col" class="number">
                    Files
                  </th>
                  <th scope="col" class="number">
                    Size
                  </th>
                  <th scope="col" class="number">
                    Waiting
                  </th>
                </tr>
              </thead>
              <tbody>
                {days.slice(0, 60).map((day) => (
                  <tr key={day.date}>
                    <th scope="row">
                      <button type="button" class="link" onClick={() => setOpenDate(day.date)}>
                        {day.date}
                      </button>
                    </th>
                    <td>
                      <Pill tone={tones[day.state]}>{day.state}</Pill>
                      {day.erased && (
                        <>
                          {' '}
                          <Pill tone="quiet">{count(day.erased.rows)} erased</Pill>
                        </>
                      )}
                    </td>
                    <td class="number">{count(day.rows)}</td>
                    <td class="number">{count(day.files)}</td>
                    <td class="number">{size(day.bytes)}</td>
                    <td class="number">{shortCount(day.waiting.files)}</td>
                  </tr>
                ))}
              </tbody>
            </FactsTable>
          )}
        </Panel>
        {opened && table !== undefined && (
          <OpenDay
            key={`${table} ${opened.date}`}
            table={table}
            day={opened}
            onChanged={() => {
              reload();
              reloadLake();
            }}
          />
        )}
      </div>
      {table !== undefined && <Snapshots key={table} table={table} />}
    </>
  );
}

/** Returns the name of the month that begins in a week; empty where none does. */
function monthBegun(week: readonly (string | undefined)[]): string {
  const first = week.find((date) => date?.endsWith('-01'));
  return first === undefined
    ? ''
    : new Date(first).toLocaleString('en', { month: 'short', timeZone: 'UTC' });
}

const erasedText = ({ erased }: TableDay): string =>
  erased ? `, ${plural(erased.rows, 'row')} erased` : '';

function Legend() {
  return (
    <span class="day-legend quiet">
      {(['raw', 'open', 'sealed', 'late', 'erased'] as const).map((state) => (
        <span key={state}>
          <i class={`day ${state}`} /> {state}
        </span>
      ))}
    </span>
  );
}

interface Compacted {
  readonly days: readonly {
    readonly date: string;
    readonly rows: number;
    readonly rawFilesAbsorbed: number;
    readonly compactedFiles: number;
    readonly sealed: boolean;
  }[];
}

function OpenDay({
  table,
  day,
  onChanged,
}: {
  readonly table: string;
  readonly day: TableDay;
  readonly onChanged: () => void;
}) {
  const client = useClient();
  const [said, setSaid] = useState<string>();
  const [error, setError] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const [asksToSeal, setAsksToSeal] = useState(false);
  const signal = useLeaving();
  const compact = async (seal: boolean): Promise<void> => {
    setBusy(true);
    setAsksToSeal(false);
    setError(undefined);
    setSaid(seal ? 'Sealing …' : 'Compacting …');
    try {
      const path = `/v1/lake/${table}/compactions`;
      const { id } = await client.post<OperationRun>('operations', path, {
        date: day.date,
        ...(seal && { seal }),
      });
      const run = await untilEnded({
        ask: () => client.get<OperationRun<Compacted>>('operations', `${path}/${id}`),
        hasEnded: ({ state }) => state === 'done' || state === 'failed',
        everyMs: 400,
        signal,
      });
      if (run.state === 'failed') throw new Error(run.message);
      const done = run.result?.days.find(({ date }) => date === day.date);
      setSaid(
        done
          ? `${plural(done.rows, 'row')} in ${plural(done.compactedFiles, 'file')}, ${plural(done.rawFilesAbsorbed, 'raw file')} absorbed${done.sealed ? ', sealed' : ''}.`
          : 'There was nothing to do.',
      );
      onChanged();
    } catch (fault) {
      setSaid(undefined);
      setError((fault as Error).message);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Panel title={day.date} aside={<Pill tone={tones[day.state]}>{day.state}</Pill>}>
      <p class="quiet">{sayings[day.state]}</p>
      <dl class="numbers">
        <div>
          <dt>Rows</dt>
          <dd>{count(day.rows)}</dd>
        </div>
        <div>
          <dt>Compacted files</dt>
          <dd>
            {count(day.files)}, {size(day.bytes)}
          </dd>
        </div>
        <div>
          <dt>Waiting</dt>
          <dd>
            {plural(day.waiting.files, 'raw file')}, {size(day.waiting.bytes)}
          </dd>
        </div>
        {day.compactedMs !== undefined && (
          <div>
            <dt>Compacted</dt>
            <dd>{dayAndTime(day.compactedMs)} UTC</dd>
          </div>
        )}
      </dl>
      <Fault message={day.fault} />
      {day.erased && (
        <p>
          {plural(day.erased.rows, 'row')} {day.erased.rows === 1 ? 'was' : 'were'} removed because{' '}
          {day.erased.erasures === 1 ? 'a person was' : `${day.erased.erasures} people were`}{' '}
          erased, most recently at {dayAndTime(day.erased.lastMs)} UTC.{' '}
          <a href={guideUrl('privacy', 'erasing-a-person')}>What an erasure does</a>
        </p>
      )}
      <div class="actions">
        <button type="button" disabled={isBusy} onClick={() => void compact(false)}>
          Compact now
        </button>
        {day.state !== 'sealed' &&
          (asksToSeal ? (
            <button
              type="button"
              class="primary"
              disabled={isBusy}
              onClick={() => void compact(true)}
            >
              Seal {day.date} and start its joins
            </button>
          ) : (
            <button type="button" disabled={isBusy} onClick={() => setAsksToSeal(true)}>
              Seal it …
            </button>
          ))}
      </div>
      <Fault message={error} />
      <p role="status">{said}</p>
    </Panel>
  );
}
