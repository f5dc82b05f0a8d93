import {
  checkKeyScopes,
  KeyScopesError,
  type EventType,
  type Join,
  type NamedKeyScopes,
  type NamedQuery,
  type ReferenceTable,
} from '@sluice/event-schema';
import { apiKeysFile, readApiKeys } from '@sluice/event-schema/node';
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
  /** Scopes of the stage's API keys besides the one that each API has, by the name of the key. */
  readonly apiKeys: NamedKeyScopes;
  /** Folder with a subfolder for each app, which holds its built function. */
  readonly bundlesFolder: string;
  /** True where deleting the Lake stack deletes its data. */
  readonly destroyData: boolean;
}

/**
 * Reads the deployment from the environment:
 * - SLUICE_STAGE, by default `dev`;
 * - SLUICE_EVENTS_DIR, a folder of `*.event.json` and `*.reference.json` definitions that are added to the shipped
 *   ones, and of `api-keys.json`, whose keys are added to those of the stage's settings;
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
    apiKeys: readKeys(folder, settings, catalog),
    bundlesFolder: join(workspaceRoot(), 'dist', 'apps'),
    destroyData: settings.dataMayBeDestroyed && env['SLUICE_DESTROY_DATA'] === settings.stage,
  };
}

/** Reads the API keys of the settings and of a folder. @throws KeyScopesError */
function readKeys(
  folder: string | undefined,
  { access: { apiKeys = {} } }: StageSettings,
  catalog: Pick<Deployment, 'eventTypes' | 'references'>,
): NamedKeyScopes {
  const ofSettings = checkKeyScopes(apiKeys, catalog);
  if (folder === undefined) return ofSettings;
  try {
    const added = checkKeyScopes(readApiKeys(folder), catalog);
    const twice = Object.keys(added).find((name) => Object.hasOwn(ofSettings, name));
    if (twice !== undefined)
      throw new KeyScopesError(`API key "${twice}" is in the stage's settings already`);
    return checkKeyScopes({ ...ofSettings, ...added }, catalog);
  } catch (error) {
    throw new KeyScopesError(`${join(folder, apiKeysFile)}: ${(error as Error).message}`, {
      cause: error,
    });
  }
}
