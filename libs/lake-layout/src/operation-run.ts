import { PreconditionFailedError, type ObjectStore } from './object-store';
import { findJson, onlyOver, putJson } from './stored-json';

/** Kinds of work that a user starts and that continues by itself: replays and compactions. */
export type OperationKind = 'replays' | 'compactions';

/** State of such work. Its members are JSON; none of them holds values of events. */
export interface OperationRun {
  readonly formatVersion: 1;
  readonly id: string;
  readonly state: 'queued' | 'running' | 'done' | 'failed';
  /** The request that started the work. */
  readonly request: Readonly<Record<string, unknown>>;
  readonly queuedAtMs: number;
  readonly startedAtMs?: number;
  readonly endedAtMs?: number;
  /** Result of the work, once it is done. */
  readonly result?: unknown;
  /** Reason for a failure, as a sentence. */
  readonly message?: string;
}

/** Matches the id of a run, which becomes part of a key. */
const idPattern = /^[0-9A-Za-z-]{1,64}$/;

export const isOperationId = (value: unknown): value is string =>
  typeof value === 'string' && idPattern.test(value);

/** Prefix of runs. It can't be that of a table, whose name has no hyphen. */
export const operationRunsPrefix = 'operation-runs/';

const runKey = (kind: OperationKind, id: string): string =>
  `${operationRunsPrefix}${kind}/${id}.json`;

/** Notes that work was requested. @throws PreconditionFailedError where a run with this id exists */
export const queueRun = async (
  store: Pick<ObjectStore, 'put'>,
  kind: OperationKind,
  run: Pick<OperationRun, 'id' | 'request' | 'queuedAtMs'>,
): Promise<OperationRun> => {
  const queued: OperationRun = { formatVersion: 1, state: 'queued', ...run };
  await putJson(store, runKey(kind, run.id), queued, { ifNoneMatch: '*' });
  return queued;
};

/** Reads a run; undefined where there is none with this id. */
export async function readRun(
  store: Pick<ObjectStore, 'get'>,
  kind: OperationKind,
  id: string,
): Promise<OperationRun | undefined> {
  return (await findJson<OperationRun>(store, runKey(kind, id)))?.value;
}

/** Does the work of a run, and notes its progress. @throws the error of the work, after noting it */
export async function trackRun<Result>(
  store: Pick<ObjectStore, 'get' | 'put'>,
  kind: OperationKind,
  id: string,
  { work, now }: { readonly work: () => Promise<Result>; readonly now: () => number },
): Promise<Result> {
  const key = runKey(kind, id);
  const queued = await findJson<OperationRun>(store, key);
  const run: OperationRun = {
    ...(queued?.value ?? { formatVersion: 1, id, request: {}, queuedAtMs: now() }),
    state: 'running',
    startedAtMs: now(),
  };
  const write = (changed: OperationRun): Promise<unknown> => putJson(store, key, changed);
  try {
    await putJson(store, key, run, onlyOver(queued));
  } catch (error) {
    // Another invocation of the same run was faster; both may do the work, which is safe to do twice.
    if (!(error instanceof PreconditionFailedError)) throw error;
  }
  try {
    const result = await work();
    await write({ ...run, state: 'done', endedAtMs: now(), result });
    return result;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    await write({ ...run, state: 'failed', endedAtMs: now(), message });
    throw error;
  }
}
