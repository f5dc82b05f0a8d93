import { proxyHandler } from '@sluice/lambda-http';
import { createLookupApi, type LookupApiOptions } from './lookup-api';
import type { Telemetry } from './telemetry';

export interface LookupHandlerOptions extends Pick<
  LookupApiOptions,
  'eventTypes' | 'store' | 'hedging' | 'readLedgerKeys'
> {
  readonly telemetry: Telemetry;
}

/** Returns the function behind the look-up's REST API: the envelope in and out, and what is told of each request. */
export const lookupHandler = ({ telemetry, ...parts }: LookupHandlerOptions) =>
  proxyHandler(
    createLookupApi({
      ...parts,
      onError: (error, request) => telemetry.failed(error, request),
      onLookup: ({ name }, costs) => telemetry.lookedUp(name, costs),
    }),
    telemetry,
  );
