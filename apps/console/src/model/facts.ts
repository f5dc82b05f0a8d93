// The parts of the APIs' answers that the page uses.

export interface TableOverview {
  readonly table: string;
  readonly eventType: string;
  readonly version: string;
  readonly description?: string;
  readonly key: string;
  readonly columns: number;
  readonly rows: number;
  readonly isExact: boolean;
  readonly bytes: number;
  readonly files: { readonly raw: number; readonly compacted: number };
  readonly days: number;
  readonly sealedDays: number;
  readonly lastDay?: string;
  readonly lastDeliveryMs?: number;
  readonly lastCompactionMs?: number;
  readonly backlog: {
    readonly files: number;
    readonly bytes: number;
    readonly rows: number;
    readonly oldestMs?: number;
  };
  readonly delivered: {
    readonly stepMs: number;
    readonly points: readonly { readonly atMs: number; readonly rows: number }[];
    readonly rowsPerMinute: number;
  };
  readonly failures: {
    readonly records: number;
    readonly replayed: number;
    readonly lastMs?: number;
  };
  readonly faults: readonly string[];
}

export interface LakeOverview {
  readonly atMs: number;
  readonly tables: readonly TableOverview[];
}

export type { FailureGroup, Failures, FailureSample, FixStep } from '@sluice/failed-records';

export interface ReplayReport {
  readonly sent: number;
  readonly left: number;
  readonly complete: boolean;
  readonly groups: readonly {
    readonly verdict: string;
    readonly reason: string;
    readonly records: number;
    readonly examples?: readonly { readonly body?: string; readonly before?: string }[];
  }[];
}

export interface OperationRun<Result = unknown> {
  readonly id: string;
  readonly state: 'queued' | 'running' | 'done' | 'failed';
  readonly result?: Result;
  readonly message?: string;
}

export interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly anyOf?: readonly JsonSchema[];
  readonly const?: unknown;
}

export interface EventTypeFacts {
  readonly name: string;
  readonly table: string;
  readonly version: string;
  readonly description?: string;
  readonly key: string;
  readonly identity?: string;
  readonly time?: string;
  /** Paths of further values by which rows are found. */
  readonly indexes?: readonly string[];
  readonly owner?: string;
  readonly schema: JsonSchema;
  readonly columns: readonly {
    readonly name: string;
    readonly path: string;
    readonly type: string;
    readonly isRequired: boolean;
    readonly isNullable: boolean;
    readonly isSystem: boolean;
    readonly description?: string;
  }[];
}

export interface TableDay {
  readonly date: string;
  readonly state: 'raw' | 'open' | 'sealed' | 'late' | 'damaged';
  readonly rows: number;
  readonly bytes: number;
  readonly files: number;
  readonly waiting: { readonly files: number; readonly bytes: number };
  readonly compactedMs?: number;
  readonly fault?: string;
  readonly erased?: { readonly rows: number; readonly erasures: number; readonly lastMs: number };
}

export type RowObject = Readonly<Record<string, unknown>>;

export interface LiveRecord {
  readonly id: number;
  readonly table: string;
  readonly arrivedMs: number;
  readonly bytes: number;
  readonly body: string;
  readonly isCut: boolean;
  /** Trace of its request; undefined where that is not recorded. */
  readonly traceId?: string;
  readonly state: 'in the stream' | 'delivered' | 'failed';
  readonly settledMs?: number;
  readonly fault?: { readonly code: string; readonly pointer: string; readonly detail: string };
}

export interface LiveBatch {
  readonly atMs: number;
  /** Moment at which the feed began. The stack begins a new one when definitions change. */
  readonly sinceMs: number;
  readonly counts: Readonly<
    Record<
      string,
      { readonly arrived: number; readonly delivered: number; readonly failed: number }
    >
  >;
  readonly records: readonly LiveRecord[];
  readonly skipped: number;
  readonly settled: readonly Pick<LiveRecord, 'id' | 'state' | 'settledMs' | 'fault'>[];
}
