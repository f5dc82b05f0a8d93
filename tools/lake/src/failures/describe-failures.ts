import { readFolderCatalog } from '@sluice/event-schema/folder';
import type { EventType } from '@sluice/event-schema';
import { shippedDefinitions } from '@sluice/event-types';
import type { ObjectStore } from '@sluice/lake-layout';
import { dataDirectory } from '@sluice/lake-layout/data-directory';
import { shownDataDir, shownDefinition } from '../shown-commands';
import { readFailedEvents } from './failed-events';
import { failureText } from './failure-text';

/** Reads the failures in objects of the error output of a local stack, and writes them for a person. */
export async function describeFailures({
  store,
  eventType,
  errorKeys,
  dataDir,
}: {
  readonly store: ObjectStore;
  readonly eventType: EventType;
  readonly errorKeys: readonly string[];
  readonly dataDir: string;
}): Promise<string> {
  const failed = await readFailedEvents(store, eventType, errorKeys);
  return failureText(failed, {
    dataDir: shownDataDir(dataDir),
    definition: definitionFile(dataDir, eventType.name),
  });
}

/** Returns the file of an event type whose definition is in the data directory; undefined for one that ships. */
const definitionFile = (dataDir: string, name: string): string | undefined =>
  [...readFolderCatalog(dataDirectory(dataDir).definitions, shippedDefinitions).fileOf.keys()].some(
    (one) => one.name === name,
  )
    ? shownDefinition(dataDir, name)
    : undefined;
