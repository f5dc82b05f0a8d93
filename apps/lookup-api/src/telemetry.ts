import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { HttpRequest, InvocationTelemetry } from '@sluice/lambda-http';
import type { RequestCosts } from './request-meter';

/** What the API tells of its work. */
export interface Telemetry extends InvocationTelemetry {
  /** Counts a look-up that came as far as the lake, whatever became of it. */
  lookedUp(eventType: string, costs: RequestCosts): void;
  /** Logs an error that is not the client's. */
  failed(error: unknown, request: HttpRequest): void;
}

const serviceName = 'lookup-api';

/**
 * Writes log lines as JSON, and metrics in CloudWatch's embedded format with the dimension `service`, one line a look-up, in
 * the namespace POWERTOOLS_METRICS_NAMESPACE. The event type is in the line, to be queried, but no dimension: each one would be
 * paid for as a metric of its own.
 */
export function lambdaTelemetry(): Telemetry {
  const logger = new Logger({ serviceName });
  const metrics = new Metrics({ serviceName });
  return {
    invocationBegins: ({ requestContext }, context) => {
      logger.addContext(context);
      logger.setCorrelationId(requestContext.requestId);
      metrics.addMetadata('correlation_id', requestContext.requestId);
    },
    lookedUp: (eventType, { lists, gets, hedges, bytesRead }) => {
      metrics.addMetadata('event_type', eventType);
      metrics.addMetric('s3Requests', MetricUnit.Count, lists + gets);
      metrics.addMetric('s3RequestsSentTwice', MetricUnit.Count, hedges);
      metrics.addMetric('bytesRead', MetricUnit.Bytes, bytesRead);
      metrics.publishStoredMetrics();
    },
    failed: (error, { method, path }) =>
      logger.error('look-up failed', { error: error as Error, method, path }),
  };
}
