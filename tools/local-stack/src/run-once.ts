import { tableName } from '@sluice/event-schema';
import { type FailedEvents, failureText, type IngestResult, lakeFiles } from '@sluice/lake';
import { failureTextOptions } from './reported-stack';
import { interrupted, type Session } from './session';
import { cutShortText, postSourceFile } from './source-file';

/**
 * Ingests the file of `--ingest`, delivers and compacts everything, and prints the summary.
 *
 * @param samples result of posting samples before
 * @returns the exit code: 0 where every event is accounted for, and none failed unless that is allowed
 */
export async function runOnce(session: Session, samples: IngestResult): Promise<number> {
  const { source, stack, stop, options, dataDir, failures, templates } = session;
  const { stdout, stderr } = session.terminal;
  const result = source ? await postSourceFile(source, session) : samples;
  if (stop.aborted) {
    if (source) stdout.write(cutShortText(source, result));
    await stack.flush();
    return interrupted;
  }
  await stack.flush();
  await stack.runSchedules();
  const { definitions } = templates;
  const failedEvents = await failures.read(stack.lake, definitions.catalog.eventTypes);
  for (const each of failedEvents)
    stderr.write(
      `${failureText(each, failureTextOptions(dataDir, definitions, each.eventType))}\n`,
    );
  const summary = await summarise(session, result, failedEvents);
  stdout.write(`${JSON.stringify(summary)}\n`);
  const isComplete = summary.delivered + summary.failed - result.rejected >= summary.sent;
  return isComplete && (summary.failed === 0 || options.allowFailed) ? 0 : 1;
}

/** The last line that `--once` prints. */
interface Summary {
  /** Number of events that the gateway answered with 200. */
  readonly sent: number;
  /** Number of rows. */
  readonly delivered: number;
  /** Number of records in the error output, and of events that were not accepted. */
  readonly failed: number;
  readonly rawFiles: number;
  readonly compactedFiles: number;
  readonly seconds: number;
  /** Reasons why accepted events failed, for all tables. */
  readonly reasons: readonly {
    readonly event: string;
    readonly code: string;
    /** JSON pointer; null where no location is known. */
    readonly pointer: string | null;
    readonly count: number;
  }[];
}

/** Counts the outcomes of the file's events, or of all events where there was no file. */
async function summarise(
  { stack, source, startedAtMs }: Session,
  result: IngestResult,
  failedEvents: readonly FailedEvents[],
): Promise<Summary> {
  const table = source && tableName(source.eventType);
  const { rowsDelivered, recordsFailed } = stack.deliveryStats(table);
  const { raw, compacted } = await lakeFiles(stack.lake, table);
  return {
    sent: result.accepted,
    delivered: rowsDelivered,
    failed: recordsFailed + result.rejected,
    rawFiles: raw,
    compactedFiles: compacted,
    seconds: Math.round((Date.now() - startedAtMs) / 100) / 10,
    reasons: failedEvents.flatMap(({ eventType, reasons }) =>
      reasons.map(({ code, pointer = null, records }) => ({
        event: eventType.name,
        code,
        pointer,
        count: records,
      })),
    ),
  };
}
