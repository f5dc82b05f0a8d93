/** Load on the lake. */
export interface Workload {
  readonly eventsPerDay: number;
  /** Size of one event as JSON, in bytes. */
  readonly eventBytes: number;
  readonly lookupsPerDay: number;
  /** Number of events in a request: 1 where every event is posted alone, up to 500 in batches. */
  readonly eventsPerRequest: number;
  readonly eventTypes: number;
  /** Number of joins. Each runs once a day and reads its day twice: for the rows, and for the counts. */
  readonly joins: number;
  readonly queriesPerDay: number;
  /** Bytes that a query reads. */
  readonly queryBytes: number;
  /** Runs of the crawler over reference files, each day. */
  readonly crawlsPerDay: number;
  /** Mode of payment for Kinesis; the stages' settings say which. */
  readonly streams: 'on-demand' | 'provisioned';
}

/** Assumptions that no price list answers. Each is a guess or a measurement of our own, and open to argument. */
export const assumptions = {
  daysPerMonth: 365 / 12,
  hoursPerMonth: 730,
  /** Ratio of the records in the busiest second to those in an average one. */
  peakFactor: 2,
  /** Bytes of Parquet for each byte of JSON, as measured with nested events of 300 to 700 bytes. */
  parquetShare: 0.2,
  /** Size of a look-up's answer. */
  answerBytes: 2_000,
  /** Size of an access log line. */
  accessLogBytes: 700,
  /** Size of the lines that Lambda itself writes for one invocation, and of our own line. */
  functionLogBytes: 900,
  /** Share of requests that X-Ray records: `tracedShare` of prod (apps/infra/src/stage-settings.ts). */
  tracedShare: 0.001,
  firehose: { bufferSeconds: 60, bufferBytes: 64 * 2 ** 20 },
  transformer: { memoryGB: 1, batchSeconds: 10, batchBytes: 2 ** 20, eventsPerSecond: 40_000 },
  compaction: { memoryGB: 4, runsPerHour: 12, secondsPerRun: 2, eventsPerSecond: 50_000 },
  /**
   * Number of state transitions of a join's run (apps/analytics/src/joins/join-state-machine.ts), including one
   * start.
   */
  join: { transitions: 11, readShare: 0.6, countShare: 0.05 },
  /** Requests of a query: its start, some questions whether it is done, and its rows. */
  query: { requests: 5, memoryGB: 1, seconds: 0.1 },
  /** Two DPUs (Glue guide, crawlers) for 10 minutes, the least that is billed. */
  crawl: { dpuHours: 2 / 6 },
  /**
   * One erasure. A test counts the requests of a real one (tools/cost/src/erasure-requests.spec.ts); the speed of rewriting
   * is that of compaction, above, in bytes of Parquet.
   */
  erasure: {
    memoryGB: 4,
    /** A hundred row groups of 44 KiB (libs/parquet-writing/src/lookup-layout.ts), as a table of 20 columns has. */
    fileBytes: 100 * 44 * 2 ** 10,
    /** Bytes of an index for each byte of rows; a guess. */
    indexShare: 0.1,
    /** For each day that is looked at, in its two looks: manifests; listings. */
    perDay: { gets: 4, lists: 10, ranges: { key: 1, index: 1, scan: 0 } },
    /** For each day that holds the person in addition: manifest, marker, Iceberg. */
    perHeldDay: { gets: 4, puts: 6 },
    perFile: { puts: 1 },
    secondsPerRequest: 0.02,
    rewriteBytesPerSecond: 50_000 * 600 * 0.2,
    scanBytesPerSecond: 60e6,
    /** Largest day that has filters of its keys and values: 4,194,304 rows (libs/lake-layout/src/key-filter.ts) of 100 bytes. */
    filteredDayBytes: 4_194_304 * 100,
    /** Days until replaced files and their versions are gone. */
    keptDays: 3,
  },
  lookup: { memoryGB: 1.728, seconds: 0.03, reads: 2 },
  /** The plain design: a function that queues each request, one that reads the queue, and full scans. */
  plain: {
    front: { memoryGB: 0.125, seconds: 0.015 },
    consumer: { memoryGB: 0.25, seconds: 0.03, messages: 10 },
    scan: { memoryGB: 2, bytesPerSecond: 60e6, secondsPerFile: 0.02, filesAtOnce: 64 },
  },
} as const;
