import type { RecordFault } from './transform-record';

/** What one invocation counts. */
export interface InvocationCounts {
  readonly records: number;
  readonly rows: number;
  readonly failed: number;
  readonly dropped: number;
  readonly requeued: number;
}

/** Where log lines go, one call a line. */
export type WriteLine = (line: string) => void;

export interface TelemetryPorts {
  /** @default to standard output */
  readonly write?: WriteLine;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

export interface Telemetry {
  /** One line for each failed record: why and where, never what. */
  recordFailed(recordId: string, fault: RecordFault): void;
  invocationDone(counts: InvocationCounts): void;
}

/**
 * Log lines as JSON, and metrics in CloudWatch's embedded metric format: one line an invocation, so no
 * library is on the way of a record (docs/adr/copy-through-flattening.md has what Powertools would cost).
 */
export function telemetry(
  eventType: string,
  { write = (line) => void process.stdout.write(`${line}\n`), now = Date.now }: TelemetryPorts = {},
): Telemetry {
  return {
    recordFailed: (recordId, { code, path, detail }) =>
      write(
        JSON.stringify({
          level: 'WARN',
          message: 'record failed',
          timestamp: new Date(now()).toISOString(),
          service: 'firehose-transformer',
          eventType,
          recordId,
          code,
          path,
          detail,
        }),
      ),
    invocationDone: ({ records, rows, failed, dropped, requeued }) =>
      write(
        JSON.stringify({
          _aws: {
            Timestamp: now(),
            CloudWatchMetrics: [
              {
                Namespace: 'Sluice',
                Dimensions: [['service', 'eventType']],
                Metrics: ['records', 'rows', 'failed', 'dropped', 'requeued'].map((Name) => ({
                  Name,
                  Unit: 'Count',
                })),
              },
            ],
          },
          service: 'firehose-transformer',
          eventType,
          records,
          rows,
          failed,
          dropped,
          requeued,
        }),
      ),
  };
}
