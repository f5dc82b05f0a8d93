import { proxyHandler } from '@sluice/lambda-http';
import { createAnalyticsApi, type AnalyticsApiOptions } from './analytics-api';
import type { Telemetry } from './telemetry';

export interface AnalyticsHandlerOptions extends Omit<AnalyticsApiOptions, 'onError'> {
  readonly telemetry: Telemetry;
}

/** Returns the Lambda handler of the API of queries and joins, which reports each failure to telemetry. */
export const analyticsHandler = ({ telemetry, ...parts }: AnalyticsHandlerOptions) =>
  proxyHandler(
    createAnalyticsApi({
      ...parts,
      onError: (error, request) => telemetry.failed(error, request),
    }),
    telemetry,
  );
