import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Context } from 'aws-lambda';
import type { RecordFault } from './transform-record';

/** What one invocation counts. */
export interface InvocationCounts {
  readonly records: number;
  readonly rows: number;
  readonly failed: number;
  readonly dropped: number;
  readonly requeued: number;
}

/** What the handler tells of its work: once for each failed record, and once for each invocation. */
export interface Telemetry {
  /** Why and where, never what the record holds. */
  recordFailed(recordId: string, fault: RecordFault): void;
  invocationDone(counts: InvocationCounts): void;
}

export interface LambdaTelemetry extends Telemetry {
  /** Log lines from here on carry the invocation's ids. */
  invocationBegins(context: Context): void;
}

const serviceName = 'firehose-transformer';

/**
 * Log lines as JSON, and metrics in CloudWatch's embedded format with the dimensions `service` and
 * `event_type`, one line an invocation, in the namespace POWERTOOLS_METRICS_NAMESPACE. A record that goes well leaves nothing but its part in a count.
 */
export function lambdaTelemetry(eventType: string): LambdaTelemetry {
  const logger = new Logger({ serviceName, persistentKeys: { event_type: eventType } });
  const metrics = new Metrics({ serviceName, defaultDimensions: { event_type: eventType } });
  return {
    invocationBegins: (context) => logger.addContext(context),
    recordFailed: (recordId, { code, path, detail }) =>
      logger.warn('record failed', { record_id: recordId, code, path, detail }),
    invocationDone: (counts) => {
      for (const [name, count] of Object.entries(counts))
        metrics.addMetric(name, MetricUnit.Count, count as number);
      metrics.publishStoredMetrics();
    },
  };
}
