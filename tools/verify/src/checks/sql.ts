import { workGroupName } from '@sluice/infra/names';
import {
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  StartQueryExecutionCommand,
} from '@aws-sdk/client-athena';
import { NotApplicable, Unexpected } from '@sluice/checks';
import {
  keyColumn,
  rowsByKeyName,
  sqlName,
  sqlText,
  storedColumn,
  tableName,
  type EventType,
} from '@sluice/event-schema';
import { lakeDatabase, lakeDate } from '@sluice/lake-layout';
import { pollUntil } from '@sluice/waiting';
import { byEventType } from '../by-event-type';
import type { Check } from '../check';
import { compareRow, dropsMark, hasMark, shown, type Row } from '../compare-row';
import { jsonOf, said, type VerifyRun } from '../verify-run';
import { arrivalDay } from './maintenance';

export const sqlChecks: readonly Check[] = [
  countCheck({
    id: 'sql.one-day',
    assumption: 'SQL reads the Iceberg table that the compaction made.',
    expected: 'the rows of the run, with dt = its day, for each event type',
    where: (date) => `"dt" = '${date}' AND `,
  }),
  countCheck({
    id: 'sql.all-days',
    assumption: 'A query without a day reads all days of the snapshot.',
    expected: 'the same rows without a condition on dt',
    where: () => '',
  }),
  {
    id: 'sql.named-query',
    assumption: "Athena's types are those of the look-up, through the API of named queries.",
    expected: 'rows by key, each column as the look-up has it',
    needs: ['delivery.columns', 'compaction.run'],
    run: (run) =>
      byEventType(run.target.eventTypes, async (eventType) => {
        const [event] = run.postedOf(eventType);
        if (!event) throw new NotApplicable('no event was posted');
        const date = arrivalDay(run, eventType);
        const { api, path } = namedQuery(run, eventType);
        const started = await run.request(api, 'POST', path, {
          body: `{"id":${keyJson(run.storedKey(event), event)},"from":"${date}","to":"${date}"}`,
        });
        const { id } = jsonOf(started, 202);
        const answer = await poll(run, async () => {
          const shownNow = await run.request(api, 'GET', `/v1/queries/${shown(id)}`);
          return shownNow.status === 202 ? undefined : shownNow;
        });
        const { rows = [] } = jsonOf(answer, 200) as { readonly rows?: readonly Row[] };
        const row = rows.find((one) => hasMark(one, event, run.hashOf));
        if (!row) throw new Unexpected(`${rows.length} rows, not the event's: ${said(answer)}`);
        const [difference] = compareRow(row, event, {
          arrivedMs: [0, Date.now() + 86_400_000],
          hashOf: run.hashOf,
          through: 'sql',
        });
        if (difference)
          throw new Unexpected(
            `column ${difference.column}: expected ${difference.expected}, observed ${difference.observed}`,
          );
        return `${Object.keys(row).length} columns`;
      }),
  },
  {
    id: 'sql.joins',
    assumption: 'A state machine runs its join with UNLOAD, and swaps the result in.',
    expected: 'a run of each join that SUCCEEDED',
    needs: ['compaction.run'],
    run: async (run) => {
      const api = run.target.analytics;
      await run.target.fillReferences?.();
      const { jobs = [] } = jsonOf(await run.request(api, 'GET', '/v1/jobs'), 200) as {
        readonly jobs?: readonly { readonly name: string }[];
      };
      if (jobs.length === 0) throw new NotApplicable('no join is defined');
      const date = lakeDate(run.startedAtMs);
      const succeeded: string[] = [];
      const left: string[] = [];
      for (const { name } of jobs) {
        const started = await run.request(api, 'POST', `/v1/jobs/${name}/runs`, {
          body: JSON.stringify({ date }),
        });
        const { id } = jsonOf(started, 202);
        const members = await poll(run, async () => {
          const now = jsonOf(
            await run.request(api, 'GET', `/v1/jobs/${name}/runs/${shown(id)}`),
            200,
          );
          return now['state'] === 'RUNNING' ? undefined : now;
        });
        if (members['state'] === 'SUCCEEDED') succeeded.push(name);
        else {
          const reason = shown(members['reason']).slice(0, 300);
          if (!reason.includes('was never put'))
            throw new Unexpected(
              `${name}: ${shown(members['state'])} at ${shown(members['failedStep'])}: ${reason}`,
            );
          left.push(`${name}: ${reason}`);
        }
      }
      if (succeeded.length === 0) throw new NotApplicable(left.join('; '));
      return [succeeded.join(', '), ...left].join('; not tried: ');
    },
  },
];

function countCheck({
  id,
  assumption,
  expected,
  where,
}: {
  readonly id: string;
  readonly assumption: string;
  readonly expected: string;
  readonly where: (date: string) => string;
}): Check {
  return {
    id,
    assumption,
    expected,
    needs: ['compaction.run'],
    run: (run) =>
      byEventType(run.target.eventTypes, async (eventType) => {
        const condition = where(arrivalDay(run, eventType));
        const count = await countRows(
          run,
          `SELECT count(*) AS "n" FROM "${tableName(eventType)}" WHERE ${condition}${ofTheRun(run, eventType)}`,
        );
        const wanted = run.postedOf(eventType).length;
        // Rows from a replay are there as well.
        if (count < wanted) throw new Unexpected(`${count} rows of ${wanted}`);
        return `${count} rows`;
      }),
  };
}

/** Returns the SQL condition that tells the rows of the run from others'. */
function ofTheRun(run: VerifyRun, eventType: EventType): string {
  if (!dropsMark(eventType)) return `"unmapped" LIKE '%${run.mark}%'`;
  const column = storedColumn(eventType, keyColumn(eventType));
  const keys = run.postedOf(eventType).map((event) => {
    const key = run.storedKey(event);
    return column.type.kind === 'bigint' ? key : sqlText(key);
  });
  return `${sqlName(column.name)} IN (${keys.join(', ')})`;
}

async function countRows(run: VerifyRun, sql: string): Promise<number> {
  const { athena, stage } = run.target;
  const { QueryExecutionId } = await athena.send(
    new StartQueryExecutionCommand({
      QueryString: sql,
      WorkGroup: workGroupName(stage),
      QueryExecutionContext: { Database: lakeDatabase(stage) },
    }),
  );
  const status = await poll(run, async () => {
    const { QueryExecution } = await athena.send(
      new GetQueryExecutionCommand({ QueryExecutionId }),
    );
    const now = QueryExecution?.Status;
    return now?.State === 'QUEUED' || now?.State === 'RUNNING' ? undefined : now;
  });
  if (status.State !== 'SUCCEEDED')
    throw new Unexpected(`${status.State ?? ''}: ${status.StateChangeReason ?? ''}`.slice(0, 400));
  const { ResultSet } = await athena.send(new GetQueryResultsCommand({ QueryExecutionId }));
  // The first row holds the column names.
  return Number(ResultSet?.Rows?.[1]?.Data?.[0]?.VarCharValue);
}

const namedQuery = ({ target }: VerifyRun, eventType: EventType) => ({
  api: target.analytics,
  path: `/v1/queries/${rowsByKeyName(eventType)}`,
});

/** Writes the key for a JSON body: integers within 2^53 as numbers, anything else as text. */
const keyJson = (key: string, { eventType }: { readonly eventType: EventType }): string =>
  keyColumn(eventType).type.kind === 'bigint' && Number.isSafeInteger(Number(key))
    ? key
    : JSON.stringify(key);

async function poll<T>(run: VerifyRun, ask: () => Promise<T | undefined>): Promise<T> {
  const { deliveryMs, pollMs } = run.target.waits;
  const answer = await pollUntil(ask, { everyMs: pollMs, withinMs: Math.max(60_000, deliveryMs) });
  if (answer === undefined) throw new Unexpected('it did not end in time');
  return answer;
}
