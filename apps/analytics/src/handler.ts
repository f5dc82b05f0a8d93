import { proxyHandler } from '@sluice/lambda-http';
import { createAnalyticsApi, type AnalyticsApiOptions } from './analytics-api';
import type { Telemetry } from './telemetry';

export interface AnalyticsHandlerOptions extends Omit<AnalyticsApiOptions, 'onError'> {
  readonly telemetry: Telemetry;
}

/** Returns the function behind the REST API of queries and joins: the envelope in and out, and what is told of each failure. */
export const analyticsHandler = ({ telemetry, ...parts }: AnalyticsHandlerOptions) =>
  proxyHandler(
    createAnalyticsApi({
      ...parts,
      onError: (error, request) => telemetry.failed(error, request),
    }),
    telemetry,
  );
