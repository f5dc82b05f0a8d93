import { proxyHandler } from '@sluice/lambda-http';
import { createLookupApi, type LookupApiOptions } from './lookup-api';
import type { Telemetry } from './telemetry';

export interface LookupHandlerOptions extends Pick<
  LookupApiOptions,
  'eventTypes' | 'store' | 'hedging' | 'readLedgerKeys' | 'scopesOf'
> {
  readonly telemetry: Telemetry;
}

/** Returns the Lambda handler of the look-up API, which reports each request to telemetry. */
export const lookupHandler = ({ telemetry, ...parts }: LookupHandlerOptions) =>
  proxyHandler(
    createLookupApi({
      ...parts,
      onError: (error, request) => telemetry.failed(error, request),
      onPersonLookup: (lookup) => telemetry.personLookedUp(lookup),
      onLookup: ({ name }, costs) => telemetry.lookedUp(name, costs),
    }),
    telemetry,
  );
