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

/** Everything from which the stacks are made. */
export interface Deployment {
  readonly settings: StageSettings;
  readonly eventTypes: readonly EventType[];
  readonly references: readonly ReferenceTable[];
  readonly joins: readonly Join[];
  readonly queries: readonly NamedQuery[];
  /** Folder with a subfolder for each app, which holds its built function. */
  readonly bundlesFolder: string;
  /** True where deleting the Lake stack deletes its data. */
  readonly destroyData: boolean;
}

/**
 * Reads the deployment from the environment:
 * - SLUICE_STAGE, by default `dev`;
 * - SLUICE_EVENTS_DIR, a folder of `*.event.json` and `*.reference.json` definitions that are added to the shipped
 *   ones;
 * - SLUICE_BROKEN_DEFINITIONS, `leave-out` to continue without the files of that folder that can't be served;
 * - SLUICE_DESTROY_DATA, the name of the stage whose data may be deleted with its stack.
 *
 * @throws where the stage is unknown, a definition is wrong, or two definitions have the same table; the message
 * names the file
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
