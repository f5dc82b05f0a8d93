import { flowCost, priceSource, pricesByRegion, type FlowCost } from '@sluice/cost-model';
import { useState } from 'preact/hooks';
import type { TableOverview } from '../model/facts';
import { observedBytes, type BytesSource } from '../model/observed-bytes';
import { count, dollars, plural, shortCount } from '../model/text';
import type { LiveState } from '../model/live-state';
import { Panel, Select } from '../ui/parts';

const region = 'us-east-1';
const requestSizes = [1, 10, 100, 500];

/** Cost on AWS of the events that are seen. */
export interface SeenCost {
  readonly eventsPerMinute: number;
  readonly eventBytes: number;
  readonly bytesSource: BytesSource;
  readonly eventTypes: number;
  /** True where so few events come in that a million of them has no price worth telling. */
  readonly isQuiet: boolean;
  readonly cost: FlowCost | undefined;
}

/** Least number of events a minute for which the price of a million is shown. */
const leastPerMinute = 1;

/** Estimates the cost of the events of the last minutes, with so many of them in a request. */
export function seenCost(
  tables: readonly TableOverview[],
  live: LiveState,
  eventsPerRequest: number,
): SeenCost | undefined {
  const prices = pricesByRegion.get(region);
  const observed = observedBytes(tables, live.records);
  if (!prices || !observed) return undefined;
  const eventsPerMinute = tables.reduce((sum, { delivered }) => sum + delivered.rowsPerMinute, 0);
  const eventTypes = Math.max(1, tables.length);
  const isQuiet = eventsPerMinute < leastPerMinute;
  // What a month costs without events is told by the cost of hardly any.
  const flow = {
    eventsPerMinute: Math.max(eventsPerMinute, leastPerMinute),
    eventBytes: observed.bytes,
    eventTypes,
    eventsPerRequest,
  };
  return {
    eventsPerMinute,
    eventBytes: observed.bytes,
    bytesSource: observed.source,
    eventTypes,
    isQuiet,
    cost: flowCost(flow, prices),
  };
}

const sources: Readonly<Record<BytesSource, string>> = {
  arrived: 'the mean of those that arrived lately',
  stored: 'guessed from the size of their rows',
};

/** Shows what a million events cost, by service, and what the figure assumes. */
export function CostPanel({
  tables,
  live,
}: {
  readonly tables: readonly TableOverview[];
  readonly live: LiveState;
}) {
  const [eventsPerRequest, setEventsPerRequest] = useState(1);
  const seen = seenCost(tables, live, eventsPerRequest);
  if (!seen) return null;
  const { cost, isQuiet, eventsPerMinute, eventBytes, bytesSource, eventTypes } = seen;
  const perDay = Math.round(eventsPerMinute * 1_440);
  return (
    <Panel
      title="Cost on AWS"
      className="cost"
      aside={
        <Select
          label="Events in a request"
          value={String(eventsPerRequest)}
          options={requestSizes.map((size) => [String(size), String(size)] as const)}
          onChange={(size) => setEventsPerRequest(Number(size))}
        />
      }
    >
      {cost ? (
        <>
          {isQuiet ? (
            <p>
              <b>US$ {dollars(cost.idlePerMonth)} a month without events</b>, and US${' '}
              {dollars(cost.furtherMillion)} for each million that comes. None comes at the moment,
              so there is no price of a million at this rate.
            </p>
          ) : (
            <p>
              <b>US$ {dollars(cost.perMillionEvents)} a million events</b> if{' '}
              {plural(Math.round(eventsPerMinute), 'event')} a minute go on for a month: US${' '}
              {dollars(cost.perMonth)}, of which {dollars(cost.idlePerMonth)} are due without any. A
              further million costs US$ {dollars(cost.furtherMillion)}.
            </p>
          )}
          <div class="table-scroll" tabIndex={0} role="region" aria-label="Cost by service">
            <table class="facts">
              <thead>
                <tr>
                  <th scope="col">Service</th>
                  {!isQuiet && (
                    <th scope="col" class="number">
                      US$ a million events
                    </th>
                  )}
                  <th scope="col" class="number">
                    US$ a month
                  </th>
                </tr>
              </thead>
              <tbody>
                {Object.entries(cost.bill)
                  .sort(([, a], [, b]) => b - a)
                  .map(([service, perMonth]) => (
                    <tr key={service}>
                      <th scope="row">{service}</th>
                      {!isQuiet && (
                        <td class="number">
                          {dollars((perMonth / cost.eventsPerMonth) * 1_000_000)}
                        </td>
                      )}
                      <td class="number">{dollars(perMonth)}</td>
                    </tr>
                  ))}
              </tbody>
            </table>
          </div>
        </>
      ) : (
        <p>No event came in during the last minutes, so a million of them has no price.</p>
      )}
      <p class="quiet">
        An estimate by list prices of {region} of {priceSource.date}, with{' '}
        {plural(eventTypes, 'event type')} and streams on demand; an event is {count(eventBytes)}{' '}
        bytes, {sources[bytesSource]}. Look-ups, joins and queries are not in it. What it assumes
        and what drives it: <code>docs/cost.md</code>. The same in a terminal:{' '}
        <code>
          npm run cost -- --events-per-day {perDay} --event-bytes {eventBytes} --event-types{' '}
          {eventTypes} --events-per-request {eventsPerRequest}
        </code>
      </p>
    </Panel>
  );
}

/** Returns a price for the picture of the flow, such as `12.40` or `1.3k`. */
export const shortPrice = (price: number): string =>
  price < 1_000 ? dollars(price) : shortCount(price);
