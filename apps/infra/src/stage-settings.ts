import type { NamedKeyScopes } from '@sluice/event-schema';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';

/** Settings that differ between stages; all of them are in this file. Names carry their units. */
export interface StageSettings {
  readonly stage: StageName;
  readonly streams: {
    /**
     * `'on-demand'` scales by itself; a number means that many provisioned shards. For each shard Firehose may run 5
     * transformers at the same time, and an on-demand stream begins with 4 shards. A new account may begin with as
     * few as 10 concurrent functions (quota L-B99A9384) and has 50 on-demand streams: raise these quotas before you
     * exceed them.
     */
    readonly shards: 'on-demand' | number;
    /** How long records stay in the stream, waiting for a delivery that is down: 24 to 8,760. */
    readonly retentionHours: number;
  };
  readonly delivery: {
    /** How long Firehose collects records before it writes a file: 0 to 900. */
    readonly bufferSeconds: number;
    /** Size of the buffer in MiB at which a file is written earlier; 64 to 128 with format conversion. */
    readonly bufferMegabytes: number;
    /** How long Firehose collects records for one call of the transformer: 0 to 900. */
    readonly transformBufferSeconds: number;
    /**
     * Size of the records for one call of the transformer: 0.2 to 3. The answer is larger than the request, and both
     * are limited to 6 MB.
     */
    readonly transformBufferMegabytes: number;
  };
  /** Access to both APIs. */
  readonly access: {
    /**
     * VPC endpoints (`vpce-…`) from which alone the APIs can be called; where the list is empty the APIs are public.
     */
    readonly onlyFromVpcEndpoints: readonly string[];
    /**
     * True for AWS WAF in front of the APIs. It stops known bad addresses, and any address that sends more than one
     * API key may (the API's throttle), whatever key it uses. It has a monthly price.
     */
    readonly firewall: boolean;
    /** Authentication of callers of the ingest API: an API key, or signatures with IAM credentials. */
    readonly ingestAuth: 'api-key' | 'iam';
    /**
     * API keys with scopes, by name. Each API whose actions a key has gets one, `sluice-<stage>-<api>-<name>`. The key
     * that an API has from the start has every scope.
     *
     * @default none
     */
    readonly apiKeys?: NamedKeyScopes;
  };
  readonly ingestThrottle: Throttle;
  /** Web pages that send events, such as those with the tracker. */
  readonly pages: {
    /**
     * Origin whose pages may call the ingest API, such as `https://www.example.com`; `*` for all pages, null for none.
     */
    readonly origin: string | null;
    /**
     * Rate of a second API key of the ingest API, which is made for pages; null for none. Everybody who opens a page
     * can read its key: this one has a throttle of its own, so that servers keep theirs, and can be replaced alone.
     */
    readonly throttle: Throttle | null;
  };
  readonly lookupThrottle: Throttle;
  /** Throttle of the operations API, where each request lists a part of the lake. */
  readonly operationsThrottle: Throttle;
  readonly analytics: {
    readonly throttle: Throttle;
    /** Bytes after which a query is stopped, in GB; Athena bills what it read until then. At least 0.01. */
    readonly maxScanGigabytes: number;
    /** Days for which results of queries are kept. */
    readonly resultDays: number;
    /**
     * Schedule on which the crawler looks for undefined folders under `reference/`: `cron(…)` in UTC, or false to run
     * it by hand only.
     */
    readonly crawlerSchedule: false | string;
  };
  readonly compaction: {
    readonly everyMinutes: number;
    /**
     * Memory of the function: up to 3,008 in a new account, which AWS raises with use to up to 10,240 (Lambda guide:
     * gettingstarted-limits).
     */
    readonly memoryMegabytes: number;
  };
  /**
   * Snapshots of the Iceberg tables that are kept for time travel: one is made by each run of compaction that found new
   * files. A snapshot is kept if either limit allows it.
   */
  readonly snapshots: {
    readonly days: number;
    /** Number of newest snapshots that are kept however old they are; at least 1. */
    readonly atLeast: number;
  };
  readonly alarms: {
    /** Addresses that alarms notify. Each has to confirm once, in a mail from SNS. */
    readonly emails: readonly string[];
    /** Largest age of the oldest event that is not in S3 yet. */
    readonly deliveryMinutes: number;
    /** How long compaction may lag behind, or not run at all. */
    readonly compactionMinutes: number;
    /** Failed records of one event type in an hour; a few are a sender's mistake. */
    readonly failedRecordsPerHour: number;
    /** Limit of the 99th percentile of look-ups. */
    readonly lookupP99Ms: number;
  };
  /**
   * OpenTelemetry traces of events and requests (docs/traces.md); null for none, and then nothing of them is in the
   * templates.
   */
  readonly traces: TraceSettings | null;
  /**
   * Share of the requests that X-Ray records, from 0 to 1, in addition to one each second. A million traces cost $5,
   * which adds up.
   */
  readonly tracedShare: number;
  readonly logRetention: RetentionDays;
  /** Days for which noncurrent versions of the lake's objects are kept. */
  readonly noncurrentVersionDays: number;
  /**
   * True where deleting the stack may delete data. This also requires that SLUICE_DESTROY_DATA names the stage when
   * the templates are made.
   */
  readonly dataMayBeDestroyed: boolean;
}

/** OpenTelemetry traces: which are recorded, and where they go. */
export interface TraceSettings {
  /**
   * Share of the requests to the ingest and look-up APIs that are recorded where the client sends no `traceparent`, from
   * 0 to 1. A client that sends one decides by its flag.
   */
  readonly share: number;
  /**
   * Address of a collector that takes OTLP over HTTP, such as `https://collector.example.com:4318`; null where the
   * functions send nothing, unless they run on a laptop.
   */
  readonly endpoint: string | null;
  /**
   * Name of a secret of Secrets Manager with the headers of each request to the collector, as
   * `OTEL_EXPORTER_OTLP_HEADERS` has them: `authorization=Bearer%20…`.
   *
   * @default no headers
   */
  readonly headersSecret?: string;
}

/**
 * Rate of requests for one API key. All APIs of an account and region share 10,000 a second and a burst of 5,000
 * (quota L-8A5B8E43; 2,500 and 1,250 in some regions: API Gateway guide, "Quotas").
 */
export interface Throttle {
  readonly requestsPerSecond: number;
  readonly burst: number;
}

export const stageNames = ['dev', 'staging', 'prod'] as const;
export type StageName = (typeof stageNames)[number];

const dev: StageSettings = {
  stage: 'dev',
  streams: { shards: 1, retentionHours: 24 },
  delivery: {
    bufferSeconds: 60,
    bufferMegabytes: 64,
    transformBufferSeconds: 10,
    transformBufferMegabytes: 1,
  },
  access: { onlyFromVpcEndpoints: [], firewall: false, ingestAuth: 'api-key' },
  // The local stack throttles too, and a loop on a laptop is no attack.
  ingestThrottle: { requestsPerSecond: 5_000, burst: 5_000 },
  pages: { origin: '*', throttle: null },
  lookupThrottle: { requestsPerSecond: 5_000, burst: 5_000 },
  operationsThrottle: { requestsPerSecond: 50, burst: 100 },
  analytics: {
    throttle: { requestsPerSecond: 500, burst: 500 },
    maxScanGigabytes: 10,
    resultDays: 1,
    crawlerSchedule: false,
  },
  compaction: { everyMinutes: 5, memoryMegabytes: 2_048 },
  snapshots: { days: 1, atLeast: 1 },
  alarms: {
    emails: [],
    deliveryMinutes: 10,
    compactionMinutes: 60,
    failedRecordsPerHour: 100,
    lookupP99Ms: 2_000,
  },
  // `dev` is the stage that runs on laptops, where every trace goes to the console's page.
  traces: { share: 1, endpoint: null },
  tracedShare: 0.05,
  logRetention: RetentionDays.TWO_WEEKS,
  noncurrentVersionDays: 1,
  dataMayBeDestroyed: true,
};

const staging: StageSettings = {
  ...dev,
  stage: 'staging',
  streams: { shards: 1, retentionHours: 48 },
  traces: null,
  logRetention: RetentionDays.ONE_MONTH,
  noncurrentVersionDays: 7,
};

const prod: StageSettings = {
  ...staging,
  stage: 'prod',
  streams: { shards: 'on-demand', retentionHours: 168 },
  delivery: { ...dev.delivery, bufferMegabytes: 128 },
  access: { ...dev.access, firewall: true },
  ingestThrottle: { requestsPerSecond: 5_000, burst: 5_000 },
  lookupThrottle: { requestsPerSecond: 1_000, burst: 2_000 },
  analytics: {
    throttle: { requestsPerSecond: 50, burst: 100 },
    maxScanGigabytes: 100,
    resultDays: 7,
    crawlerSchedule: false,
  },
  compaction: { everyMinutes: 5, memoryMegabytes: 3_008 },
  alarms: {
    emails: [],
    deliveryMinutes: 5,
    compactionMinutes: 30,
    failedRecordsPerHour: 100,
    lookupP99Ms: 1_000,
  },
  tracedShare: 0.001,
  logRetention: RetentionDays.ONE_YEAR,
  noncurrentVersionDays: 30,
  dataMayBeDestroyed: false,
};

const settings: Readonly<Record<StageName, StageSettings>> = { dev, staging, prod };

const isStageName = (name: string): name is StageName =>
  (stageNames as readonly string[]).includes(name);

/** Returns the settings of a stage. @throws where no stage has this name */
export function stageSettings(name: string): StageSettings {
  if (!isStageName(name))
    throw new Error(`there is no stage "${name}"; the stages are ${stageNames.join(', ')}`);
  return settings[name];
}
