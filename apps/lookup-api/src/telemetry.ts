import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { HttpRequest } from '@sluice/lambda-http';
import type { APIGatewayProxyEvent, Context } from 'aws-lambda';
import type { RequestCosts } from './request-meter';

/** What the API tells of its work. */
export interface Telemetry {
  /** Once for each look-up that came as far as the lake, whatever became of it. */
  lookedUp(eventType: string, costs: RequestCosts): void;
  /** What went wrong inside. */
  failed(error: unknown, request: HttpRequest): void;
}

export interface LambdaTelemetry extends Telemetry {
  /** Log lines from here on carry the invocation's id, and the request's as its client and the access log know it. */
  invocationBegins(event: Pick<APIGatewayProxyEvent, 'requestContext'>, context: Context): void;
}

const serviceName = 'lookup-api';

/**
 * Log lines as JSON, and metrics in CloudWatch's embedded format with the dimension `service`, one line a look-up, in the
 * namespace POWERTOOLS_METRICS_NAMESPACE.
 * The event type is in the line, to be queried, but no dimension: each one would be paid for as a metric of its own.
 */
export function lambdaTelemetry(): LambdaTelemetry {
  const logger = new Logger({ serviceName });
  const metrics = new Metrics({ serviceName });
  return {
    invocationBegins: ({ requestContext }, context) => {
      logger.addContext(context);
      logger.setCorrelationId(requestContext.requestId);
      metrics.addMetadata('correlation_id', requestContext.requestId);
    },
    lookedUp: (eventType, { lists, gets, bytesRead }) => {
      metrics.addMetadata('event_type', eventType);
      metrics.addMetric('s3Requests', MetricUnit.Count, lists + gets);
      metrics.addMetric('bytesRead', MetricUnit.Bytes, bytesRead);
      metrics.publishStoredMetrics();
    },
    failed: (error, { method, path }) =>
      logger.error('look-up failed', { error: error as Error, method, path }),
  };
}
