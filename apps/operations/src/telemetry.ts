import { Logger } from '@aws-lambda-powertools/logger';
import type { HttpRequest, InvocationTelemetry } from '@sluice/lambda-http';

/** Telemetry of the API. */
export interface Telemetry extends InvocationTelemetry {
  /** Logs an error that is not the client's fault. */
  failed(error: unknown, request: HttpRequest): void;
}

/** Writes log lines as JSON, with the ids of the invocation and of the request. */
export function lambdaTelemetry(): Telemetry {
  const logger = new Logger({ serviceName: 'operations' });
  return {
    invocationBegins: ({ requestContext }, context) => {
      logger.addContext(context);
      logger.setCorrelationId(requestContext.requestId);
    },
    failed: (error, { method, path }) =>
      logger.error('request failed', { error: error as Error, method, path }),
  };
}
