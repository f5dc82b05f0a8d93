import { assumptions, estimate, pricesByRegion, total, type Workload } from '@sluice/cost';

/** What is asked of a run. */
export interface LoadRequest {
  /** Events of all types together. */
  readonly eventsPerSecond: number;
  readonly minutes: number;
  readonly lookupsPerSecond: number;
  /** Mean size of an event as JSON. */
  readonly eventBytes: number;
  readonly eventTypes: number;
  /** AWS region whose prices count. */
  readonly region: string;
  readonly streams: Workload['streams'];
  /** Open shards of the stream that has the fewest. */
  readonly fewestShards: number;
  /** What the usage plan lets a key send; undefined where it is not known. */
  readonly requestsPerSecond: number | undefined;
}

export interface LoadPlan {
  readonly events: number;
  readonly lookups: number;
  readonly durationMs: number;
  readonly eventsPerRequest: number;
  /** Every so manieth event of a type is looked for until its row is there. */
  readonly sampleEvery: number;
  readonly cost: { readonly dollars: number; readonly pricesOf: string };
  /** Sentences for a person: what will be refused at this rate. */
  readonly warnings: readonly string[];
}

/** Enough for a 99th percentile, and few enough to be looked for all the time. */
const mostSamples = 200;
/** The ingest client waits so long for a batch to fill. */
export const flushAfterMs = 200;
const mostEventsPerRequest = 500;
/** Limits of a shard (Kinesis guide: service-sizes-and-limits). */
const shardRecordsPerSecond = 1_000;
const shardBytesPerSecond = 2 ** 20;
const secondsPerDay = 86_400;
/** Region whose prices stand in where the price table has no entry for one. */
const defaultPrices = 'us-east-1';

/** Works out what a run does, what it costs, and what will be in its way. */
export function planLoad(request: LoadRequest): LoadPlan {
  const { eventsPerSecond, minutes, lookupsPerSecond, eventTypes } = request;
  const events = Math.round(eventsPerSecond * minutes * 60);
  const eventsPerRequest = Math.max(
    1,
    Math.min(mostEventsPerRequest, (eventsPerSecond / eventTypes) * (flushAfterMs / 1_000)),
  );
  return {
    events,
    lookups: Math.round(lookupsPerSecond * minutes * 60),
    durationMs: minutes * 60_000,
    eventsPerRequest,
    sampleEvery: Math.max(1, Math.ceil(events / mostSamples)),
    cost: costOf(request, eventsPerRequest),
    warnings: warningsOf(request, eventsPerRequest),
  };
}

/** What the run adds to what the idle stage costs: its share of a month at this rate, less that of a month without events. */
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

/** Returns why a run is not begun: it should cost more than it may. Undefined where it may begin. */
export const costRefusal = (
  { dollars, isBilled }: { readonly dollars: number; readonly isBilled: boolean },
  maxDollars: number,
): string | undefined =>
  isBilled && dollars > maxDollars
    ? `it should cost ${dollars.toFixed(2)} US$, more than --max-dollars ${maxDollars}; nothing was sent`
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
