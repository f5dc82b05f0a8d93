import {
  checkCatalog,
  checkTables,
  lakeQueries,
  shippedEventTypes,
  shippedJoins,
  shippedReferences,
  type EventType,
  type Join,
  type NamedQuery,
  type ReferenceTable,
} from '@sluice/event-schema';
import { readEventTypes, readReferences } from '@sluice/event-schema/node';
import { join } from 'node:path';
import { stageSettings, type StageSettings } from './stage-settings';
import { workspaceRoot } from './workspace';

/** All that the stacks are made from. */
export interface Deployment {
  readonly settings: StageSettings;
  readonly eventTypes: readonly EventType[];
  readonly references: readonly ReferenceTable[];
  readonly joins: readonly Join[];
  readonly queries: readonly NamedQuery[];
  /** Holds a folder for each app, with its built function in it. */
  readonly bundlesFolder: string;
  /** Deleting the Lake stack deletes what it holds. */
  readonly destroyData: boolean;
}

/**
 * Reads the deployment from the environment:
 * - SLUICE_STAGE, `dev` when absent;
 * - SLUICE_EVENTS_DIR, a folder of `*.event.json` and `*.reference.json` definitions that are added to the shipped ones;
 * - SLUICE_DESTROY_DATA, the name of the stage whose data may go with its stack.
 *
 * @throws where the stage is unknown, a definition is wrong or two of them have one table.
 */
export function readDeployment(env: Readonly<NodeJS.ProcessEnv>): Deployment {
  const settings = stageSettings(env['SLUICE_STAGE'] ?? 'dev');
  const eventsFolder = env['SLUICE_EVENTS_DIR'];
  const eventTypes = [...shippedEventTypes, ...(eventsFolder ? readEventTypes(eventsFolder) : [])];
  checkTables(eventTypes);
  const catalog = {
    eventTypes,
    references: [...shippedReferences, ...(eventsFolder ? readReferences(eventsFolder) : [])],
    joins: shippedJoins,
    queries: lakeQueries(eventTypes),
  };
  checkCatalog(catalog);
  return {
    settings,
    ...catalog,
    bundlesFolder: join(workspaceRoot(), 'dist', 'apps'),
    destroyData: settings.dataMayBeDestroyed && env['SLUICE_DESTROY_DATA'] === settings.stage,
  };
}
