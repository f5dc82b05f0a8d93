import { createIngestClient, type EventCheck } from '@sluice/ingest-client';
import type { SourceFile, SourceText } from '@sluice/event-files';
import { basename } from 'node:path';
import { withLineIdentity } from './line-identity';
import { SettledPrefix } from './settled-prefix';

export interface IngestFileOptions {
  readonly source: SourceFile;
  readonly eventType: string;
  /** Base URL of the ingest API, without a trailing slash. */
  readonly endpoint: string;
  readonly apiKey: string;
  /** Gives each event an identity of its line. */
  readonly identityFromLine: boolean;
  /** Ends the reading; what was sent stays sent. */
  readonly signal: AbortSignal;
  /** Begins after this position of the file. @default 0, the whole file */
  readonly after?: number;
  /** Leaves out events that it finds a fault in. @default none */
  readonly check?: EventCheck | undefined;
  readonly onProgress: (progress: IngestProgress) => void;
  /** Gets a sentence for each of the first events that were not taken, then one with the count of the rest. */
  readonly onRejected: (sentence: string) => void;
}

export interface IngestProgress {
  /** Bytes of the file as it lies on disk. */
  readonly bytesRead: number;
  readonly accepted: number;
  readonly rejected: number;
  /** Everything up to this position, inclusive, is taken or left out for good. */
  readonly position: number;
}

export interface IngestResult {
  /** Events that the stream has. */
  readonly accepted: number;
  /** Texts that are no event, and events that the gateway refused. */
  readonly rejected: number;
  /** Everything up to this position, inclusive, is taken or left out for good. */
  readonly position: number;
  /** The signal ended the reading before the file did. */
  readonly isCutShort?: boolean;
}

export const nothingIngested: IngestResult = { accepted: 0, rejected: 0, position: 0 };

const maxSentences = 10;

/** Posts the events of a file through the gateway, in batches; their text travels as it stands in the file. */
export async function ingestFile({
  source,
  eventType,
  endpoint,
  apiKey,
  identityFromLine,
  signal,
  after = 0,
  check,
  onProgress,
  onRejected,
}: IngestFileOptions): Promise<IngestResult> {
  const client = createIngestClient({ endpoint, apiKey, eventType, check });
  const settled = new SettledPrefix(after);
  let rejected = 0;
  const reject = ({ position }: SourceText, reason: string): void => {
    rejected++;
    if (rejected <= maxSentences)
      onRejected(`${source.path}, ${source.unit} ${position}: ${reason}; it was left out`);
  };
  const textOf = ({ text, position }: SourceText): string =>
    identityFromLine ? withLineIdentity(text, basename(source.path), position) : text;
  let bytesRead = 0;
  let isCutShort = false;
  const texts = source.texts({ onBytesRead: (bytes) => (bytesRead += bytes) });
  try {
    for await (const one of texts) {
      if (signal.aborted) {
        isCutShort = true;
        break;
      }
      if (one.position <= after) continue;
      const settle = settled.begin(one.position);
      const fault = eventFault(one.text);
      if (fault === undefined)
        await client.sendText(textOf(one), (outcome) => {
          if (outcome.status === 'rejected') reject(one, outcome.rejection.message);
          settle();
        });
      else {
        reject(one, fault);
        settle();
      }
      const { accepted } = client.counters;
      onProgress({ bytesRead, accepted, rejected, position: settled.position });
    }
  } finally {
    await client.close();
  }
  if (rejected > maxSentences)
    onRejected(`${source.path}: ${rejected - maxSentences} more ${source.unit}s were left out`);
  const { accepted } = client.counters;
  return { accepted, rejected, position: settled.position, isCutShort };
}

/** Says what keeps a text from being an event; undefined where nothing does. */
function eventFault(text: string): string | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return `not JSON (${(error as Error).message})`;
  }
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? undefined
    : 'not a JSON object';
}
