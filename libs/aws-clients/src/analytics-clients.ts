import { AthenaClient } from '@aws-sdk/client-athena';
import { SFNClient } from '@aws-sdk/client-sfn';
import { endpointOverride, identity, requestHandler, type ClientOptions } from './client-options';

/** A client that calls without much at once. */
const callClient = (
  service: 'ATHENA' | 'SFN',
  {
    environment = process.env,
    endpoint = endpointOverride(service, environment),
    maxAttempts = 4,
    maxSockets = 16,
    requestTimeoutMs = 10_000,
    ...who
  }: ClientOptions,
) => ({
  ...identity(who),
  maxAttempts,
  requestHandler: requestHandler({ maxSockets, requestTimeoutMs }),
  ...(endpoint !== undefined && { endpoint }),
});

/** An Athena client. Starting a query is made idempotent by the SDK, with a token of its own. */
export const athenaClient = (options: ClientOptions = {}): AthenaClient =>
  new AthenaClient(callClient('ATHENA', options));

/** A Step Functions client. Starting an execution is idempotent by its name. */
export const stepFunctionsClient = (options: ClientOptions = {}): SFNClient =>
  new SFNClient(callClient('SFN', options));
