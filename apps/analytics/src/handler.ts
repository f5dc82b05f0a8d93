import { proxyHandler } from '@sluice/lambda-http';
import type { FunctionTraces } from '@sluice/traces';
import { createAnalyticsApi, type AnalyticsApiOptions } from './analytics-api';
import type { Telemetry } from './telemetry';

export interface AnalyticsHandlerOptions extends Omit<AnalyticsApiOptions, 'onError'> {
  readonly telemetry: Telemetry;
  /** @default requests are not recorded */
  readonly traces?: FunctionTraces | undefined;
}

/** Returns the Lambda handler of the API of queries and joins, which reports each failure to telemetry. */
export const analyticsHandler = ({ telemetry, traces, ...parts }: AnalyticsHandlerOptions) =>
  proxyHandler(
    createAnalyticsApi({
      ...parts,
      onError: (error, request) => telemetry.failed(error, request),
    }),
    telemetry,
    traces,
  );
