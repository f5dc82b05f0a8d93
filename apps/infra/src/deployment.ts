import { checkTables, shippedEventTypes, type EventType } from '@sluice/event-schema';
import { readEventTypes } from '@sluice/event-schema/node';
import { join } from 'node:path';
import { stageSettings, type StageSettings } from './stage-settings';
import { workspaceRoot } from './workspace';

/** All that the stacks are made from. */
export interface Deployment {
  readonly settings: StageSettings;
  readonly eventTypes: readonly EventType[];
  /** Holds a folder for each app, with its built function in it. */
  readonly bundlesFolder: string;
  /** Deleting the Lake stack deletes what it holds. */
  readonly destroyData: boolean;
}

/**
 * Reads the deployment from the environment:
 * - SLUICE_STAGE, `dev` when absent;
 * - SLUICE_EVENTS_DIR, a folder of `*.event.json` definitions that are added to the shipped ones;
 * - SLUICE_DESTROY_DATA, the name of the stage whose data may go with its stack.
 *
 * @throws where the stage is unknown, a definition is wrong or two event types have one table.
 */
export function readDeployment(env: Readonly<NodeJS.ProcessEnv>): Deployment {
  const settings = stageSettings(env['SLUICE_STAGE'] ?? 'dev');
  const eventsFolder = env['SLUICE_EVENTS_DIR'];
  const added = eventsFolder ? readEventTypes(eventsFolder) : [];
  const eventTypes = [...shippedEventTypes, ...added];
  checkTables(eventTypes);
  return {
    settings,
    eventTypes,
    bundlesFolder: join(workspaceRoot(), 'dist', 'apps'),
    destroyData: settings.dataMayBeDestroyed && env['SLUICE_DESTROY_DATA'] === settings.stage,
  };
}
