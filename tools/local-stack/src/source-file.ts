import type { EventType } from '@sluice/event-schema';
import { openSourceFile } from '@sluice/event-files';
import {
  type DataDir,
  ingestFile,
  type IngestResult,
  lineIdentityField,
  resolveEventType,
} from '@sluice/lake';
import { wrapText } from '@sluice/terminal';
import { startProgress } from '@sluice/terminal/progress';
import { basename } from 'node:path';
import type { IngestOptions } from './options';
import { PostedFiles } from './posted-files';
import type { Session, SourceFile } from './session';

/**
 * Determines the event type of a file, and warns where posting it would double its rows.
 *
 * @throws errors that the user can fix
 */
export async function readSourceFile(
  options: IngestOptions,
  dataDir: DataDir,
  stderr: NodeJS.WriteStream,
): Promise<SourceFile> {
  const { file, event } = options;
  const eventType = await resolveEventType({ ...options, dataDir, stderr });
  const postedAt = new PostedFiles(dataDir.postedFiles).postedAt(file, event);
  if (eventType.identity === undefined && postedAt !== undefined)
    stderr.write(
      `${wrapText(`warning: ${file} was posted as "${event}" at ${postedAt} already, and that has no identity: its rows double. For an event type that takes a file once, infer another with --identity FIELD or --identity-from-line.`)}\n`,
    );
  return { ...options, eventType };
}

/** Posts the events of a file, and notes that it was posted. */
export async function postSourceFile(
  { file, eventType }: SourceFile,
  { dataDir, stack, stop, terminal: { stderr } }: Session,
): Promise<IngestResult> {
  new PostedFiles(dataDir.postedFiles).add(file, eventType.name, new Date());
  const source = await openSourceFile(file);
  const progress = startProgress({
    label: `Posting ${basename(file)}`,
    total: source.totalBytes,
    stream: stderr,
  });
  try {
    return await ingestFile({
      source,
      eventType: eventType.name,
      endpoint: stack.endpoints.ingest,
      apiKey: stack.endpoints.apiKey,
      identityFromLine: isMadeFromLines(eventType),
      signal: stop,
      onProgress: ({ bytesDone, accepted }) => progress.update(bytesDone, accepted),
      onRejected: (sentence) => progress.say(sentence),
    });
  } finally {
    progress.stop();
  }
}

const isMadeFromLines = ({ identity }: EventType): boolean => identity === lineIdentityField;

/** Writes how much of a file was taken before its posting was interrupted. */
export function cutShortText(
  { file }: SourceFile,
  { accepted, rejected, isCutShort = false }: IngestResult,
): string {
  const cut = isCutShort ? ' The file was cut short: its other events were not sent.' : '';
  return `${wrapText(`${accepted} events of ${file} were taken, ${rejected} refused.${cut}`)}\n`;
}
