import { maxRecordBytes, type OutgoingRecord } from '@sluice/aws-clients/put-all-records';
import { tableName, type EventType } from '@sluice/event-schema';
import {
  dateOfKey,
  errorsPrefix,
  type LakeDate,
  type ObjectInfo,
  type ObjectStore,
} from '@sluice/lake-layout';
import type { HashKeys } from '@sluice/privacy';
import {
  compileRecordCheck,
  compileRowCheck,
  throwawayHash,
  holdsFinishedRows,
  sealRecordWithin,
  type Flattener,
  type FlattenResult,
  type RowCheck,
} from '@sluice/record-flattening';
import {
  errorKinds,
  errorLineReader,
  linesOf,
  type ErrorKind,
  type FailedRecord,
} from './error-line';
import { bodyText } from './body-text';
import { mayHaveBecome, repairReplayNotes } from './keep-notes';
import { isClaimed, readEntry, writeEntry, type LedgerEntry, type StoredEntry } from './ledger';
import { faultOf, unzipped } from './record-fault';
import {
  findPositions,
  notePositions,
  readPositions,
  type LinePositions,
  type StreamPosition,
  type ReadStream,
} from './stream-positions';
import { ReportGroups, type ReplayReport, type Verdict } from './replay-report';

/**
 * Puts records into the stream of a table.
 *
 * @returns for each record, in order, why it was refused; undefined where it was accepted
 */
export type SendRecords = (
  table: string,
  records: readonly OutgoingRecord[],
) => Promise<readonly (string | undefined)[]>;

export interface ReplayOptions {
  readonly store: ObjectStore;
  readonly eventType: EventType;
  readonly send: SendRecords;
  /**
   * Reads the stream, to find records whose position is not known.
   *
   * @default none, so that such records keep an identity made of their bytes
   */
  readonly readStream?: ReadStream | undefined;
  /** Days of the error output, both inclusive. @default all */
  readonly from?: LakeDate | undefined;
  readonly to?: LakeDate | undefined;
  /** Kinds of the error output to replay. @default all */
  readonly kinds?: readonly ErrorKind[];
  /**
   * Reads the keys that decrypt sealed records; called for the first of these.
   *
   * @default none, so that they stay closed
   */
  readonly readErrorKeys?: (() => Promise<HashKeys>) | undefined;
  /** True to report what would be done, without doing it. @default false */
  readonly dryRun?: boolean;
  /**
   * True to show the first record of each group in the report. For people only, because logs must not hold values.
   *
   * @default false
   */
  readonly showBodies?: boolean;
  /** Number of records of each group that the report names, in addition to the first. @default 0 */
  readonly maxExamples?: number;
  /** Decides which records to replay. The others are left, and are in no group of the report. @default all */
  readonly select?: ((record: FailedRecord, kind: ErrorKind) => boolean) | undefined;
  /** Mends a record before it is sent; undefined leaves it in the error output. @default returns it unchanged */
  readonly fix?: (bytes: Uint8Array) => Promise<Uint8Array | undefined> | Uint8Array | undefined;
  readonly deadlineMs?: number;
  readonly now?: () => number;
  readonly onProgress?: (progress: ReplayProgress) => void;
}

export interface ReplayProgress {
  readonly objectsDone: number;
  readonly objects: number;
  readonly sent: number;
}

/** Number of lines that are sent between two notes in the ledger. */
const chunkLines = 2_000;

/**
 * Sends failed records back into their stream.
 *
 * An envelope preserves each record's identity, so that one which is sent twice (because the replay died between
 * sending and noting it) becomes one row. A ledger object beside the error output notes what was sent. A record that
 * the schema still refuses is not sent, and a later replay tries it again.
 */
export async function replayTable(options: ReplayOptions): Promise<ReplayReport> {
  const { eventType, dryRun = false, deadlineMs = Infinity, now = Date.now } = options;
  const table = tableName(eventType);
  const objects = await errorObjects(options, table);
  const groups = new ReportGroups(options.maxExamples);
  const flattener = compileRecordCheck(eventType);
  const rowCheck = compileRowCheck(eventType, { hash: throwawayHash() });
  const errorKeys = objects.some(({ kind }) => kind === 'sealed')
    ? await options.readErrorKeys?.()
    : undefined;
  let skippedObjects = 0;
  let objectsDone = 0;
  for (const object of objects) {
    if (now() >= deadlineMs) break;
    const isReplayed = await replayObject(object, {
      ...options,
      table,
      flattener,
      rowCheck,
      groups,
      errorKeys,
    });
    if (!isReplayed) skippedObjects++;
    objectsDone++;
    options.onProgress?.({ objectsDone, objects: objects.length, sent: groups.count('sent') });
  }
  return {
    table,
    dryRun,
    objects: objects.length,
    skippedObjects,
    sent: groups.count('sent'),
    left: groups.count('still-failing', 'refused', 'unreadable'),
    complete: objectsDone === objects.length && now() < deadlineMs,
    groups: groups.list(),
  };
}

interface ErrorObject extends ObjectInfo {
  readonly kind: ErrorKind;
}

async function errorObjects(
  { store, from = '', to = '9999', kinds = errorKinds }: ReplayOptions,
  table: string,
): Promise<readonly ErrorObject[]> {
  const objects: ErrorObject[] = [];
  for (const kind of kinds)
    for await (const info of store.list(`${errorsPrefix(table)}${kind}/`)) {
      const date = dateOfKey(info.key);
      if (date !== undefined && date >= from && date <= to && info.bytes > 0)
        objects.push({ ...info, kind });
    }
  return objects;
}

interface ObjectContext extends ReplayOptions {
  readonly table: string;
  readonly flattener: Flattener;
  readonly rowCheck: RowCheck;
  readonly groups: ReportGroups;
  readonly errorKeys: HashKeys | undefined;
}

/** Replays an object. @returns false where there is nothing to do, or another replay is processing it */
async function replayObject(object: ErrorObject, context: ObjectContext): Promise<boolean> {
  const {
    store,
    table,
    errorKeys,
    dryRun = false,
    deadlineMs = Infinity,
    now = Date.now,
  } = context;
  let stored = await readEntry(store, object);
  if (stored && mayHaveBecome(stored.entry, object) && !dryRun) {
    const { bytes } = await store.get(object.key, { ifMatch: object.etag });
    await repairReplayNotes(store, { ...object, bytes });
    stored = await readEntry(store, object);
  }
  const known = stored?.entry.etag === object.etag ? stored.entry : undefined;
  if (isClaimed(stored, now())) return false;
  if (known?.state === 'done' && known.leftLines.length === 0) return false;

  const { bytes } = await store.get(object.key, { ifMatch: object.etag });
  const read = errorLineReader(object.kind, { table, errorKeys });
  const again = new Set(known?.leftLines);
  const done = known?.nextLine ?? 0;
  // Every line is read, because equal ones are distinguished by their order.
  const lines = [...linesOf(bytes)]
    .map((line, number) => ({ number, result: read(line) }))
    .filter(({ number }) => number >= done || again.has(number));

  let entry: LedgerEntry = {
    formatVersion: 1,
    etag: object.etag,
    state: 'sending',
    nextLine: done,
    leftLines: known?.leftLines ?? [],
    sent: known?.sent ?? 0,
    atMs: now(),
    ...(known?.becomes !== undefined && { becomes: known.becomes }),
  };
  let ledger: StoredEntry | undefined = stored;
  const note = async (next: LedgerEntry): Promise<boolean> => {
    entry = next;
    if (dryRun) return true;
    ledger = await writeEntry(store, object.key, entry, ledger);
    return ledger !== undefined;
  };
  if (!(await note(entry))) return false;

  const positions = dryRun ? {} : await positionsOf(object, lines, entry, context);
  for (let start = 0; start < lines.length && now() < deadlineMs; start += chunkLines) {
    const chunk = lines
      .slice(start, start + chunkLines)
      .map((line) => locatedLine(line, positions[line.number]));
    const left = await replayChunk(chunk, object, context);
    const tried = new Set(chunk.map(({ number }) => number));
    const isNoted = await note({
      ...entry,
      nextLine: Math.max(entry.nextLine, (chunk.at(-1)?.number ?? 0) + 1),
      leftLines: [...entry.leftLines.filter((number) => !tried.has(number)), ...left],
      sent: entry.sent + chunk.length - left.length,
      atMs: now(),
    });
    if (!isNoted) return true;
  }
  const isDone = lines.every(({ number }) => number < entry.nextLine);
  await note({ ...entry, state: isDone ? 'done' : 'paused' });
  return true;
}

interface NumberedLine {
  readonly number: number;
  readonly result: ReturnType<ReturnType<typeof errorLineReader>>;
}

/**
 * Returns the positions of an object's records. They are noted before the first record is sent; an object that was
 * partly replayed without noting them continues without them.
 */
async function positionsOf(
  object: ErrorObject,
  lines: readonly NumberedLine[],
  { nextLine }: LedgerEntry,
  { store, table, readStream }: ObjectContext,
): Promise<LinePositions> {
  const noted = await readPositions(store, object);
  if (noted || !readStream || nextLine > 0) return noted ?? {};
  const unlocated = lines.flatMap(({ number, result }) =>
    result.ok && result.record.unlocated ? [{ number, ...result.record.unlocated }] : [],
  );
  const found = await findPositions(unlocated, table, readStream);
  const positions: Record<number, StreamPosition> = {};
  unlocated.forEach(({ number }, index) => {
    const position = found[index];
    if (position) positions[number] = position;
  });
  return notePositions(store, object, positions);
}

function locatedLine(
  { number, result }: NumberedLine,
  position: StreamPosition | undefined,
): NumberedLine {
  if (!position || !result.ok) return { number, result };
  const { record } = result;
  const origin = { ...position, arrivalMs: record.origin.arrivalMs };
  return { number, result: { ok: true, record: { ...record, origin } } };
}

/** Replays some lines. @returns the lines whose records were not sent */
async function replayChunk(
  lines: readonly NumberedLine[],
  { key, kind }: ErrorObject,
  {
    table,
    send,
    dryRun = false,
    showBodies = false,
    fix,
    select,
    groups,
    ...checks
  }: ObjectContext,
): Promise<readonly number[]> {
  const left: number[] = [];
  const report = (
    line: number,
    verdict: Verdict,
    reason: string,
    { errorCode, bytes }: Pick<FailedRecord, 'errorCode' | 'bytes'> = noRecord,
    before: Uint8Array = bytes,
  ): void => {
    const bodies = showBodies &&
      bytes.length > 0 && {
        body: bodyText(bytes),
        ...(before !== bytes && { before: bodyText(before) }),
      };
    groups.add({ kind, verdict, errorCode, reason, example: { key, line, ...bodies } });
    if (verdict !== 'sent') left.push(line);
  };
  const outgoing: {
    line: number;
    record: FailedRecord;
    before: Uint8Array;
    /** Reason of the failure, as far as the original record states it. */
    reason: string;
    entry: OutgoingRecord;
  }[] = [];
  for (const { number, result } of lines) {
    if (!result.ok) {
      report(number, 'unreadable', result.detail);
      continue;
    }
    if (select && !select(result.record, kind)) {
      left.push(number);
      continue;
    }
    const { bytes: before } = result.record;
    const record = await fixedRecord(result.record, fix);
    const leftOut = 'the transform leaves it out';
    const judged = record ? judge(record, checks) : leftOut;
    if (!record || typeof judged === 'string') {
      const reason = typeof judged === 'string' ? judged : leftOut;
      report(number, 'still-failing', reason, record ?? result.record, before);
    } else {
      const entry = streamRecord({ ...record, ...judged });
      const fault = record.bytes === before ? undefined : judge(result.record, checks);
      const reason = typeof fault === 'string' ? fault : record.errorMessage;
      if (entry) outgoing.push({ line: number, record, before, reason, entry });
      else report(number, 'refused', 'the record is too large', record, before);
    }
  }
  const refusals = dryRun
    ? []
    : await send(
        table,
        outgoing.map(({ entry }) => entry),
      );
  for (const [index, { line, record, before, reason }] of outgoing.entries()) {
    const refusal = refusals[index];
    if (refusal === undefined) report(line, 'sent', reason, record, before);
    else report(line, 'refused', refusal, record, before);
  }
  return left;
}

const noRecord = { errorCode: '', bytes: new Uint8Array() };

async function fixedRecord(
  record: FailedRecord,
  fix: ReplayOptions['fix'],
): Promise<FailedRecord | undefined> {
  if (!fix) return record;
  const bytes = await fix(record.bytes);
  if (!bytes) return undefined;
  return { ...record, bytes, holds: holdsFinishedRows(bytes) ? record.holds : 'record' };
}

/**
 * Decides how a record is put into the stream, or why it can't be. Rows stay rows if each value still has its
 * column's type; a record that only looks like rows may be an original.
 */
function judge(
  { bytes, origin, holds }: FailedRecord,
  { flattener, rowCheck }: Pick<ObjectContext, 'flattener' | 'rowCheck'>,
): Pick<FailedRecord, 'holds'> | string {
  const text = unzipped(bytes);
  if (!text) return 'malformed-gzip';
  const asRows = holds === 'rows' ? faultText(rowCheck.check(text)) : undefined;
  if (holds === 'rows' && asRows === undefined) return { holds };
  const asRecord = faultText(flattener.flatten(text, origin));
  return asRecord === undefined ? { holds: 'record' } : (asRows ?? asRecord);
}

function faultText(result: FlattenResult): string | undefined {
  const fault = faultOf(result);
  return fault && `${fault.code} at ${fault.pointer}: ${fault.detail}`;
}

function streamRecord({ bytes, origin, holds, trace }: FailedRecord): OutgoingRecord | undefined {
  const partitionKey = origin.sequenceNumber;
  const data = sealRecordWithin(maxRecordBytes - partitionKey.length, bytes, {
    origin,
    attempt: 1,
    holds,
    trace,
  });
  return data && { data, partitionKey };
}
