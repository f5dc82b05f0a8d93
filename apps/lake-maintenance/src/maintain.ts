import { type EventType, type ReferenceTable, tableName } from '@sluice/event-schema';
import { compareWithStored } from '@sluice/event-schema/compatibility';
import { fixRecord } from '@sluice/failed-records';
import {
  onlyReason,
  replayTable,
  type ReadStream,
  type ReplayReport,
  type SendRecords,
} from '@sluice/failed-records/replay';
import {
  definitionFingerprint,
  recordTableDefinition,
  tableDefinitionsKey,
  trackRun,
  type NoncurrentVersions,
  type ObjectStore,
} from '@sluice/lake-layout';
import type { HashKeys } from '@sluice/privacy';
import type { SendSpans } from '@sluice/traces';
import type { CompactDayResult } from './compaction/compact-day';
import type { ParquetCodec } from './compaction/parquet-codec';
import { runErasures, type ErasureOutcome } from './erasure/run-erasures';
import { takeIncoming, type TakeIncomingResult } from './incoming/take-incoming';
import {
  MaintenanceRequestError,
  parseMaintenanceEvent,
  type MaintenanceRequest,
} from './maintenance-event';
import { compactAndPublish } from './publishing/compact-and-publish';
import {
  TablePublisher,
  type PublishResult,
  type PublisherOptions,
} from './publishing/table-publisher';
import { expireTable, type ExpireResult } from './retention/expire-table';
import { sweepResults, type SweepResultsResult } from './results/sweep-results';
import { sendDeliverySpans } from './send-delivery-spans';

export interface MaintenanceDependencies {
  readonly store: ObjectStore;
  /** Name of the bucket behind `store`, for the paths of the Iceberg tables. */
  readonly bucket: string;
  readonly send: SendRecords;
  readonly readStream?: ReadStream;
  /** Reads the keys that decrypt failed records. */
  readonly readErrorKeys?: () => Promise<HashKeys>;
  /** Dependencies of erasures. @default erasures are refused */
  readonly erasing?: ErasingDependencies;
  readonly eventTypes: readonly EventType[];
  /** Reference tables that name people. @default none */
  readonly references?: readonly ReferenceTable[];
  /** Names of joins by the table to whose days their results belong. @default none */
  readonly joinsOf?: Readonly<Record<string, readonly string[]>>;
  /** Codec for Parquet. @default runs on the caller's thread */
  readonly codec?: ParquetCodec;
  /** Days that `compactTable` knows to be done. Keep it between events. */
  readonly done?: Map<string, string>;
  /** Retention of snapshots, and the catalogue that points to them. */
  readonly publishing?: Pick<PublisherOptions, 'retention' | 'retentionSetting' | 'catalog'>;
  /** Publishers of tables by name. Keep them between events. */
  readonly publishers?: Map<string, TablePublisher>;
  /** Sends spans for recorded events whose rows are in files. @default no spans */
  readonly traces?: DeliveryTraces | undefined;
  readonly now?: () => number;
}

export interface DeliveryTraces {
  readonly send: SendSpans;
  /** Called where the spans of delivered rows could not be sent. Compaction continues. */
  readonly onFailure: (error: unknown, table: string) => void;
}

export interface ErasingDependencies {
  /** Reads the keys of the ledger of erased people. */
  readonly readLedgerKeys: () => Promise<HashKeys>;
  /** Reads the keys for hashes of personal values. @default no event type has any */
  readonly readHashKeys?: () => Promise<HashKeys>;
  /** How long the streams keep an event, in milliseconds. */
  readonly streamRetentionMs: number;
  /** Noncurrent versions of the bucket. @default it keeps none */
  readonly versions?: NoncurrentVersions;
}

export interface CompactionSummary {
  readonly action: 'compact';
  /** False where the deadline came first; the next run continues. */
  readonly complete: boolean;
  readonly days: readonly CompactDayResult[];
  /** Results for the tables that other engines read. */
  readonly published: readonly PublishResult[];
  /** Tables whose definition can't read, or no longer names, all that an earlier one stored. */
  readonly changedDefinitions: readonly ChangedDefinition[];
}

/** Error for tables, or days of them, that can't be compacted. All others were compacted. */
export class CompactionError extends Error {
  override readonly name = 'CompactionError';
  constructor(
    faults: readonly Error[],
    /** Summary of the tables and days that were compacted. */
    readonly summary: CompactionSummary,
  ) {
    super(faults.map(({ message }) => message).join('; '), { cause: faults[0] });
  }
}

/** Effects of a definition on rows that an earlier one stored. Their values are kept in `unmapped`. */
export interface ChangedDefinition {
  readonly table: string;
  readonly unreadable: readonly string[];
  readonly unnamed: readonly string[];
}

export interface ReplaySummary extends ReplayReport {
  readonly action: 'replay';
}

export interface SweepResultsSummary extends SweepResultsResult {
  readonly action: 'sweep-results';
}

export interface ExpirySummary {
  readonly action: 'expire';
  /** False where the deadline came first, or another writer; the next run continues. */
  readonly complete: boolean;
  readonly tables: readonly ExpireResult[];
}

export interface ErasureSummary {
  readonly action: 'erase';
  readonly erasures: readonly ErasureOutcome[];
}

export interface IncomingSummary extends TakeIncomingResult {
  readonly action: 'take-incoming';
}

export type MaintenanceSummary =
  | CompactionSummary
  | ReplaySummary
  | SweepResultsSummary
  | ExpirySummary
  | ErasureSummary
  | IncomingSummary;

/**
 * Carries out what an event asks for, and returns the result.
 *
 * @example
 * await maintain({ action: 'compact', table: 'order' }, Date.now() + 600_000, dependencies);
 *
 * @param deadlineMs moment after which no step of work begins, in milliseconds since 1970
 * @throws MaintenanceRequestError where the event asks for something else, or of a function that can't do it
 * @throws CompactionError where a table, or a day of one, can't be compacted
 */
export async function maintain(
  event: unknown,
  deadlineMs: number,
  dependencies: MaintenanceDependencies,
): Promise<MaintenanceSummary> {
  const request = parseMaintenanceEvent(event, dependencies.eventTypes);
  if (request.action === 'sweep-results') {
    const { store, now = Date.now } = dependencies;
    return { action: 'sweep-results', ...(await sweepResults({ store, deadlineMs, now })) };
  }
  if (request.action === 'expire') return expire(request, deadlineMs, dependencies);
  if (request.action === 'take-incoming') {
    const { store, eventTypes, now = Date.now } = dependencies;
    const { key } = request;
    return {
      action: 'take-incoming',
      ...(await takeIncoming({ store, eventTypes, key, deadlineMs, now })),
    };
  }
  if (request.action === 'erase') return erase(request, deadlineMs, dependencies);
  const work = (): Promise<CompactionSummary | ReplaySummary> =>
    request.action === 'replay'
      ? replay(request, deadlineMs, dependencies)
      : compact(request, deadlineMs, dependencies);
  if (request.run === undefined) return work();
  const { store, now = Date.now } = dependencies;
  const kind = request.action === 'replay' ? 'replays' : 'compactions';
  return trackRun(store, kind, request.run, { work, now });
}

async function expire(
  { eventTypes, dryRun }: RequestOf<'expire'>,
  deadlineMs: number,
  { store, joinsOf = {}, now = Date.now }: MaintenanceDependencies,
): Promise<ExpirySummary> {
  const tables: ExpireResult[] = [];
  for (const eventType of eventTypes) {
    const joins = joinsOf[tableName(eventType)] ?? [];
    tables.push(await expireTable({ store, eventType, joins, dryRun, deadlineMs, now }));
  }
  return { action: 'expire', complete: tables.every(({ complete }) => complete), tables };
}

async function erase(
  { id }: RequestOf<'erase'>,
  deadlineMs: number,
  {
    erasing,
    readErrorKeys,
    store,
    bucket,
    codec,
    eventTypes,
    references = [],
    publishing = {},
    joinsOf,
    now = Date.now,
  }: MaintenanceDependencies,
): Promise<ErasureSummary> {
  if (!erasing)
    throw new MaintenanceRequestError(
      'this function has no key of the ledger: erasures are carried out by sluice-<stage>-erase',
    );
  const [ledgerKeys, hashKeys, errorKeys] = await Promise.all([
    erasing.readLedgerKeys(),
    erasing.readHashKeys?.(),
    readErrorKeys?.(),
  ]);
  const { streamRetentionMs, versions } = erasing;
  const shared = { store, bucket, eventTypes, references, ledgerKeys, hashKeys, errorKeys };
  const erasures = await runErasures({
    ...shared,
    ...(codec && { codec }),
    ...(publishing.catalog && { catalog: publishing.catalog }),
    ...{ id, streamRetentionMs, versions, joinsOf, deadlineMs, now },
  });
  return { action: 'erase', erasures };
}

type RequestOf<Action> = Extract<MaintenanceRequest, { readonly action: Action }>;

async function replay(
  { reason, fixes, ...request }: RequestOf<'replay'>,
  deadlineMs: number,
  { store, send, readStream, readErrorKeys, now = Date.now }: MaintenanceDependencies,
): Promise<ReplaySummary> {
  const report = await replayTable({
    ...request,
    store,
    send,
    readStream,
    readErrorKeys,
    deadlineMs,
    now,
    ...(reason && { select: onlyReason(request.eventType, reason) }),
    ...(fixes.length > 0 && { fix: (bytes: Uint8Array) => fixRecord(bytes, fixes) }),
  });
  return { action: 'replay', ...report };
}

async function compact(
  { date, seal, eventTypes }: RequestOf<'compact'>,
  deadlineMs: number,
  {
    store,
    bucket,
    codec,
    done,
    publishing = {},
    publishers = new Map(),
    traces,
    now = Date.now,
  }: MaintenanceDependencies,
): Promise<CompactionSummary> {
  const days: CompactDayResult[] = [];
  const published: PublishResult[] = [];
  const changedDefinitions: ChangedDefinition[] = [];
  const faults: Error[] = [];
  for (const eventType of eventTypes) {
    const table = tableName(eventType);
    const publisher =
      publishers.get(table) ?? new TablePublisher({ ...publishing, store, bucket, eventType, now });
    publishers.set(table, publisher);
    if (traces) {
      // Before compaction, which may take long: the rows have been delivered already.
      const { send, onFailure } = traces;
      await sendDeliverySpans({ store, table, eventType: eventType.name, send, now }).catch(
        (error: unknown) => {
          onFailure(error, table);
        },
      );
    }
    try {
      const {
        days: compacted,
        failed,
        published: ofTable,
      } = await compactAndPublish({
        publisher,
        store,
        date,
        seal,
        deadlineMs,
        now,
        ...(codec && { codec }),
        ...(done && { done }),
      });
      days.push(...compacted);
      published.push(ofTable);
      if (failed) faults.push(failed);
      if (compacted.length === 0) continue;
      const changed = await recordDefinition(eventType, { store, now, ...(done && { done }) });
      if (changed) changedDefinitions.push(changed);
    } catch (error) {
      // Other tables need not wait until this one is repaired.
      faults.push(error as Error);
    }
  }
  const summary: CompactionSummary = {
    action: 'compact',
    complete: faults.length === 0 && now() < deadlineMs && days.every(({ complete }) => complete),
    days,
    published,
    changedDefinitions,
  };
  if (faults.length > 0) throw new CompactionError(faults, summary);
  return summary;
}

/** Records in the lake by which definition a table's rows are stored, and compares it with the earlier ones. */
async function recordDefinition(
  eventType: EventType,
  {
    store,
    now,
    done = new Map(),
  }: { readonly now: () => number } & Pick<MaintenanceDependencies, 'store' | 'done'>,
): Promise<ChangedDefinition | undefined> {
  const table = tableName(eventType);
  const fingerprint = definitionFingerprint(eventType);
  if (done.get(tableDefinitionsKey(table)) === fingerprint) return undefined;
  const stored = await recordTableDefinition(store, eventType, { nowMs: now() });
  done.set(tableDefinitionsKey(table), fingerprint);
  const compared = stored.map((one) => compareWithStored(one.eventType, eventType));
  const unreadable = [...new Set(compared.flatMap((one) => one.unreadable))];
  const unnamed = [...new Set(compared.flatMap((one) => one.unnamed))];
  return unreadable.length + unnamed.length > 0 ? { table, unreadable, unnamed } : undefined;
}
