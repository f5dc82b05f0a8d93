import { tableName } from '@sluice/event-schema';
import type { LocalStack } from './local-stack';
import type { Sample } from './sample';

export interface WelcomeOptions {
  readonly stack: LocalStack;
  readonly dataDir: string;
  /** What the two commands post and look up. */
  readonly sample: Sample;
  /** The looked-up row is in the lake already. */
  readonly isDelivered: boolean;
  readonly startedInMs: number;
}

/** What a person reads when the local stack is ready: where everything is, and two commands to paste. */
export function welcome({
  stack,
  dataDir,
  sample,
  isDelivered,
  startedInMs,
}: WelcomeOptions): string {
  const { endpoints, deliverySeconds } = stack;
  const { apiKey } = endpoints;
  const rows = [
    ['Ingest', `${endpoints.ingest}/v1/events`],
    ['Look-up', `${endpoints.lookup}/v1/events`],
    ['S3', `${endpoints.s3}/${endpoints.bucket}`],
    ['Kinesis', endpoints.kinesis],
    ['Analytics', `${endpoints.analytics}/v1`],
    ['API key', apiKey],
    ['Data', dataDir],
  ];
  const event = JSON.stringify(sample.event).replaceAll("'", `'\\''`);
  const waiting = isDelivered ? '' : `, once it is delivered`;
  return `
Sluice is ready (${(startedInMs / 1000).toFixed(1)} s). Ctrl-C delivers what is buffered and stops.

${rows.map(([name = '', value = '']) => `  ${name.padEnd(9)} ${value}`).join('\n')}

Post an event (its row is there after ${deliverySeconds} s at the latest; --buffer-seconds shortens that):

  curl -sS ${endpoints.ingest}/v1/events/${sample.eventType.name} -H 'x-api-key: ${apiKey}' -H 'content-type: application/json' -d '${event}'

Look a row up by its ${sample.eventType.key}${waiting}:

  curl -sS '${endpoints.lookup}/v1/events/${sample.eventType.name}?id=${encodeURIComponent(sample.key)}' -H 'x-api-key: ${apiKey}'

Ask in SQL what compaction has listed, and run a join of a day:

  npm run sql -- "select count(*) from ${tableName(sample.eventType)}"
  curl -sS -X POST ${endpoints.analytics}/v1/jobs/match_event_players/runs -H 'x-api-key: ${apiKey}' -H 'content-type: application/json' -d '{}'

`;
}
