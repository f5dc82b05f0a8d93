import { tableName, type EventType } from '@sluice/event-schema';
import type { Endpoints } from './endpoints';
import { lookUpCommand, rowsQuery, sqlCommand } from './shown-commands';

export interface RowCommandsOptions {
  readonly eventType: EventType;
  /** Key of an existing row; undefined where it is not known how a look-up spells it. */
  readonly key: string | undefined;
  readonly endpoints: Pick<Endpoints, 'lookup' | 'apiKey'>;
  readonly dataDir: string;
}

/** Returns the commands that show rows of a local stack by SQL and by look-up, each with its purpose. */
export const rowCommands = ({ eventType, key, endpoints, dataDir }: RowCommandsOptions): string =>
  [
    '',
    `See its rows${key === undefined ? '' : `, and look one up by its ${eventType.key}`}:`,
    '',
    sqlCommand(rowsQuery(tableName(eventType)), dataDir),
    ...(key === undefined ? [] : [lookUpCommand(endpoints, eventType, key)]),
    '',
    '',
  ].join('\n');
