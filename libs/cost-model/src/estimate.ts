import { tiered, type Prices } from './price-table';
import { assumptions, type Workload } from './workload';

/** US dollars a month, by service. */
export type Bill = Readonly<Record<string, number>>;

export interface Estimate {
  readonly sluice: Bill;
  readonly plain: Bill;
  /** Seconds for which the plain design scans to find one row. */
  readonly plainScanSeconds: number;
  /** Number of shards and cost with Kinesis's other mode of payment. */
  readonly provisioned: { readonly shards: number; readonly cost: number };
}

const gigabyte = 2 ** 30;
const { daysPerMonth, hoursPerMonth } = assumptions;
const secondsPerDay = 86_400;

/**
 * Estimates the cost of a month, next to that of a design with a queue and functions in front and full scans behind.
 */
export function estimate(workload: Workload, prices: Prices): Estimate {
  const month = monthOf(workload);
  const kinesis = kinesisCosts(workload, prices);
  const scanSeconds = plainScanSeconds(month);
  return {
    sluice: {
      'API Gateway':
        apiGateway(month.requests, prices) +
        apiGateway(month.lookups, prices) +
        apiGateway(month.queries * assumptions.query.requests, prices),
      'Kinesis Data Streams':
        workload.streams === 'provisioned' ? kinesis.provisioned.cost : kinesis.onDemand,
      Firehose: firehose(month, prices),
      'Lambda: transform': transform(month, workload, prices),
      'Lambda: compaction': compaction(month, workload, prices),
      'Lambda: look-up': lambda(month.lookups, assumptions.lookup, prices),
      'Lambda: queries': lambda(
        month.queries * assumptions.query.requests,
        assumptions.query,
        prices,
      ),
      'Athena: joins': athena(joinScans(month, workload), prices),
      'Athena: queries': athena(
        { count: month.queries, bytes: month.queries * workload.queryBytes },
        prices,
      ),
      'Step Functions':
        ((month.runs * assumptions.join.transitions) / 1_000) *
        prices.stepFunctions.perThousandTransitions,
      'Glue: crawler':
        workload.crawlsPerDay * daysPerMonth * assumptions.crawl.dpuHours * prices.glue.perDpuHour,
      'S3: storage': tiered(prices.s3.perGBMonth, month.parquetBytes / gigabyte),
      'S3: requests':
        puts(2 * month.rawFiles, prices) +
        gets(3 * month.rawFiles + month.lookups * assumptions.lookup.reads, prices),
      KMS: kms(kinesis.provisioned.shards, prices),
      'CloudWatch and X-Ray': watching(month, workload, prices),
      'Data transfer': transferOut(month, prices),
    },
    plain: {
      'API Gateway': apiGateway(month.requests, prices) + apiGateway(month.lookups, prices),
      SQS: queue(month, workload, prices),
      Firehose: firehose(month, prices),
      'Lambda: queueing': lambda(month.requests, assumptions.plain.front, prices),
      'Lambda: transform': lambda(
        month.events / assumptions.plain.consumer.messages,
        assumptions.plain.consumer,
        prices,
      ),
      'Lambda: look-up': lambda(
        month.lookups,
        { memoryGB: assumptions.plain.scan.memoryGB, seconds: scanSeconds },
        prices,
      ),
      'S3: storage': tiered(prices.s3.perGBMonth, month.parquetBytes / gigabyte),
      'S3: requests':
        puts(month.rawFiles, prices) + gets(month.lookups * month.rawFilesPerDay, prices),
      'CloudWatch and X-Ray': plainWatching(month, prices),
      'Data transfer': transferOut(month, prices),
    },
    plainScanSeconds: scanSeconds,
    provisioned: kinesis.provisioned,
  };
}

export const total = (bill: Bill): number =>
  Object.values(bill).reduce((sum, amount) => sum + amount, 0);

interface Month {
  readonly events: number;
  readonly requests: number;
  readonly lookups: number;
  readonly queries: number;
  /** Number of runs of joins in a month. */
  readonly runs: number;
  readonly parquetBytes: number;
  readonly rawFilesPerDay: number;
  readonly rawFiles: number;
  /** Bytes of events as Firehose bills them, rounded up. */
  readonly firehoseBytes: number;
}

function monthOf(workload: Workload): Month {
  const { eventsPerDay, eventBytes, lookupsPerDay, eventsPerRequest, eventTypes } = workload;
  const events = eventsPerDay * daysPerMonth;
  const { bufferBytes, bufferSeconds } = assumptions.firehose;
  const bytesPerDay = eventsPerDay * eventBytes;
  const rawFilesPerDay =
    eventsPerDay === 0
      ? 0
      : Math.max((eventTypes * secondsPerDay) / bufferSeconds, bytesPerDay / bufferBytes);
  return {
    events,
    requests: events / eventsPerRequest,
    lookups: lookupsPerDay * daysPerMonth,
    queries: workload.queriesPerDay * daysPerMonth,
    runs: workload.joins * daysPerMonth,
    parquetBytes: events * eventBytes * assumptions.parquetShare,
    rawFilesPerDay,
    rawFiles: rawFilesPerDay * daysPerMonth,
    firehoseBytes: events * roundUp(eventBytes, 5 * 1_024),
  };
}

const roundUp = (bytes: number, unit: number): number => Math.ceil(bytes / unit) * unit;

const apiGateway = (requests: number, { apiGateway: { perMillionRequests } }: Prices): number =>
  tiered(perMillionRequests, requests / 1e6);

/** Returns the cost of both modes, with the 24 hours of retention that are included. */
function kinesisCosts(
  { eventsPerDay, eventBytes, eventTypes }: Workload,
  { kinesis: { provisioned, onDemand } }: Prices,
) {
  const events = eventsPerDay * daysPerMonth;
  const peakPerSecond = (eventsPerDay / secondsPerDay) * assumptions.peakFactor;
  // A shard accepts 1,000 records and 1 MiB each second (Kinesis guide: service-sizes-and-limits).
  const shards = Math.max(
    eventTypes,
    Math.ceil(peakPerSecond / 1_000),
    Math.ceil((peakPerSecond * eventBytes) / 2 ** 20),
  );
  const putUnits = events * Math.ceil(eventBytes / 25_600);
  const onDemandGB = (events * roundUp(eventBytes, 1_024)) / gigabyte;
  return {
    provisioned: {
      shards,
      cost:
        shards * hoursPerMonth * provisioned.perShardHour +
        (putUnits / 1e6) * provisioned.perMillionPutUnits,
    },
    onDemand:
      eventTypes * hoursPerMonth * onDemand.perStreamHour +
      onDemandGB * (onDemand.perGBIn + onDemand.perGBOut),
  };
}

const firehose = ({ firehoseBytes }: Month, { firehose: { perGB, perGBConverted } }: Prices) =>
  tiered(perGB, firehoseBytes / gigabyte) + (firehoseBytes / gigabyte) * perGBConverted;

interface Scans {
  readonly count: number;
  readonly bytes: number;
}

/** Returns the bytes that joins scan: the rows, then their counts, which only read the keys. */
function joinScans({ runs, parquetBytes }: Month, { eventTypes }: Workload): Scans {
  const bytesOfDay = parquetBytes / daysPerMonth / eventTypes;
  const { readShare, countShare } = assumptions.join;
  return { count: 2 * runs, bytes: runs * bytesOfDay * (readShare + countShare) };
}

/** Least number of bytes that Athena bills for a query: 10 MB. */
const minScanBytes = 10e6;

const athena = ({ count, bytes }: Scans, { athena: { perTBScanned } }: Prices): number =>
  (Math.max(bytes, count * minScanBytes) / 1e12) * perTBScanned;

interface FunctionUse {
  readonly memoryGB: number;
  /** Seconds of one invocation. */
  readonly seconds: number;
}

const lambda = (
  invocations: number,
  { memoryGB, seconds }: FunctionUse,
  { lambda: { perMillionRequests, perGBSecond } }: Prices,
): number =>
  (invocations / 1e6) * perMillionRequests + invocations * seconds * memoryGB * perGBSecond;

/** Counts the transformer's invocations. A batch is sent when it is full or old enough, whichever comes first. */
const transformInvocations = ({ events }: Month, { eventBytes, eventTypes }: Workload): number =>
  events === 0
    ? 0
    : Math.max(
        (events * eventBytes) / assumptions.transformer.batchBytes,
        (eventTypes * daysPerMonth * secondsPerDay) / assumptions.transformer.batchSeconds,
      );

function transform(month: Month, workload: Workload, prices: Prices): number {
  const { memoryGB, eventsPerSecond } = assumptions.transformer;
  const invocations = transformInvocations(month, workload);
  const seconds = invocations === 0 ? 0 : month.events / eventsPerSecond / invocations + 0.005;
  return lambda(invocations, { memoryGB, seconds }, prices);
}

function compaction(month: Month, { eventTypes }: Workload, prices: Prices): number {
  const { memoryGB, runsPerHour, secondsPerRun, eventsPerSecond } = assumptions.compaction;
  const runs = runsPerHour * hoursPerMonth * eventTypes;
  const seconds = secondsPerRun + month.events / eventsPerSecond / runs;
  return (
    lambda(runs, { memoryGB, seconds }, prices) +
    (runs / 1e6) * prices.scheduler.perMillionInvocations
  );
}

/**
 * Returns the cost of the queue: the function in front sends up to 10 messages at once; the queue's reader receives
 * and deletes 10 at once.
 */
function queue(month: Month, { eventsPerRequest }: Workload, { sqs }: Prices): number {
  const sends = month.events / Math.min(eventsPerRequest, 10);
  const reads = (2 * month.events) / assumptions.plain.consumer.messages;
  return ((sends + reads) / 1e6) * sqs.perMillionRequests;
}

function plainScanSeconds({ parquetBytes, rawFilesPerDay }: Month): number {
  const { bytesPerSecond, secondsPerFile, filesAtOnce } = assumptions.plain.scan;
  return (
    parquetBytes / daysPerMonth / bytesPerSecond + (rawFilesPerDay * secondsPerFile) / filesAtOnce
  );
}

const puts = (count: number, { s3 }: Prices): number => (count / 1_000) * s3.perThousandPuts;
const gets = (count: number, { s3 }: Prices): number => (count / 1_000) * s3.perThousandGets;

/**
 * Returns the cost of KMS. Kinesis requests a new data key every five minutes for each shard; S3's requests are
 * avoided by its bucket key.
 */
const kms = (shards: number, { kms: prices }: Prices): number =>
  prices.perKeyMonth + ((shards * 12 * hoursPerMonth) / 1e4) * prices.perTenThousandRequests;

function watching(month: Month, workload: Workload, { cloudWatch, xray }: Prices): number {
  const { accessLogBytes, functionLogBytes, tracedShare } = assumptions;
  const invocations = transformInvocations(month, workload) + month.lookups;
  const logBytes =
    (month.requests + month.lookups) * accessLogBytes + invocations * functionLogBytes;
  const traces = (month.requests + invocations) * tracedShare;
  return (
    (logBytes / gigabyte) * cloudWatch.perGBLogs +
    (traces / 1e6) * xray.perMillionTraces +
    cloudWatch.perDashboardMonth +
    (8 + 7 * workload.eventTypes + workload.joins) * cloudWatch.perAlarmMonth +
    (2 + 10 * workload.eventTypes) * cloudWatch.perMetricMonth
  );
}

/**
 * Returns the cost of monitoring the plain design, with the same share of traces and the same log lines, so that only
 * the number of invocations differs.
 */
function plainWatching(month: Month, { cloudWatch, xray }: Prices): number {
  const { accessLogBytes, functionLogBytes, tracedShare, plain } = assumptions;
  const invocations = month.requests + month.events / plain.consumer.messages + month.lookups;
  const logBytes =
    (month.requests + month.lookups) * accessLogBytes + invocations * functionLogBytes;
  const traces = (month.requests + month.lookups) * tracedShare;
  return (logBytes / gigabyte) * cloudWatch.perGBLogs + (traces / 1e6) * xray.perMillionTraces;
}

const transferOut = ({ lookups }: Month, { transfer }: Prices): number =>
  ((lookups * assumptions.answerBytes) / gigabyte) * transfer.perGBOut;
