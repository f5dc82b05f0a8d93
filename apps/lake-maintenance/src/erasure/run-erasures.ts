import { tableName, type EventType } from '@sluice/event-schema';
import { queryResultsPrefix, type ObjectStore } from '@sluice/lake-layout';
import type { HashKeys } from '@sluice/privacy';
import {
  addToLedger,
  closeErasure,
  columnsOfSubject,
  openErasures,
  readErasure,
  settleLedger,
  signCertificate,
  subjectOf,
  hiddenTexts,
  hiddenUntilMs,
  ledgerEntries,
  updateErasure,
  type Certificate,
  type CertifiedPass,
  type Erasure,
  type StoredErasure,
} from '@sluice/privacy/erasures';
import { orphanGraceMs } from '../compaction/sweep-day';
import { eraseSubject, type ErasureReport, type EraseSubjectOptions } from './erase-subject';

export interface RunErasuresOptions extends Pick<
  EraseSubjectOptions,
  'store' | 'bucket' | 'codec' | 'chooseLayout' | 'catalog' | 'hashKeys' | 'errorKeys'
> {
  readonly eventTypes: readonly EventType[];
  readonly ledgerKeys: HashKeys;
  /** How long the streams keep an event, in milliseconds. */
  readonly streamRetentionMs: number;
  /** Runs this erasure alone. @default all that have something left to be done */
  readonly id?: string | undefined;
  /** No erasure begins after this moment, in milliseconds since 1970. */
  readonly deadlineMs: number;
  readonly now: () => number;
}

export interface ErasureOutcome {
  readonly id: string;
  readonly state: Erasure['state'];
  readonly requestedAtMs: number;
  /** How long ago it was asked for, where its rows are not out yet; 0 where they are. */
  readonly lateMs: number;
  readonly rows: number;
  readonly failedRecords: number;
  readonly message?: string;
}

/** A function lives no longer than this: what has run for longer died. */
const longestRunMs = 15 * 60_000;
/** Later than the streams' own retention, so that what came out of them last is delivered too. */
const deliveryMs = 25 * 3_600_000;
const wholeResultsMs = 15 * 60_000;

/**
 * Carries out erasures that were asked for: each as it is asked for, and once more when the streams have forgotten what arrived before.
 * One that fails is told in its object and tried again by the next run; the others go on.
 */
export async function runErasures(options: RunErasuresOptions): Promise<readonly ErasureOutcome[]> {
  const { store, id, deadlineMs, now } = options;
  const outcomes: ErasureOutcome[] = [];
  if (id !== undefined) {
    const stored = await readErasure(store, id);
    if (stored && isDue(stored.erasure, now())) outcomes.push(await run(stored, options));
    return outcomes;
  }
  for await (const stored of openErasures(store))
    if (now() < deadlineMs && isDue(stored.erasure, now()))
      outcomes.push(await run(stored, options));
    else if (stored.erasure.state !== 'done') outcomes.push(outcomeOf(stored.erasure, now()));
  return outcomes;
}

function isDue(
  { state, startedAtMs, certificate, sealedSubject }: Erasure,
  nowMs: number,
): boolean {
  if (!sealedSubject) return false;
  if (state === 'running') return nowMs - (startedAtMs ?? 0) > longestRunMs;
  return state !== 'done' || nowMs >= lastPassAtMs(certificate);
}

const lastPassAtMs = (certificate: Certificate | undefined): number =>
  (certificate?.streamsForgetAtMs ?? 0) + deliveryMs;

async function run(stored: StoredErasure, options: RunErasuresOptions): Promise<ErasureOutcome> {
  const { store, now } = options;
  const begun = await updateErasure(store, stored, {
    ...withoutMessage(stored.erasure),
    state: 'running',
    startedAtMs: now(),
  });
  // Another run was faster.
  if (!begun) return outcomeOf(stored.erasure, now());
  try {
    const done = await pass(begun.erasure, options);
    const isLast = now() >= lastPassAtMs(done.certificate);
    if (isLast) {
      for (const table of done.tables) await settleLedger(store, table, done.id);
      return outcomeOf(await closeErasure(store, done), now(), done.certificate?.passes.at(-1));
    }
    await updateErasure(store, begun, done);
    return outcomeOf(done, now(), done.certificate?.passes.at(-1));
  } catch (error) {
    const failed: Erasure = {
      ...begun.erasure,
      state: 'failed',
      endedAtMs: now(),
      message: error instanceof Error ? error.message : String(error),
    };
    await updateErasure(store, begun, failed);
    return outcomeOf(failed, now());
  }
}

function withoutMessage(erasure: Erasure): Erasure {
  const copy: { -readonly [Member in keyof Erasure]: Erasure[Member] } = { ...erasure };
  delete copy.message;
  return copy;
}

/** Searches all tables of an erasure, takes the person out, and writes that down in the certificate. */
async function pass(erasure: Erasure, options: RunErasuresOptions): Promise<Erasure> {
  const { store, eventTypes, ledgerKeys, hashKeys, now, streamRetentionMs } = options;
  const { id, tables, suppress, requestedAtMs } = erasure;
  const subject = subjectOf(ledgerKeys, erasure);
  if (subject === undefined) throw new Error('the name of the person is forgotten already');
  const startedAtMs = now();
  const untilMs = hiddenUntilMs(requestedAtMs);
  const reports: ErasureReport[] = [];
  for (const table of tables) {
    const eventType = eventTypes.find((one) => tableName(one) === table);
    if (!eventType)
      throw new Error(
        `no definition has the table ${table} any more, so nothing tells where a person stands in it: deploy it again, or delete the table`,
      );
    const columns = columnsOfSubject(eventType, subject, hashKeys);
    // The request may have died before it came to this table.
    const entry = { untilMs, suppress, erasure: id };
    await addToLedger(store, table, ledgerEntries(ledgerKeys, hiddenTexts(columns), entry));
    reports.push(
      await eraseSubject({ ...options, eventType, subject, ...(!suppress && { untilMs }) }),
    );
  }
  const endedAtMs = now();
  const made: CertifiedPass = {
    startedAtMs,
    endedAtMs,
    tables: reports,
    deletedQueryResults: await deleteQueryResults(store, endedAtMs - wholeResultsMs),
    replacedFilesGoAtMs: endedAtMs + orphanGraceMs,
  };
  const certificate: Certificate = {
    erasure: id,
    requestedAtMs,
    tables,
    suppress,
    passes: [...(erasure.certificate?.passes ?? []), made],
    streamsForgetAtMs: requestedAtMs + streamRetentionMs,
  };
  return {
    ...erasure,
    state: 'done',
    endedAtMs,
    certificate,
    signature: signCertificate(ledgerKeys, certificate),
  };
}

/** Deletes what queries wrote before a moment: nothing tells whose rows are in it, and any of it can be made anew. */
async function deleteQueryResults(
  store: Pick<ObjectStore, 'list' | 'delete'>,
  beforeMs: number,
): Promise<number> {
  const keys: string[] = [];
  for await (const { key, modifiedMs } of store.list(queryResultsPrefix))
    if (modifiedMs < beforeMs) keys.push(key);
  for (let at = 0; at < keys.length; at += 1_000) await store.delete(keys.slice(at, at + 1_000));
  return keys.length;
}

function outcomeOf(
  { id, state, requestedAtMs, message, certificate }: Erasure,
  nowMs: number,
  made?: CertifiedPass,
): ErasureOutcome {
  const reports = (made?.tables ?? []) as readonly ErasureReport[];
  return {
    id,
    state,
    requestedAtMs,
    lateMs: certificate ? 0 : nowMs - requestedAtMs,
    rows: reports.flatMap(({ days }) => days).reduce((sum, { rows }) => sum + rows, 0),
    failedRecords: reports.reduce((sum, { failedRecords }) => sum + failedRecords, 0),
    ...(message !== undefined && { message }),
  };
}
