import { Unexpected } from '@sluice/checks';
import { tableName } from '@sluice/event-schema';
import { lakeDate, operationRunsPrefix } from '@sluice/lake-layout';
import { byEventType } from '../by-event-type';
import type { Check } from '../check';
import { shown } from '../compare-row';
import { clearEventType, expectRefusal, jsonOf, said, type VerifyRun } from '../verify-run';
import { arrivalDay, replayDay } from './maintenance';

interface Day {
  readonly date: string;
  readonly state: string;
  readonly rows: unknown;
  readonly waiting: { readonly files: unknown };
}

interface FailureGroup {
  readonly kind: string;
  readonly samples: readonly { readonly body: string }[];
}

interface Run {
  readonly id: unknown;
  readonly state: string;
  readonly message?: unknown;
}

export const operationsChecks: readonly Check[] = [
  {
    id: 'operations.api-key',
    assumption: 'Nobody without a key of its usage plan asks the operations API anything.',
    expected: '403 with a message',
    run: async (run) =>
      expectRefusal(
        await run.request(run.target.operations, 'GET', '/v1/lake', { apiKey: 'wrong' }),
        403,
      ),
  },
  {
    id: 'operations.lake',
    assumption: "The operations function may list the lake, and read manifests and files' footers.",
    expected: 'GET /v1/lake has each table with the rows of the run, and no fault',
    needs: ['compaction.run'],
    run: async (run) => {
      const { tables } = (await get(run, '/v1/lake')) as {
        readonly tables: readonly {
          readonly table: string;
          readonly rows: unknown;
          readonly faults: readonly string[];
        }[];
      };
      return byEventType(run.target.eventTypes, (eventType) => {
        const found = tables.find(({ table }) => table === tableName(eventType));
        if (!found) throw new Unexpected('it is not listed');
        if (found.faults.length > 0) throw new Unexpected(found.faults.join('; '));
        const posted = run.postedOf(eventType).length;
        if (Number(shown(found.rows)) < posted)
          throw new Unexpected(`${shown(found.rows)} rows of ${posted}`);
        return Promise.resolve(`${shown(found.rows)} rows`);
      });
    },
  },
  {
    id: 'operations.days',
    assumption: 'It tells of a day what the compaction made of it.',
    expected: 'the day of the run with the rows of the run, for each event type',
    needs: ['compaction.run'],
    run: (run) =>
      byEventType(run.target.eventTypes, async (eventType) => {
        const { days } = (await get(run, `/v1/lake/${tableName(eventType)}/days`)) as {
          readonly days: readonly Day[];
        };
        const date = arrivalDay(run, eventType);
        const day = days.find((one) => one.date === date);
        const posted = run.postedOf(eventType).length;
        if (!day || day.state === 'damaged' || Number(shown(day.rows)) < posted)
          throw new Unexpected(
            `${date}: ${day ? JSON.stringify(day) : 'is not listed'}`.slice(0, 300),
          );
        return `${day.state}, ${shown(day.rows)} rows`;
      }),
  },
  {
    id: 'operations.failures',
    assumption: 'It may read the error output, and shows what was refused and why.',
    expected: 'GET /v1/failures has the refused record of the run',
    needs: ['delivery.refused-record'],
    run: async (run) => {
      const table = tableName(clearEventType(run));
      const today = lakeDate(run.startedAtMs);
      // Of a reason as old as others, no more than the newest five are shown.
      const path = `/v1/failures?table=${table}&from=${today}&samples=5`;
      return run.until(
        async () => {
          const { groups } = (await get(run, path)) as { readonly groups: readonly FailureGroup[] };
          const group = groups.find(({ samples }) =>
            samples.some(({ body }) => body.includes(run.mark)),
          );
          return group && `a group of ${group.kind} with its bytes`;
        },
        () => Promise.resolve(`no sample has the mark ${run.mark}`),
      );
    },
  },
  {
    id: 'operations.dry-run',
    assumption: 'A replay is tried without sending anything.',
    expected: '200 with a report that sends nothing',
    run: async (run) => {
      const answer = await post(run, '/v1/replays', {
        table: tableName(clearEventType(run)),
        from: replayDay,
        to: replayDay,
        dryRun: true,
      });
      const { dryRun, complete, objects, sent } = jsonOf(answer, 200);
      if (dryRun !== true || complete !== true) throw new Unexpected(said(answer));
      return `${shown(objects)} objects looked at, ${shown(sent)} records would be sent`;
    },
  },
  {
    id: 'operations.replay',
    assumption: 'The operations function may start the replay function, and reads how it went.',
    expected: 'a run of a day without failed records: 202, then done',
    run: async (run) =>
      finished(run, '/v1/replays', {
        table: tableName(clearEventType(run)),
        from: emptyDay,
        to: emptyDay,
      }),
  },
  {
    id: 'operations.compaction',
    assumption: 'The operations function may start the compaction, and reads how it went.',
    expected: 'a run of the day of the run: 202, then done',
    needs: ['compaction.run'],
    run: async (run) => {
      const eventType = clearEventType(run);
      return finished(run, `/v1/lake/${tableName(eventType)}/compactions`, {
        date: arrivalDay(run, eventType),
      });
    },
  },
];

/** A day before there were lakes, and none that the other replays use. */
const emptyDay = '2000-01-02';

async function get(run: VerifyRun, path: string): Promise<Readonly<Record<string, unknown>>> {
  return jsonOf(await run.request(run.target.operations, 'GET', path), 200);
}

const post = (run: VerifyRun, path: string, body: object) =>
  run.request(run.target.operations, 'POST', path, { body: JSON.stringify(body) });

/** Starts work and waits for its end. @throws Unexpected where it fails or does not end in time */
async function finished(run: VerifyRun, path: string, body: object): Promise<string> {
  const { id } = jsonOf(await post(run, path, body), 202) as unknown as Run;
  run.ownObjects.add(`${operationRunsPrefix}${path.split('/').at(-1) ?? ''}/${shown(id)}.json`);
  let last: Run | undefined;
  return run.until(
    async () => {
      last = (await get(run, `${path}/${shown(id)}`)) as unknown as Run;
      if (last.state === 'failed') throw new Unexpected(`failed: ${shown(last.message)}`);
      return last.state === 'done' ? `run ${shown(id)} is done` : undefined;
    },
    () => Promise.resolve(`run ${shown(id)} is still ${last?.state ?? 'unknown'}`),
  );
}
