import { proxyHandler } from '@sluice/lambda-http';
import type { FunctionTraces } from '@sluice/traces';
import { createOperationsApi, type OperationsApiOptions } from './operations-api';
import type { Telemetry } from './telemetry';

export interface OperationsHandlerOptions extends Omit<
  OperationsApiOptions,
  'onError' | 'onAccess'
> {
  readonly telemetry: Telemetry;
  /** @default requests are not recorded */
  readonly traces?: FunctionTraces | undefined;
}

/** Returns the Lambda handler of the operations API, which reports each request to telemetry. */
export const operationsHandler = ({ telemetry, traces, ...parts }: OperationsHandlerOptions) =>
  proxyHandler(
    createOperationsApi({
      ...parts,
      onAccess: (access) => telemetry.accessed(access),
      onError: (error, request) => telemetry.failed(error, request),
    }),
    telemetry,
    traces,
  );
