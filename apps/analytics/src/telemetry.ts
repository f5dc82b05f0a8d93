import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { HttpRequest, InvocationTelemetry } from '@sluice/lambda-http';

/** Telemetry of the API. */
export interface Telemetry extends InvocationTelemetry {
  /** Logs an error that is not the client's fault. */
  failed(error: unknown, request: HttpRequest): void;
  /** Counts spans that no collector took. */
  spansDropped(spans: number, reason: string): void;
}

/** Writes log lines as JSON, with the ids of the invocation and of the request. */
export function lambdaTelemetry(): Telemetry {
  const logger = new Logger({ serviceName: 'analytics' });
  const metrics = new Metrics({ serviceName: 'analytics' });
  return {
    invocationBegins: ({ requestContext }, context) => {
      logger.addContext(context);
      logger.setCorrelationId(requestContext.requestId);
    },
    spansDropped: (spans, reason) => {
      logger.warn('spans were dropped', { spans, reason });
      metrics.addMetric('spansDropped', MetricUnit.Count, spans);
      metrics.publishStoredMetrics();
    },
    failed: (error, { method, path }) =>
      logger.error('request failed', { error: error as Error, method, path }),
  };
}
