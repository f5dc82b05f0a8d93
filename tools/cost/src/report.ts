import { priceSource, total, type Estimate, type Workload } from '@sluice/cost-model';
import Table from 'cli-table3';
import { countText, dollarsText, measuredText } from '@sluice/values/figures';

/** Longest time in seconds that API Gateway allows for an answer. */
const maxAnswerSeconds = 29;

const dollars = (amount: number | undefined): string =>
  amount === undefined ? '' : dollarsText(amount);

/** Writes the estimate as text for a terminal. */
export function report(workload: Workload, region: string, result: Estimate): string {
  const { sluice, plain, plainScanSeconds, provisioned } = result;
  const table = new Table({
    head: ['US$ a month', 'Sluice', 'plain design'],
    colAligns: ['left', 'right', 'right'],
    style: { head: [], border: [] },
  });
  for (const service of new Set([...Object.keys(sluice), ...Object.keys(plain)]))
    table.push([service, dollars(sluice[service]), dollars(plain[service])]);
  table.push(['total', dollars(total(sluice)), dollars(total(plain))]);

  const { eventsPerDay, eventBytes, lookupsPerDay, eventsPerRequest } = workload;
  return [
    `${countText(eventsPerDay)} events of ${countText(eventBytes)} bytes and ${countText(lookupsPerDay)} look-ups a day, ` +
      `${countText(eventsPerRequest)} events a request, in ${region}`,
    table.toString(),
    workload.streams === 'provisioned'
      ? `Kinesis: ${countText(provisioned.shards)} provisioned shards.`
      : `Kinesis: on-demand. Provisioned, ${countText(provisioned.shards)} shards would do for ${dollars(provisioned.cost)}.`,
    'The plain design: API Gateway, a function and SQS in front, Firehose behind; a look-up reads every file of its day ' +
      `(${measuredText(plainScanSeconds)} s` +
      (plainScanSeconds > maxAnswerSeconds
        ? `, beyond API Gateway's ${maxAnswerSeconds}: it would not work)`
        : ')') +
      '.',
    'Storage is that of one month of events. List prices, no free tier, no discount, ' +
      `as of ${priceSource.date} (libs/cost-model/src/price-table.ts); assumptions in libs/cost-model/src/workload.ts.`,
  ].join('\n');
}
