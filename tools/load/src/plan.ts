import { dollarsText } from '@sluice/values/figures';
import { assumptions, estimate, pricesByRegion, total, type Workload } from '@sluice/cost-model';

/** The wishes for a run. */
export interface LoadRequest {
  /** Events for each second, of all types together. */
  readonly eventsPerSecond: number;
  readonly minutes: number;
  readonly lookupsPerSecond: number;
  /** Mean size of an event as JSON, in bytes. */
  readonly eventBytes: number;
  readonly eventTypes: number;
  /** AWS region whose prices apply. */
  readonly region: string;
  readonly streams: Workload['streams'];
  /** Number of open shards of the stream with the fewest. */
  readonly fewestShards: number;
  /** Rate that the usage plan allows for a key; undefined where it is not known. */
  readonly requestsPerSecond: number | undefined;
}

export interface LoadPlan {
  readonly events: number;
  readonly lookups: number;
  readonly durationMs: number;
  readonly eventsPerRequest: number;
  /** Interval of sampling: one in this many events of a type is searched for until its row is there. */
  readonly sampleEvery: number;
  readonly cost: { readonly dollars: number; readonly pricesOf: string };
  /** Sentences for a person about requests that will be refused at this rate. */
  readonly warnings: readonly string[];
}

/** Largest number of samples: enough for a 99th percentile, and few enough to be searched for continuously. */
const maxSamples = 200;
/** Longest time in milliseconds that the ingest client waits for a batch to fill. */
export const flushAfterMs = 200;
const maxEventsPerRequest = 500;
/** Limits of a shard for each second (Kinesis guide: service-sizes-and-limits). */
const shardRecordsPerSecond = 1_000;
const shardBytesPerSecond = 2 ** 20;
const secondsPerDay = 86_400;
/** Region whose prices are used where the price table has no entry for one. */
const defaultPrices = 'us-east-1';

/** Computes the events of a run, its cost, and the limits that it will meet. */
export function planLoad(request: LoadRequest): LoadPlan {
  const { eventsPerSecond, minutes, lookupsPerSecond, eventTypes } = request;
  const events = Math.round(eventsPerSecond * minutes * 60);
  const eventsPerRequest = Math.max(
    1,
    Math.min(maxEventsPerRequest, (eventsPerSecond / eventTypes) * (flushAfterMs / 1_000)),
  );
  return {
    events,
    lookups: Math.round(lookupsPerSecond * minutes * 60),
    durationMs: minutes * 60_000,
    eventsPerRequest,
    sampleEvery: Math.max(1, Math.ceil(events / maxSamples)),
    cost: costOf(request, eventsPerRequest),
    warnings: warningsOf(request, eventsPerRequest),
  };
}

/**
 * Returns what the run costs in addition to the idle stage: its share of a month at this rate, less that of a month
 * without events.
 */
function costOf(
  {
    eventsPerSecond,
    minutes,
    lookupsPerSecond,
    eventBytes,
    eventTypes,
    region,
    streams,
  }: LoadRequest,
  eventsPerRequest: number,
): LoadPlan['cost'] {
  const pricesOf = pricesByRegion.has(region) ? region : defaultPrices;
  const prices = pricesByRegion.get(pricesOf);
  if (!prices) throw new Error(`there are no prices of ${pricesOf}`);
  const month = (events: number, lookups: number): number =>
    total(
      estimate(
        {
          eventsPerDay: events * secondsPerDay,
          eventBytes,
          lookupsPerDay: lookups * secondsPerDay,
          eventsPerRequest,
          eventTypes,
          joins: 0,
          queriesPerDay: 0,
          queryBytes: 0,
          crawlsPerDay: 0,
          streams,
        },
        prices,
      ).sluice,
    );
  const share = (minutes * 60) / (assumptions.daysPerMonth * secondsPerDay);
  return { dollars: (month(eventsPerSecond, lookupsPerSecond) - month(0, 0)) * share, pricesOf };
}

/** Returns the reason for refusing a run that would cost more than allowed; undefined where it may begin. */
export const costRefusal = (
  { dollars, isBilled }: { readonly dollars: number; readonly isBilled: boolean },
  maxDollars: number,
): string | undefined =>
  isBilled && dollars > maxDollars
    ? `it should cost ${dollarsText(dollars)} US$, more than --max-dollars ${maxDollars}; nothing was sent`
    : undefined;

function warningsOf(
  {
    eventsPerSecond,
    lookupsPerSecond,
    eventBytes,
    eventTypes,
    fewestShards,
    requestsPerSecond,
    streams,
  }: LoadRequest,
  eventsPerRequest: number,
): readonly string[] {
  const warnings: string[] = [];
  const perType = eventsPerSecond / eventTypes;
  const taken = Math.floor(
    fewestShards * Math.min(shardRecordsPerSecond, shardBytesPerSecond / eventBytes),
  );
  if (perType > taken)
    warnings.push(
      `${Math.round(perType)} events of ${Math.round(eventBytes)} bytes a second and type are more than ${fewestShards} shards take (${taken}): some are refused and sent again` +
        (streams === 'on-demand' ? ', until the stream has grown' : ''),
    );
  const requests = eventsPerSecond / eventsPerRequest + lookupsPerSecond;
  if (requestsPerSecond !== undefined && requests > requestsPerSecond)
    warnings.push(
      `${Math.round(requests)} requests a second are more than the usage plan's ${requestsPerSecond}: some are answered 429`,
    );
  return warnings;
}
