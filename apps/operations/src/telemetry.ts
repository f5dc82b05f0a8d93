import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import {
  callerOf,
  type Caller,
  type HttpRequest,
  type InvocationTelemetry,
} from '@sluice/lambda-http';
import { loggedPath } from './http/route';
import type { SubjectAccess } from './http/subject-request';

/** Telemetry of the API. */
export interface Telemetry extends InvocationTelemetry {
  /** Logs who was shown a person's data: the audit log of the right of access. */
  accessed(access: SubjectAccess): void;
  /** Logs an error that is not the client's fault. */
  failed(error: unknown, request: HttpRequest): void;
  /** Counts spans that no collector took. */
  spansDropped(spans: number, reason: string): void;
}

/** Writes log lines as JSON, with the ids of the invocation and of the request. */
export function lambdaTelemetry(): Telemetry {
  const logger = new Logger({ serviceName: 'operations' });
  const metrics = new Metrics({ serviceName: 'operations' });
  let caller: Caller = {};
  return {
    invocationBegins: ({ requestContext }, context) => {
      logger.addContext(context);
      caller = callerOf({ requestContext });
      logger.setCorrelationId(requestContext.requestId);
    },
    accessed: (access) =>
      logger.info('everything held of a person was shown', { ...access, caller }),
    spansDropped: (spans, reason) => {
      logger.warn('spans were dropped', { spans, reason });
      metrics.addMetric('spansDropped', MetricUnit.Count, spans);
      metrics.publishStoredMetrics();
    },
    failed: (error, { method, path }) =>
      logger.error('request failed', { error: error as Error, method, path: loggedPath(path) }),
  };
}
