import { estimate, total, type Bill } from './estimate';
import type { Prices } from './price-table';
import { assumptions, type Workload } from './workload';

/** Observed rate and size of incoming events. */
export interface ObservedFlow {
  readonly eventsPerMinute: number;
  /** Mean size of an event as JSON, in bytes. */
  readonly eventBytes: number;
  readonly eventTypes: number;
  /** Number of events in a request. An assumption, because nothing in the lake records it. */
  readonly eventsPerRequest: number;
}

/** What a flow costs on AWS if it goes on for a month, in US dollars. */
export interface FlowCost {
  readonly eventsPerMonth: number;
  /** Bill of the month by service, without services that cost nothing. */
  readonly bill: Bill;
  readonly perMonth: number;
  /** Part of it that is due without any event. */
  readonly idlePerMonth: number;
  readonly perMillionEvents: number;
  /** Price of another million events at this rate, without the idle part. */
  readonly furtherMillion: number;
}

/**
 * Estimates what a flow costs. Look-ups, joins and queries are not part of it: they cost by use, not by event.
 *
 * @returns undefined where no event comes in
 * @example
 * import { flowCost, pricesByRegion } from '@sluice/cost-model';
 *
 * const prices = pricesByRegion.get('us-east-1');
 * const flow = { eventsPerMinute: 28_000, eventBytes: 600, eventTypes: 1, eventsPerRequest: 500 };
 * const perMillion = prices && flowCost(flow, prices)?.perMillionEvents;
 */
export function flowCost(flow: ObservedFlow, prices: Prices): FlowCost | undefined {
  const { eventsPerMinute, ...observed } = flow;
  if (!(eventsPerMinute > 0)) return undefined;
  const billOf = (eventsPerDay: number): Bill =>
    estimate({ ...noReading, ...observed, eventsPerDay }, prices).sluice;
  const eventsPerDay = eventsPerMinute * minutesPerDay;
  const eventsPerMonth = eventsPerDay * assumptions.daysPerMonth;
  const bill = billOf(eventsPerDay);
  const perMonth = total(bill);
  return {
    eventsPerMonth,
    bill: Object.fromEntries(Object.entries(bill).filter(([, cost]) => cost > 0)),
    perMonth,
    idlePerMonth: total(billOf(0)),
    perMillionEvents: (perMonth / eventsPerMonth) * 1e6,
    furtherMillion: total(billOf(eventsPerDay + 1e6 / assumptions.daysPerMonth)) - perMonth,
  };
}

const minutesPerDay = 1_440;

const noReading = {
  lookupsPerDay: 0,
  joins: 0,
  queriesPerDay: 0,
  queryBytes: 0,
  crawlsPerDay: 0,
  streams: 'on-demand',
} as const satisfies Partial<Workload>;
