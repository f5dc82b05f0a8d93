import type { EventType, Join, NamedQuery, ReferenceTable } from '@sluice/event-schema';
import {
  namedEventsFolder,
  readFolderCatalog,
  readWholeCatalog,
} from '@sluice/event-schema/folder';
import { shippedDefinitions } from '@sluice/event-types';
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
 * - SLUICE_BROKEN_DEFINITIONS, `leave-out` to go on without the files of that folder that can't be served;
 * - SLUICE_DESTROY_DATA, the name of the stage whose data may go with its stack.
 *
 * @throws where the stage is unknown, a definition is wrong or two of them have one table; the message names the file.
 */
export function readDeployment(env: Readonly<NodeJS.ProcessEnv>): Deployment {
  const settings = stageSettings(env['SLUICE_STAGE'] ?? 'dev');
  const folder = namedEventsFolder(env);
  const catalog =
    env['SLUICE_BROKEN_DEFINITIONS'] === 'leave-out'
      ? readFolderCatalog(folder, shippedDefinitions).catalog
      : readWholeCatalog(folder, shippedDefinitions);
  return {
    settings,
    ...catalog,
    bundlesFolder: join(workspaceRoot(), 'dist', 'apps'),
    destroyData: settings.dataMayBeDestroyed && env['SLUICE_DESTROY_DATA'] === settings.stage,
  };
}
