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
  /** True to give each event an identity made from its line. */
  readonly identityFromLine: boolean;
  /** Ends the reading. Events that were sent are kept. */
  readonly signal: AbortSignal;
  /** Position of the file after which to begin. @default 0, the whole file */
  readonly after?: number;
  /** Checks each event; one with a fault is not sent. @default none */
  readonly check?: EventCheck | undefined;
  readonly onProgress: (progress: IngestProgress) => void;
  /**
   * Called with a sentence for each of the first events that were not accepted, then with one about the number of the
   * others.
   */
  readonly onRejected: (sentence: string) => void;
}

export interface IngestProgress {
  /** Bytes of the file on disk whose events were answered; an estimate while some of those that were read were not. */
  readonly bytesDone: number;
  readonly accepted: number;
  readonly rejected: number;
  /** Position up to which (inclusive) every event is accepted or finally left out. */
  readonly position: number;
}

export interface IngestResult {
  /** Number of events that the stream holds. */
  readonly accepted: number;
  /** Number of texts that are not events, and of events that the gateway refused. */
  readonly rejected: number;
  /** Position up to which (inclusive) every event is accepted or finally left out. */
  readonly position: number;
  /** True where the signal ended the reading before the end of the file. */
  readonly isCutShort?: boolean;
}

export const nothingIngested: IngestResult = { accepted: 0, rejected: 0, position: 0 };

const maxSentences = 10;

/** Posts the events of a file through the gateway, in batches. Their texts are sent unchanged. */
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
      onRejected(
        `${source.path}, ${source.unit} ${position}: ${reason.replace(/\.$/, '')}; it was left out`,
      );
  };
  const textOf = ({ text, position }: SourceText): string =>
    identityFromLine ? withLineIdentity(text, basename(source.path), position) : text;
  let bytesRead = 0;
  let isCutShort = false;
  let begun = 0;
  let done = 0;
  const progress = (): void => {
    const { accepted } = client.counters;
    onProgress({
      bytesDone: (bytesRead * done) / begun,
      accepted,
      rejected,
      position: settled.position,
    });
  };
  const texts = source.texts({ onBytesRead: (bytes) => (bytesRead += bytes) });
  try {
    for await (const one of texts) {
      if (signal.aborted) {
        isCutShort = true;
        break;
      }
      begun++;
      if (one.position <= after) {
        done++;
        continue;
      }
      const settleOne = settled.begin(one.position);
      const settle = (): void => {
        settleOne();
        done++;
        progress();
      };
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
    }
  } finally {
    await client.close();
  }
  if (rejected > maxSentences)
    onRejected(`${source.path}: ${rejected - maxSentences} more ${source.unit}s were left out`);
  const { accepted } = client.counters;
  return { accepted, rejected, position: settled.position, isCutShort };
}

/** Returns the reason why a text is not an event; undefined where it is one. */
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
