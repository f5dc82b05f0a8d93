import { dataDirectory, dataDirectoryHolder } from '@sluice/lake-layout/data-directory';
import { definitionFileSuffix } from '@sluice/event-schema/node';
import { utimesSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { refusedDefinitions } from '../refused-definitions';
import { startCommand } from '../shown-commands';
import { IngestError, type ListedEventType } from './ingest-api';

/** Longest time in milliseconds for a stack to make its templates again and start with them. */
const longestStartMs = 120_000;

/** Milliseconds without an answer after which a stack that holds no lock counts as ended. */
const silenceMs = 5_000;

const pollMs = 500;

export interface WaitUntilServedOptions {
  readonly event: string;
  readonly dataDir: string;
  /** Returns the event types that the stack serves. Rejects where nothing answers. */
  readonly list: () => Promise<readonly ListedEventType[]>;
  /** Ends the waiting. */
  readonly signal: AbortSignal;
}

/**
 * Waits until the running stack serves a new event type.
 *
 * @throws IngestError as soon as the stack has refused the definitions, or has ended; else after two minutes
 */
export async function waitUntilServed({
  event,
  dataDir,
  list,
  signal,
}: WaitUntilServedOptions): Promise<void> {
  const directory = dataDirectory(dataDir);
  // What kept the stack from it may be gone, such as a full disk. The stack tries again when a definition changes.
  if (refusedDefinitions(directory) !== undefined)
    touch(join(directory.definitions, event + definitionFileSuffix));
  const startedMs = performance.now();
  let answeredMs = startedMs;
  while (!signal.aborted) {
    // Nothing answers while one stack replaces the other.
    const listed = await list().catch(() => undefined);
    if (listed?.some(({ name }) => name === event)) return;
    const nowMs = performance.now();
    if (listed) answeredMs = nowMs;
    const reason = refusedDefinitions(directory);
    if (reason !== undefined)
      throw new IngestError(
        `the stack can't serve "${event}": ${reason}. Nothing was sent; fix it and run the command again`,
      );
    if (nowMs - answeredMs > silenceMs && dataDirectoryHolder(dataDir) === undefined)
      throw new IngestError(
        `the stack ended before it served "${event}"; its terminal says why. Start it again with ${startCommand(dataDir)}`,
      );
    if (nowMs - startedMs > longestStartMs)
      throw new IngestError(
        `the stack does not serve the event type "${event}" yet; its terminal says why, or start it again`,
      );
    await sleep(pollMs);
  }
}

function touch(file: string): void {
  const now = new Date();
  utimesSync(file, now, now);
}
