import { dayAfter } from '@sluice/lake-layout/keys';
import { useEffect, useRef, useState } from 'preact/hooks';
import {
  filledByDay,
  filledByDayQuery,
  wholePercent,
  type FilledDay,
} from '../model/filled-by-day';
import type { EventTypeFacts } from '../model/facts';
import type { Cells } from '../model/result-rows';
import { count } from '../model/text';
import { sqlParts } from '../sql-parts';
import { useClient } from '../ui/hooks';
import { FactsTable, Fault, Panel } from '../ui/parts';

/** Number of days that are counted, up to the last one that has rows. */
const shownDays = 14;

/** Shows how many rows of each day have a value in each column. It counts on request, because that reads the days. */
export function FilledByDay({
  eventType,
  lastDay,
}: {
  readonly eventType: EventTypeFacts;
  readonly lastDay: string;
}) {
  const client = useClient();
  const [days, setDays] = useState<readonly FilledDay[]>();
  const [error, setError] = useState<string>();
  const [isCounting, setCounting] = useState(false);
  const running = useRef<AbortController | undefined>(undefined);
  useEffect(() => () => running.current?.abort(), []);
  const columns = eventType.columns.map(({ name }) => name);
  const query = filledByDayQuery(eventType.table, columns, dayAfter(lastDay, 1 - shownDays));

  const countNow = async (): Promise<void> => {
    const control = (running.current = new AbortController());
    setCounting(true);
    setError(undefined);
    try {
      const rows: Cells[] = [];
      for await (const part of sqlParts(client, query, control.signal))
        rows.push(...(part.rows ?? []));
      setDays(filledByDay(columns, rows));
    } catch (fault) {
      if (!control.signal.aborted) setError((fault as Error).message);
    }
    setCounting(false);
  };
  return (
    <Panel
      title="Filled by day"
      aside={
        client.config.sql !== undefined && (
          <button type="button" disabled={isCounting} onClick={() => void countNow()}>
            {isCounting ? 'Counting …' : `Count the last ${shownDays} days`}
          </button>
        )
      }
    >
      <Fault message={error} />
      {client.config.sql === undefined && (
        <>
          <p class="quiet">Run this query in Athena, which bills the bytes that it reads:</p>
          <pre>{query}</pre>
        </>
      )}
      {days?.length === 0 && <p class="quiet">There are no rows yet.</p>}
      {days && days.length > 0 && (
        <FactsTable
          label={`Rows with a value, by column and day of ${eventType.name}`}
          kind="filled"
        >
          <thead>
            <tr>
              <th scope="col">Column</th>
              {days.map(({ day, rows }) => (
                <th key={day} scope="col">
                  {day}
                  <span class="quiet sub">{count(rows)} rows</span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {columns.map((name) => (
              <tr key={name}>
                <th scope="row">
                  <code>{name}</code>
                </th>
                {days.map(({ day, rows, filled }) => {
                  const percent = wholePercent(filled.get(name) ?? 0, rows);
                  return (
                    <td key={day} title={`${count(filled.get(name) ?? 0)} of ${count(rows)} rows`}>
                      <span class="meter">
                        <i style={{ width: `${percent}%` }} />
                        <small>{percent} %</small>
                      </span>
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </FactsTable>
      )}
    </Panel>
  );
}
