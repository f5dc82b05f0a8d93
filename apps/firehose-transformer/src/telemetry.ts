import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Context } from 'aws-lambda';
import type { BatchCounts, TransformedBatch } from './transform-batch';

/** Telemetry of the function, with one call for each failed record and one for each invocation. */
export interface Telemetry {
  /** Puts the invocation's ids on the log lines that follow. */
  invocationBegins(context: Context): void;
  /** Reports the reason and location of a fault, never the record's values. */
  recordFailed(fault: TransformedBatch['faults'][number]): void;
  /** Reports that the ledger of erased people could not be read, so that no rows were dropped. */
  suppressionFailed(error: unknown): void;
  /** Counts spans that no collector took. */
  spansDropped(spans: number, reason: string): void;
  invocationDone(counts: BatchCounts): void;
}

const serviceName = 'firehose-transformer';

/**
 * Writes log lines as JSON, and metrics in CloudWatch's embedded format with the dimensions `service` and
 * `event_type`: one line for each invocation, in the namespace POWERTOOLS_METRICS_NAMESPACE. A successful record is
 * only counted.
 */
export function lambdaTelemetry(eventType: string): Telemetry {
  const logger = new Logger({ serviceName, persistentKeys: { event_type: eventType } });
  const metrics = new Metrics({ serviceName, defaultDimensions: { event_type: eventType } });
  return {
    invocationBegins: (context) => logger.addContext(context),
    recordFailed: ({ recordId, code, path, detail }) =>
      logger.warn('record failed', { record_id: recordId, code, path, detail }),
    suppressionFailed: (error) => {
      logger.error('the ledger of erased people could not be read', { error: error as Error });
      metrics.addMetric('suppressionFailed', MetricUnit.Count, 1);
    },
    spansDropped: (spans, reason) => {
      logger.warn('spans were dropped', { spans, reason });
      metrics.addMetric('spansDropped', MetricUnit.Count, spans);
    },
    invocationDone: (counts) => {
      for (const [name, count] of Object.entries(counts))
        metrics.addMetric(name, MetricUnit.Count, count as number);
      metrics.publishStoredMetrics();
    },
  };
}
