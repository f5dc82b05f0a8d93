import type { KeyScopes } from '@sluice/event-schema';
import {
  bodyMembers,
  jsonAnswer,
  Problem,
  queryParameters,
  quoted,
  wholeNumber,
  type HttpRequest,
  type HttpResponse,
} from '@sluice/lambda-http';
import { lakeDate } from '@sluice/lake-layout';
import { parseDate } from '@sluice/values';
import type { JoinRun, JoinRuns } from '../jobs/join-runs';
import type { JoinSummary } from '../jobs/join-summary';
import { checkJoin, type ReadAccess } from './read-access';

export interface JobRequestsOptions {
  readonly joins: readonly JoinSummary[];
  readonly access: Pick<ReadAccess, 'joins'>;
  readonly runs: JoinRuns;
  readonly now: () => number;
  /** Returns a new id each time, of the characters `[0-9A-Za-z-]`. */
  readonly newId: () => string;
}

const msPerDay = 86_400_000;
/** Number of runs in a list: where the client names none, and at most. Each costs a request to the executor. */
export const listedRuns = { otherwise: 10, most: 20 };
/** Matches names of executions that may become part of keys (Step Functions API reference: StartExecution, name). */
const idPattern = /^[0-9A-Za-z_.-]{1,80}$/;

/** Returns the functions that answer requests about joins and their runs. */
export function jobRequests({ joins, access, runs, now, newId }: JobRequestsOptions) {
  const joinOf = (name: string, scopes: KeyScopes): JoinSummary => {
    const found = joins.find((join) => join.name === name);
    if (!found)
      throw new Problem(
        404,
        `there is no join ${quoted(name)}; defined are ${joins.map((join) => join.name).join(', ')}`,
      );
    checkJoin(scopes, name, access.joins[name] ?? '');
    return found;
  };

  return {
    list: (): HttpResponse => jsonAnswer(200, { jobs: joins }),

    /** Starts a run for one day, which is yesterday where the body names none. */
    async start(name: string, request: HttpRequest, scopes: KeyScopes): Promise<HttpResponse> {
      const join = joinOf(name, scopes);
      const date = runDate(bodyMembers(request, ['date']), now());
      const id = `${date}-${newId()}`;
      await runs.start({ join: join.name, id, date });
      // Relative, because only the client knows the stage and whatever else precedes the path.
      const location = request.path.endsWith('/') ? id : `runs/${id}`;
      return jsonAnswer(
        202,
        { id, join: join.name, date, state: 'RUNNING' },
        { location, 'retry-after': '5' },
      );
    },

    /** Lists the latest runs of a join, also those that a schedule or a sealed day started. */
    async listRuns(name: string, request: HttpRequest, scopes: KeyScopes): Promise<HttpResponse> {
      const join = joinOf(name, scopes);
      const { limit } = queryParameters(request, ['limit']);
      const found = await runs.latest({
        join: join.name,
        most: wholeNumber(limit, 'limit', { least: 1, ...listedRuns }),
      });
      return jsonAnswer(200, {
        runs: found.map(({ id, ...run }) => ({ id, join: join.name, ...runAnswer(run) })),
      });
    },

    /** Returns the state of a run, or its result. */
    async show(name: string, id: string, scopes: KeyScopes): Promise<HttpResponse> {
      const join = joinOf(name, scopes);
      const run = idPattern.test(id) ? await runs.find({ join: join.name, id }) : undefined;
      if (!run) throw new Problem(404, `the join ${join.name} has no run ${quoted(id)}`);
      return jsonAnswer(
        200,
        { id, join: join.name, ...runAnswer(run) },
        run.state === 'RUNNING' ? { 'retry-after': '5' } : {},
      );
    },
  };
}

/** Returns the day for which to run. @throws Problem where the members name no day that has begun */
function runDate({ date }: Readonly<Record<string, unknown>>, nowMs: number): string {
  if (date === undefined) return lakeDate(nowMs - msPerDay);
  if (typeof date !== 'string' || parseDate(date) === undefined)
    throw new Problem(400, '"date" must be a day such as 2026-01-31');
  if (date > lakeDate(nowMs)) throw new Problem(400, `"date" (${date}) has not begun yet`);
  return date;
}

function runAnswer({ state, input, output, startedAt, stoppedAt, error, cause }: JoinRun): object {
  const done = object(output);
  return {
    // A run that was started by an event gets its day from a key instead of a date.
    date: done['date'] ?? object(input)['date'],
    state,
    startedAt,
    stoppedAt,
    report: done['report'],
    ...(state !== 'RUNNING' &&
      state !== 'SUCCEEDED' && {
        failedStep: error,
        reason: cause === undefined ? undefined : failureReason(cause),
      }),
  };
}

const object = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};

/**
 * Extracts the reason from the cause of a failed step. Step Functions passes on the whole execution of a query or a
 * job as JSON (developer guide: connect-to-resource, run a job).
 *
 * @returns the text itself where it is not such JSON
 */
function failureReason(cause: string): string {
  let said: unknown;
  try {
    said = JSON.parse(cause);
  } catch {
    return cause;
  }
  const sentence = [
    ['QueryExecution', 'Status', 'AthenaError', 'ErrorMessage'],
    ['QueryExecution', 'Status', 'StateChangeReason'],
    ['Status', 'StateChangeReason'],
    ['ErrorMessage'],
    ['errorMessage'],
  ]
    .map((path) => path.reduce<unknown>(member, said))
    .find((text) => typeof text === 'string' && text !== '');
  return typeof sentence === 'string' ? sentence : cause;
}

const member = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
