import { RetentionDays } from 'aws-cdk-lib/aws-logs';

/** What differs between stages, all of it in this file. Names carry their units. */
export interface StageSettings {
  readonly stage: StageName;
  readonly streams: {
    /**
     * `'on-demand'` scales by itself; a number is that many provisioned shards. For each shard Firehose may run 5
     * transformers at once, and an on-demand stream begins with 4 shards. A new account may begin with as few as
     * 10 concurrent functions (quota L-B99A9384) and has 50 streams on demand: raise them before you go beyond.
     */
    readonly shards: 'on-demand' | number;
    /** How long events wait for a delivery that is down: 24 to 8,760. */
    readonly retentionHours: number;
  };
  readonly delivery: {
    /** How long Firehose collects before it writes a file: 0 to 900. */
    readonly bufferSeconds: number;
    /** Buffered MiB at which it writes before its seconds are over; 64 to 128 with format conversion. */
    readonly bufferMegabytes: number;
    /** The same for the batches that the transformer gets: 0 to 900. */
    readonly transformBufferSeconds: number;
    /** 0.2 to 3. What comes back is larger than what goes in, and both may be 6 MB at most. */
    readonly transformBufferMegabytes: number;
  };
  /** How both APIs can be reached. */
  readonly access: {
    /** VPC endpoints (`vpce-…`) that alone may call; with none the APIs are public. */
    readonly onlyFromVpcEndpoints: readonly string[];
    /**
     * AWS WAF in front of the APIs: it stops known bad addresses, and an address that sends more than one API key
     * may (the API's throttle), whatever key it brings. Costs by the month.
     */
    readonly firewall: boolean;
    /** Whether callers of the ingest API bring an API key or sign with IAM credentials. */
    readonly ingestAuth: 'api-key' | 'iam';
  };
  readonly ingestThrottle: Throttle;
  readonly lookupThrottle: Throttle;
  /** Each request of it lists a part of the lake. */
  readonly operationsThrottle: Throttle;
  readonly analytics: {
    readonly throttle: Throttle;
    /** A query that would read more is stopped; Athena bills what it read until then. At least 0.01. */
    readonly maxScanGigabytes: number;
    /** Results of queries are kept so long. */
    readonly resultDays: number;
    /** When the crawler looks for folders under `reference/` that nobody defined: `cron(…)`, UTC; by hand only when false. */
    readonly crawlerSchedule: false | string;
  };
  readonly compaction: {
    readonly everyMinutes: number;
    /** Up to 3,008 in a new account, which AWS raises as it is used, up to 10,240 (Lambda guide: gettingstarted-limits). */
    readonly memoryMegabytes: number;
  };
  readonly alarms: {
    /** Addresses that are told; each has to confirm once, by the mail that SNS sends. */
    readonly emails: readonly string[];
    /** How old the oldest event that is not in S3 yet may be. */
    readonly deliveryMinutes: number;
    /** How long compaction may stay behind, or not run at all. */
    readonly compactionMinutes: number;
    /** Failed records of one event type in an hour: a few are a sender's mistake. */
    readonly failedRecordsPerHour: number;
    /** The 99th percentile of a look-up. */
    readonly lookupP99Ms: number;
  };
  /** Share of the requests that X-Ray records, beside one a second. At $5 a million it adds up: 0 to 1. */
  readonly tracedShare: number;
  readonly logRetention: RetentionDays;
  /** Noncurrent versions of the lake's objects are kept so long. */
  readonly noncurrentVersionDays: number;
  /**
   * Whether deleting the stack may delete data. It does only if this says so and SLUICE_DESTROY_DATA names
   * the stage when the templates are made.
   */
  readonly dataMayBeDestroyed: boolean;
}

/**
 * Requests that one API key may make. All APIs of an account and region share 10,000 a second and a burst of 5,000
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
  // The local stack throttles too; a loop on a laptop is no attack.
  ingestThrottle: { requestsPerSecond: 5_000, burst: 5_000 },
  lookupThrottle: { requestsPerSecond: 5_000, burst: 5_000 },
  operationsThrottle: { requestsPerSecond: 50, burst: 100 },
  analytics: {
    throttle: { requestsPerSecond: 500, burst: 500 },
    maxScanGigabytes: 10,
    resultDays: 1,
    crawlerSchedule: false,
  },
  compaction: { everyMinutes: 5, memoryMegabytes: 2_048 },
  alarms: {
    emails: [],
    deliveryMinutes: 10,
    compactionMinutes: 60,
    failedRecordsPerHour: 100,
    lookupP99Ms: 2_000,
  },
  tracedShare: 0.05,
  logRetention: RetentionDays.TWO_WEEKS,
  noncurrentVersionDays: 1,
  dataMayBeDestroyed: true,
};

const staging: StageSettings = {
  ...dev,
  stage: 'staging',
  streams: { shards: 1, retentionHours: 48 },
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

/** @throws where no stage has this name. */
export function stageSettings(name: string): StageSettings {
  if (!isStageName(name))
    throw new Error(`there is no stage "${name}"; the stages are ${stageNames.join(', ')}`);
  return settings[name];
}
