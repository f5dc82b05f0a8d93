// A separate entry point (@sluice/aws-clients/analytics), so that no other bundle holds these clients.
import { AthenaClient } from '@aws-sdk/client-athena';
import { SFNClient } from '@aws-sdk/client-sfn';
import { identity, requestHandler, type ClientOptions } from './client-options';
import { endpointOverride } from './environment';

/** Returns what both clients have in common: few calls at once, each of them short. */
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

/** Makes an Athena client. The SDK makes starting a query idempotent, by a token of its own. */
export const athenaClient = (options: ClientOptions = {}): AthenaClient =>
  new AthenaClient(callClient('ATHENA', options));

/** Makes a Step Functions client. Starting an execution is idempotent by its name. */
export const stepFunctionsClient = (options: ClientOptions = {}): SFNClient =>
  new SFNClient(callClient('SFN', options));
