import { durationText } from '@sluice/values/figures';
import { tableName } from '@sluice/event-schema';
import { wrapText } from '@sluice/terminal';
import {
  countQuery,
  type Endpoints,
  ingestCommand,
  joinCommand,
  lookUpCommand,
  postCommand,
  rowsQuery,
  type RunnableJoin,
  shownDataDir,
  simulateCommand,
  sqlCommand,
  type TableWithRows,
} from '@sluice/lake';
import { sampleContents, type Sample } from './sample';

export interface WelcomeOptions {
  readonly endpoints: Endpoints;
  readonly dataDir: string;
  readonly startedInMs: number;
  /** Longest time in seconds until an event is delivered. */
  readonly deliverySeconds: number;
  /** True where the data directory was empty, and now holds made-up data. */
  readonly hasNewSamples: boolean;
  /** A new event for the user to post; undefined where the user's own events are shown. */
  readonly sample: Sample | undefined;
  /** Tables with rows visible in SQL, to be shown. */
  readonly tables: readonly TableWithRows[];
  readonly join: RunnableJoin | undefined;
}

/** Number of event types whose commands are printed. */
const shownTables = 2;

/** Writes the text that the user reads when the local stack is ready: all addresses, and commands to paste. */
export function welcome(options: WelcomeOptions): string {
  const { endpoints, dataDir, startedInMs, deliverySeconds, sample, tables, join } = options;
  const seconds = `${deliverySeconds} ${deliverySeconds === 1 ? 'second' : 'seconds'}`;
  return [
    '',
    wrapText(
      `Sluice is ready (${durationText(startedInMs)}). Ctrl-C delivers what is buffered and stops.`,
    ),
    '',
    addresses(endpoints, dataDir),
    ...(options.hasNewSamples
      ? [
          '',
          wrapText(
            `The lake holds sample data to try: ${sampleContents()} (--no-sample leaves it empty). For more, run ${simulateCommand(dataDir)} in another terminal.`,
          ),
        ]
      : []),
    ...(sample
      ? [
          '',
          `Post a new event, and look up its row after ${seconds}:`,
          '',
          postCommand(endpoints, sample.eventType, sample.event),
          '',
          lookUpCommand(endpoints, sample.eventType, sample.key),
          '',
          'or all rows of its session:',
          '',
          lookUpCommand(endpoints, sample.eventType, sample.indexed.value, sample.indexed.path),
        ]
      : []),
    ...tables.slice(0, shownTables).flatMap((table) => tableCommands(table, options)),
    ...(join ? joinCommands(join, options) : []),
    '',
    'Ingest your own file, from another terminal (--help has all options):',
    '',
    ingestCommand(dataDir),
    '',
    '',
  ].join('\n');
}

/** Lists all addresses. */
function addresses(endpoints: Endpoints, dataDir: string): string {
  const rows = [
    ...(endpoints.console === undefined ? [] : [['Console', endpoints.console]]),
    ['Ingest', `${endpoints.ingest}/v1/events`],
    ['Look-up', `${endpoints.lookup}/v1/events`],
    ['S3', `${endpoints.s3}/${endpoints.bucket}`],
    ['Kinesis', endpoints.kinesis],
    ['Analytics', `${endpoints.analytics}/v1`],
    ...(endpoints.icebergCatalog === undefined
      ? []
      : [['Iceberg', `${endpoints.icebergCatalog} (REST catalog; token: the API key)`]]),
    ...(endpoints.traces === undefined
      ? []
      : [['Traces', `${endpoints.traces} (takes OTLP; docs/traces.md)`]]),
    ['API key', endpoints.apiKey],
    ...Object.entries(endpoints.scopedApiKeys ?? {}).map(([name, key]) => [
      'API key',
      `${key} (${name}, with scopes)`,
    ]),
    ['Data', shownDataDir(dataDir)],
  ];
  return rows.map(([name = '', value = '']) => `  ${name.padEnd(9)} ${value}`).join('\n');
}

function tableCommands(
  { eventType, key }: TableWithRows,
  { endpoints, dataDir, sample }: WelcomeOptions,
): readonly string[] {
  const table = tableName(eventType);
  if (eventType.name === sample?.eventType.name)
    return [
      '',
      wrapText(`Query ${table} in SQL; ${table}_raw also has rows that are not compacted yet:`),
      '',
      sqlCommand(countQuery(table), dataDir),
    ];
  const lookUp = key === undefined ? [] : [lookUpCommand(endpoints, eventType, key)];
  return [
    '',
    `Query ${table} in SQL${key === undefined ? '' : `, and look a row up by its ${eventType.key}`}:`,
    '',
    sqlCommand(rowsQuery(table), dataDir),
    ...lookUp,
  ];
}

function joinCommands(
  { join, date }: RunnableJoin,
  { endpoints, dataDir }: WelcomeOptions,
): readonly string[] {
  return [
    '',
    wrapText(
      `Join ${tableName(join.left)} with ${join.right.name}, which takes some seconds, then get the result:`,
    ),
    '',
    joinCommand(endpoints, join, date),
    '',
    sqlCommand(rowsQuery(join.name), dataDir),
  ];
}
