import { tableName, type EventType, type ReferenceTable } from '@sluice/event-schema';
import { queryResultsPrefix, type NoncurrentVersions, type ObjectStore } from '@sluice/lake-layout';
import type { HashKeys } from '@sluice/privacy';
import {
  addToLedger,
  closeErasure,
  columnsOfSubject,
  erasureKey,
  openErasures,
  readErasure,
  settleLedger,
  signCertificate,
  subjectOf,
  hiddenTexts,
  hiddenUntilMs,
  ledgerEntries,
  updateErasure,
  withoutName,
  type Certificate,
  type CertifiedPass,
  type Erasure,
  type StoredErasure,
} from '@sluice/privacy/erasures';
import { orphanGraceMs } from '../compaction/sweep-day';
import { eraseReferences, type ReferenceErasure } from './erase-references';
import {
  eraseSubjects,
  type ErasedSubject,
  type ErasureReport,
  type EraseSubjectsOptions,
} from './erase-subjects';

import { eraseVersions } from './erase-versions';

export interface RunErasuresOptions extends Pick<
  EraseSubjectsOptions,
  'store' | 'bucket' | 'codec' | 'chooseLayout' | 'catalog' | 'hashKeys' | 'errorKeys'
> {
  readonly eventTypes: readonly EventType[];
  /** Reference tables that name people. @default none */
  readonly references?: readonly ReferenceTable[];
  readonly ledgerKeys: HashKeys;
  /** Noncurrent versions of the bucket, which are deleted too. @default the bucket keeps none */
  readonly versions?: NoncurrentVersions | undefined;
  /** Names of joins by the table to whose days their results belong. @default none */
  readonly joinsOf?: Readonly<Record<string, readonly string[]>> | undefined;
  /** How long the streams keep an event, in milliseconds. */
  readonly streamRetentionMs: number;
  /**
   * Id of an erasure to carry out now, together with all that are due, unless another run is working on it. @default
   * all that are due
   */
  readonly id?: string | undefined;
  /** Moment after which no erasure begins, in milliseconds since 1970. */
  readonly deadlineMs: number;
  readonly now: () => number;
}

export interface ErasureOutcome {
  readonly id: string;
  readonly state: Erasure['state'];
  readonly requestedAtMs: number;
  /** Milliseconds since the request while its rows are not removed yet; 0 afterwards. */
  readonly lateMs: number;
  readonly rows: number;
  readonly failedRecords: number;
  readonly message?: string;
}

/** Longest life of a function, in milliseconds. An erasure that has run for longer has died. */
const longestRunMs = 15 * 60_000;
/** Milliseconds after the streams' retention until their last events are certainly delivered. */
const deliveryMs = 25 * 3_600_000;
const wholeResultsMs = 15 * 60_000;
/**
 * Milliseconds after a pass until the daily sweeps have deleted all files that it replaced, so that these are
 * noncurrent.
 */
const sweptMs = 50 * 3_600_000;

/** Largest number of people to search for together, which limits the rows that one commit of a day removes. */
const maxAtOnce = 200;

/**
 * Carries out requested erasures, each in two passes: one at once, and one when the streams no longer hold events
 * from before the request. All that are due are carried out together, so that a file with rows of several people is
 * rewritten once. A failure is noted in the object of the erasure, and the next run tries again.
 */
export async function runErasures(options: RunErasuresOptions): Promise<readonly ErasureOutcome[]> {
  const { store, id, deadlineMs, now } = options;
  if (id !== undefined) {
    const asked = await readErasure(store, id);
    if (!asked || !isDue(asked.erasure, now())) return [];
  }
  const outcomes: ErasureOutcome[] = [];
  let group: StoredErasure[] = [];
  const runGroup = async () => {
    if (group.length > 0) outcomes.push(...(await run(group, options)));
    group = [];
  };
  for await (const stored of openErasures(store)) {
    if (now() < deadlineMs && hasVersionsLeft(stored.erasure, now()))
      outcomes.push(await endPass(stored, options));
    else if (isDue(stored.erasure, now()) && now() < deadlineMs) group.push(stored);
    else if (stored.erasure.state !== 'done') outcomes.push(outcomeOf(stored.erasure, now()));
    if (group.length === maxAtOnce) await runGroup();
  }
  await runGroup();
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

const newestPass = ({ certificate }: Erasure): CertifiedPass | undefined =>
  certificate?.passes.at(-1);

/** Decides whether the noncurrent versions of the files that a pass replaced have to be deleted now. */
function hasVersionsLeft(erasure: Erasure, nowMs: number): boolean {
  const { versionsGoAtMs = Infinity, versions } = newestPass(erasure) ?? {};
  return erasure.state === 'done' && !versions && nowMs >= versionsGoAtMs;
}

/** Deletes the noncurrent versions of replaced files. After the last pass this completes the erasure. */
async function endPass(
  stored: StoredErasure,
  { store, versions, joinsOf = {}, ledgerKeys, now }: RunErasuresOptions,
): Promise<ErasureOutcome> {
  const { erasure } = stored;
  const { certificate, sealedSubject } = erasure;
  const newest = newestPass(erasure);
  const outcome = outcomeOf(erasure, now());
  if (!certificate || !newest || !versions) return outcome;
  try {
    const deleted = await eraseVersions(certificate, { versions, joinsOf });
    const ended: CertifiedPass = { ...newest, versions: { deletedAtMs: now(), deleted } };
    const certified: Certificate = {
      ...certificate,
      passes: [...certificate.passes.slice(0, -1), ended],
    };
    const whole: Erasure = {
      ...erasure,
      certificate: certified,
      signature: signCertificate(ledgerKeys, certified),
    };
    if (sealedSubject) await updateErasure(store, stored, whole);
    else {
      await closeErasure(store, whole);
      // Earlier versions of the object have the encrypted name.
      await versions.delete(erasureKey(erasure.id));
    }
    return outcome;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { ...outcome, lateMs: now() - (newest.versionsGoAtMs ?? 0), message };
  }
}

/** Runs erasures together. @returns an outcome for each */
async function run(
  group: readonly StoredErasure[],
  options: RunErasuresOptions,
): Promise<readonly ErasureOutcome[]> {
  const { store, now } = options;
  const outcomes: ErasureOutcome[] = [];
  const begun: StoredErasure[] = [];
  const sought: Sought[] = [];
  const fail = async (one: StoredErasure, error: unknown) => {
    const failed: Erasure = {
      ...one.erasure,
      state: 'failed',
      endedAtMs: now(),
      message: error instanceof Error ? error.message : String(error),
    };
    await updateErasure(store, one, failed);
    outcomes.push(outcomeOf(failed, now()));
  };
  for (const stored of group) {
    const one = await updateErasure(store, stored, {
      ...withoutMessage(stored.erasure),
      state: 'running',
      startedAtMs: now(),
    });
    // Another run was faster.
    if (!one) outcomes.push(outcomeOf(stored.erasure, now()));
    else
      try {
        // A fault of one erasure must not fail the others.
        sought.push(await seek(one.erasure, options));
        begun.push(one);
      } catch (error) {
        await fail(one, error);
      }
  }
  const ended = await pass(sought, options);
  for (const [at, one] of begun.entries())
    try {
      const { erasure, error } = ended[at] ?? {};
      if (!erasure) throw error;
      if (now() >= lastPassAtMs(erasure.certificate)) {
        for (const table of erasure.tables) await settleLedger(store, table, erasure.id);
        if (newestPass(erasure)?.versionsGoAtMs === undefined) await closeErasure(store, erasure);
        else await updateErasure(store, one, withoutName(erasure));
      } else await updateErasure(store, one, erasure);
      outcomes.push(outcomeOf(erasure, now(), erasure.certificate?.passes.at(-1)));
    } catch (error) {
      await fail(one, error);
    }
  return outcomes;
}

function withoutMessage(erasure: Erasure): Erasure {
  const copy: { -readonly [Member in keyof Erasure]: Erasure[Member] } = { ...erasure };
  delete copy.message;
  return copy;
}

/** An erasure with the texts to search for. */
interface Sought extends ErasedSubject {
  readonly erasure: Erasure;
  readonly startedAtMs: number;
}

/**
 * Hides the person of an erasure in all its tables, in case the request was interrupted before it did. @returns the
 * erasure with the texts to search for
 */
async function seek(erasure: Erasure, options: RunErasuresOptions): Promise<Sought> {
  const { store, eventTypes, ledgerKeys, hashKeys, now } = options;
  const { id, tables, suppress, requestedAtMs } = erasure;
  const subject = subjectOf(ledgerKeys, erasure);
  if (subject === undefined) throw new Error('the name of the person is forgotten already');
  const startedAtMs = now();
  const untilMs = hiddenUntilMs(requestedAtMs);
  for (const table of tables) {
    const columns = columnsOfSubject(eventTypeOf(table, eventTypes), subject, hashKeys);
    const entry = { untilMs, suppress, erasure: id };
    await addToLedger(store, table, ledgerEntries(ledgerKeys, hiddenTexts(columns), entry));
  }
  return { erasure, startedAtMs, subject, untilMs: suppress ? undefined : untilMs };
}

function eventTypeOf(table: string, eventTypes: readonly EventType[]): EventType {
  const eventType = eventTypes.find((one) => tableName(one) === table);
  if (eventType) return eventType;
  throw new Error(
    `no definition has the table ${table} any more, so nothing tells where a person stands in it: deploy it again, or delete the table`,
  );
}

function referenceOf(name: string, references: readonly ReferenceTable[]): ReferenceTable {
  const reference = references.find((one) => one.name === name);
  if (reference) return reference;
  throw new Error(
    `no definition says any more who is named in the reference table ${name}: deploy it again, or delete the table`,
  );
}

/** A finished erasure, or why it could not be finished. */
interface Ended {
  readonly erasure?: Erasure;
  readonly error?: unknown;
}

/**
 * Removes people from all tables of their erasures, and records that in each certificate. A table that fails ends the
 * erasures that name it, and no other. Reference tables come first: a sealed day that is announced again is joined
 * with them as they are then.
 */
async function pass(
  sought: readonly Sought[],
  options: RunErasuresOptions,
): Promise<readonly Ended[]> {
  if (sought.length === 0) return [];
  const { store, eventTypes, references = [], ledgerKeys, now, streamRetentionMs } = options;
  const reports = new Map(sought.map(({ erasure }) => [erasure.id, [] as ErasureReport[]]));
  const ofReferences = new Map(sought.map(({ erasure }) => [erasure.id, [] as ReferenceErasure[]]));
  const errors = new Map<string, unknown>();
  const referenceErrors = new Map<string, unknown>();
  for (const name of new Set(sought.flatMap(({ erasure }) => erasure.references ?? [])))
    try {
      const subjects = sought.filter(({ erasure }) => erasure.references?.includes(name));
      const reference = referenceOf(name, references);
      const made = await eraseReferences({ ...options, references: [reference], subjects });
      for (const [at, report] of made.entries())
        ofReferences.get(subjects[at]?.erasure.id ?? '')?.push(...report);
    } catch (error) {
      referenceErrors.set(name, error);
    }
  for (const table of new Set(sought.flatMap(({ erasure }) => erasure.tables)))
    try {
      const subjects = sought.filter(({ erasure }) => erasure.tables.includes(table));
      const eventType = eventTypeOf(table, eventTypes);
      const made = await eraseSubjects({ ...options, eventType, subjects });
      for (const [at, report] of made.entries())
        reports.get(subjects[at]?.erasure.id ?? '')?.push(report);
    } catch (error) {
      errors.set(table, error);
    }
  const endedAtMs = now();
  const deletedQueryResults = await deleteQueryResults(store, endedAtMs - wholeResultsMs);
  return sought.map(({ erasure, startedAtMs }) => {
    const { id, suppress, requestedAtMs } = erasure;
    const failed = erasure.tables.find((table) => errors.has(table));
    if (failed !== undefined) return { error: errors.get(failed) };
    const failedReference = erasure.references?.find((name) => referenceErrors.has(name));
    if (failedReference !== undefined) return { error: referenceErrors.get(failedReference) };
    const made: CertifiedPass = {
      startedAtMs,
      endedAtMs,
      tables: reports.get(id) ?? [],
      ...(erasure.references && { references: ofReferences.get(id) ?? [] }),
      deletedQueryResults,
      replacedFilesGoAtMs: endedAtMs + orphanGraceMs,
      ...(options.versions && { versionsGoAtMs: endedAtMs + sweptMs }),
    };
    const certificate: Certificate = {
      erasure: id,
      requestedAtMs,
      tables: erasure.tables,
      ...(erasure.references && { references: erasure.references }),
      suppress,
      passes: [...(erasure.certificate?.passes ?? []), made],
      streamsForgetAtMs: requestedAtMs + streamRetentionMs,
    };
    return {
      erasure: {
        ...erasure,
        state: 'done' as const,
        endedAtMs,
        certificate,
        signature: signCertificate(ledgerKeys, certificate),
      },
    };
  });
}

/**
 * Deletes the results of queries from before a moment, because nothing records whose rows they hold, and they can be
 * recomputed.
 */
async function deleteQueryResults(
  store: Pick<ObjectStore, 'list' | 'delete'>,
  beforeMs: number,
): Promise<number> {
  const keys: string[] = [];
  for await (const { key, modifiedMs } of store.list(queryResultsPrefix))
    if (modifiedMs < beforeMs) keys.push(key);
  await store.delete(keys);
  return keys.length;
}

function outcomeOf(
  { id, state, requestedAtMs, message, certificate }: Erasure,
  nowMs: number,
  made?: CertifiedPass,
): ErasureOutcome {
  const reports = (made?.tables ?? []) as readonly ErasureReport[];
  const references = (made?.references ?? []) as readonly ReferenceErasure[];
  return {
    id,
    state,
    requestedAtMs,
    lateMs: certificate ? 0 : nowMs - requestedAtMs,
    rows: [...reports.flatMap(({ days }) => days), ...references].reduce(
      (sum, { rows }) => sum + rows,
      0,
    ),
    failedRecords: reports.reduce((sum, { failedRecords }) => sum + failedRecords, 0),
    ...(message !== undefined && { message }),
  };
}
