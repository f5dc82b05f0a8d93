import { ObjectNotFoundError, PreconditionFailedError, type ObjectStore } from './object-store';

/** Work that somebody asked for and that goes on by itself: a replay, a compaction. */
export const operationKinds = ['replays', 'compactions'] as const;
export type OperationKind = (typeof operationKinds)[number];

/** What is known of such work. Its members are JSON; none of them holds values of events. */
export interface OperationRun {
  readonly formatVersion: 1;
  readonly id: string;
  readonly state: 'queued' | 'running' | 'done' | 'failed';
  /** What was asked for. */
  readonly request: Readonly<Record<string, unknown>>;
  readonly queuedAtMs: number;
  readonly startedAtMs?: number;
  readonly endedAtMs?: number;
  /** What came of it, once it is done. */
  readonly result?: unknown;
  /** Why it failed, in a sentence. */
  readonly message?: string;
}

/** Ids of runs: they become part of a key. */
const idPattern = /^[0-9A-Za-z-]{1,64}$/;

export const isOperationId = (value: unknown): value is string =>
  typeof value === 'string' && idPattern.test(value);

/** Below this no table can lie: a table's name has no hyphen. */
export const operationRunsPrefix = 'operation-runs/';

const runKey = (kind: OperationKind, id: string): string =>
  `${operationRunsPrefix}${kind}/${id}.json`;

/** Writes down that work was asked for. @throws PreconditionFailedError where there is a run of this id */
export const queueRun = async (
  store: Pick<ObjectStore, 'put'>,
  kind: OperationKind,
  run: Pick<OperationRun, 'id' | 'request' | 'queuedAtMs'>,
): Promise<OperationRun> => {
  const queued: OperationRun = { formatVersion: 1, state: 'queued', ...run };
  await store.put(runKey(kind, run.id), encode(queued), { ...json, ifNoneMatch: '*' });
  return queued;
};

/** Reads a run; undefined where there is none of this id. */
export async function readRun(
  store: Pick<ObjectStore, 'get'>,
  kind: OperationKind,
  id: string,
): Promise<OperationRun | undefined> {
  return (await storedRun(store, kind, id))?.run;
}

/** Does the work of a run, and writes down how it goes. @throws what the work throws, once that is written down */
export async function trackRun<Result>(
  store: Pick<ObjectStore, 'get' | 'put'>,
  kind: OperationKind,
  id: string,
  { work, now }: { readonly work: () => Promise<Result>; readonly now: () => number },
): Promise<Result> {
  const queued = await storedRun(store, kind, id);
  const run: OperationRun = {
    ...(queued?.run ?? { formatVersion: 1, id, request: {}, queuedAtMs: now() }),
    state: 'running',
    startedAtMs: now(),
  };
  const write = (changed: OperationRun): Promise<unknown> =>
    store.put(runKey(kind, id), encode(changed), json);
  try {
    await store.put(runKey(kind, id), encode(run), {
      ...json,
      ...(queued ? { ifMatch: queued.etag } : { ifNoneMatch: '*' }),
    });
  } catch (error) {
    // Another invocation of the same run was faster; both do work that is safe to do twice.
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

async function storedRun(
  store: Pick<ObjectStore, 'get'>,
  kind: OperationKind,
  id: string,
): Promise<{ readonly run: OperationRun; readonly etag: string } | undefined> {
  try {
    const { bytes, etag } = await store.get(runKey(kind, id));
    return { run: JSON.parse(new TextDecoder().decode(bytes)) as OperationRun, etag };
  } catch (error) {
    if (error instanceof ObjectNotFoundError) return undefined;
    throw error;
  }
}

const json = { contentType: 'application/json' };
const encode = (run: OperationRun): Uint8Array => new TextEncoder().encode(JSON.stringify(run));
