import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import {
  callerOf,
  type Caller,
  type HttpRequest,
  type InvocationTelemetry,
} from '@sluice/lambda-http';
import type { PersonLookup } from './lookup-api';
import type { RequestCosts } from './request-meter';

/** Telemetry of the API. */
export interface Telemetry extends InvocationTelemetry {
  /** Counts a look-up that read the lake, whatever its outcome. */
  lookedUp(eventType: string, costs: RequestCosts): void;
  /** Logs who looked a person up: the audit log. */
  personLookedUp(lookup: PersonLookup): void;
  /** Logs an error that is not the client's fault. */
  failed(error: unknown, request: HttpRequest): void;
  /** Counts spans that no collector took. */
  spansDropped(spans: number, reason: string): void;
}

const serviceName = 'lookup-api';

/**
 * Writes log lines as JSON, and metrics in CloudWatch's embedded format with the dimension `service`: one line for
 * each look-up, in the namespace POWERTOOLS_METRICS_NAMESPACE. The line contains the event type for queries, but not
 * as a dimension, because each would be billed as a separate metric.
 */
export function lambdaTelemetry(): Telemetry {
  const logger = new Logger({ serviceName });
  const metrics = new Metrics({ serviceName });
  let caller: Caller = {};
  return {
    invocationBegins: ({ requestContext }, context) => {
      caller = callerOf({ requestContext });
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
    personLookedUp: (lookup) => logger.info('a person was looked up', { ...lookup, caller }),
    spansDropped: (spans, reason) => {
      logger.warn('spans were dropped', { spans, reason });
      metrics.addMetric('spansDropped', MetricUnit.Count, spans);
      metrics.publishStoredMetrics();
    },
    failed: (error, { method, path }) =>
      logger.error('look-up failed', { error: error as Error, method, path }),
  };
}
