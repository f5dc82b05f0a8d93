import { flowCost, priceSource, pricesByRegion, type FlowCost } from '@sluice/cost-model';
import { useState } from 'preact/hooks';
import type { TableOverview } from '../model/facts';
import { observedBytes, type BytesSource } from '../model/observed-bytes';
import { count, dollars, plural, shortCount } from '../model/text';
import type { LiveState } from '../model/live-state';
import { FactsTable, Panel, Select } from '../ui/parts';

const region = 'us-east-1';
const requestSizes = [1, 10, 100, 500];

/** Cost on AWS of the observed events. */
export interface SeenCost {
  readonly eventsPerMinute: number;
  readonly eventBytes: number;
  readonly bytesSource: BytesSource;
  readonly eventTypes: number;
  /** True where so few events come in that a price per million would be meaningless. */
  readonly isQuiet: boolean;
  readonly cost: FlowCost | undefined;
}

/** Least number of events a minute for which the price of a million is shown. */
const minPerMinute = 1;

/** Estimates the cost of the events of the last minutes, for a given number of events in each request. */
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
  const isQuiet = eventsPerMinute < minPerMinute;
  // Hardly any events cost what an idle month costs.
  const flow = {
    eventsPerMinute: Math.max(eventsPerMinute, minPerMinute),
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
  arrived: 'the mean of recent events',
  stored: 'estimated from the size of the rows',
};

/** Shows the cost of a million events by service, and the assumptions behind it. */
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
              <b>US$ {dollars(cost.idlePerMonth)} a month without events</b>, plus US${' '}
              {dollars(cost.furtherMillion)} per million events. No events arrive at the moment, so
              there is no price per million at the current rate.
            </p>
          ) : (
            <p>
              <b>US$ {dollars(cost.perMillionEvents)} per million events</b> at{' '}
              {plural(Math.round(eventsPerMinute), 'event')} per minute for a month: US${' '}
              {dollars(cost.perMonth)}, of which {dollars(cost.idlePerMonth)} are due even without
              events. Another million costs US$ {dollars(cost.furtherMillion)}.
            </p>
          )}
          <FactsTable label="Cost by service">
            <thead>
              <tr>
                <th scope="col">Service</th>
                {!isQuiet && (
                  <th scope="col" class="number">
                    US$ per million events
                  </th>
                )}
                <th scope="col" class="number">
                  US$ per month
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
          </FactsTable>
        </>
      ) : (
        <p>No events came in during the last minutes, so there is no price per million.</p>
      )}
      <p class="quiet">
        An estimate by list prices of {region} of {priceSource.date}, with{' '}
        {plural(eventTypes, 'event type')} and streams on demand; an event is {count(eventBytes)}{' '}
        bytes, {sources[bytesSource]}. Look-ups, joins and queries are not included. Assumptions and
        cost drivers: <code>docs/cost.md</code>. The same in a terminal:{' '}
        <code>
          npm run cost -- --events-per-day {perDay} --event-bytes {eventBytes} --event-types{' '}
          {eventTypes} --events-per-request {eventsPerRequest}
        </code>
      </p>
    </Panel>
  );
}

/** Returns a price for the diagram of the flow, such as `12.40` or `1.3k`. */
export const shortPrice = (price: number): string =>
  price < 1_000 ? dollars(price) : shortCount(price);
