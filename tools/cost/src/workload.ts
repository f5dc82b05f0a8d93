/** Says what is asked of the lake. */
export interface Workload {
  readonly eventsPerDay: number;
  /** Size of one event as JSON. */
  readonly eventBytes: number;
  readonly lookupsPerDay: number;
  /** 1 where every event is a request of its own; up to 500 in batches. */
  readonly eventsPerRequest: number;
  readonly eventTypes: number;
  /** Joins, each run once a day; each reads its day twice: for the rows, and for the counts. */
  readonly joins: number;
  readonly queriesPerDay: number;
  /** What a query reads. */
  readonly queryBytes: number;
  /** Runs of the crawler over reference files. */
  readonly crawlsPerDay: number;
  /** How Kinesis is paid for; the stages' settings say which. */
  readonly streams: 'on-demand' | 'provisioned';
}

/** What no price list knows. Each is a guess or a measurement of our own, so each can be argued with. */
export const assumptions = {
  daysPerMonth: 365 / 12,
  hoursPerMonth: 730,
  /** The busiest second has so many times the records of an average one. */
  peakFactor: 2,
  /** Parquet bytes for a byte of JSON: what nested events of 300 to 700 bytes came to. */
  parquetShare: 0.2,
  /** A look-up's answer. */
  answerBytes: 2_000,
  /** One access log line. */
  accessLogBytes: 700,
  /** What Lambda itself logs for one invocation, and our own line. */
  functionLogBytes: 900,
  /** What X-Ray records; `tracedShare` of prod (apps/infra/src/stage-settings.ts). */
  tracedShare: 0.001,
  firehose: { bufferSeconds: 60, bufferBytes: 64 * 2 ** 20 },
  transformer: { memoryGB: 1, batchSeconds: 10, batchBytes: 2 ** 20, eventsPerSecond: 40_000 },
  compaction: { memoryGB: 4, runsPerHour: 12, secondsPerRun: 2, eventsPerSecond: 50_000 },
  /** State transitions of a join's run (apps/analytics/src/joins/join-state-machine.ts), one start included. */
  join: { transitions: 11, readShare: 0.6, countShare: 0.05 },
  /** A start, some questions whether it is done, and its rows. */
  query: { requests: 5, memoryGB: 1, seconds: 0.1 },
  /** Two DPUs (Glue guide, crawlers), for the 10 minutes that are billed at least. */
  crawl: { dpuHours: 2 / 6 },
  lookup: { memoryGB: 1.728, seconds: 0.03, reads: 2 },
  /** The plain design: a function that queues each request, one that reads the queue, and full scans. */
  plain: {
    front: { memoryGB: 0.125, seconds: 0.015 },
    consumer: { memoryGB: 0.25, seconds: 0.03, messages: 10 },
    scan: { memoryGB: 2, bytesPerSecond: 60e6, secondsPerFile: 0.02, filesAtOnce: 64 },
  },
} as const;
