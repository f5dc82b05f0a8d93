import { openSourceFile } from '@sluice/event-files';
import type { EventType } from '@sluice/event-schema';
import { startProgress } from '@sluice/terminal/progress';
import { basename } from 'node:path';
import type { DataDir } from '../../data-dir';
import { checkInferred } from '../../stored-definitions';
import type { AskedTypes } from '../type-option';
import { eventTypeOfFile } from './event-type-of-file';

export interface ResolveEventTypeOptions {
  readonly file: string;
  /** Name of the event type. */
  readonly event: string;
  readonly key?: string | undefined;
  readonly identity?: string | undefined;
  /** Types that fields are asked to have. */
  readonly types?: AskedTypes;
  /** True to make the identity of each event from its line. */
  readonly identityFromLine: boolean;
  /** True to infer an event type of this name even if it resembles that of another. */
  readonly isNew: boolean;
  readonly dataDir: Pick<DataDir, 'definitions' | 'objects' | 'endpointsFile'>;
  /** Stream for the progress of reading, and for the report about an inferred definition. */
  readonly stderr: NodeJS.WriteStream;
}

/**
 * Returns the event type for a file: the defined one, or else one inferred from the whole file and kept in the data
 * directory.
 *
 * @throws EventTypeError, InferenceError, DefinitionError, SourceFileError, StoredDefinitionError
 */
export async function resolveEventType({
  file,
  event,
  key,
  identity,
  types = {},
  identityFromLine,
  isNew,
  dataDir,
  stderr,
}: ResolveEventTypeOptions): Promise<EventType> {
  const { totalBytes } = await openSourceFile(file);
  const progress = startProgress({
    label: `Reading ${basename(file)}`,
    total: totalBytes,
    stream: stderr,
  });
  try {
    const { eventType, report } = await eventTypeOfFile({
      file,
      name: event,
      key,
      identity,
      types,
      identityFromLine,
      definitions: dataDir.definitions,
      isNew,
      checkStored: (inferred) => checkInferred(dataDir, inferred),
      onBytesRead: (bytes, events) => progress.update(bytes, events),
    });
    progress.stop();
    if (report !== undefined)
      stderr.write(`The event type "${event}" was inferred from the file.\n${report}\n`);
    return eventType;
  } finally {
    progress.stop();
  }
}
