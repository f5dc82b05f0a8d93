import { proxyHandler } from '@sluice/lambda-http';
import type { FunctionTraces } from '@sluice/traces';
import { createLookupApi, type LookupApiOptions } from './lookup-api';
import type { Telemetry } from './telemetry';

export interface LookupHandlerOptions extends Pick<
  LookupApiOptions,
  'eventTypes' | 'store' | 'hedging' | 'readLedgerKeys' | 'scopesOf'
> {
  readonly telemetry: Telemetry;
  /** @default requests are not recorded */
  readonly traces?: FunctionTraces | undefined;
}

/** Returns the Lambda handler of the look-up API, which reports each request to telemetry. */
export const lookupHandler = ({ telemetry, traces, ...parts }: LookupHandlerOptions) =>
  proxyHandler(
    createLookupApi({
      ...parts,
      onError: (error, request) => telemetry.failed(error, request),
      onPersonLookup: (lookup) => telemetry.personLookedUp(lookup),
      onLookup: ({ name }, costs) => telemetry.lookedUp(name, costs),
    }),
    telemetry,
    traces,
  );
