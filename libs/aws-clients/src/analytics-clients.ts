// A separate entry point (@sluice/aws-clients/analytics), so that no other bundle holds these clients.
import { AthenaClient } from '@aws-sdk/client-athena';
import { SFNClient } from '@aws-sdk/client-sfn';
import { clientConfig, type ClientOptions } from './client-options';

/** Few calls at once, each of them short. */
const defaults = { maxSockets: 16, requestTimeoutMs: 10_000 };

/** Makes an Athena client. The SDK makes starting a query idempotent, by a token of its own. */
export const athenaClient = (options: ClientOptions = {}): AthenaClient =>
  new AthenaClient(clientConfig('ATHENA', defaults, options));

/** Makes a Step Functions client. Starting an execution is idempotent by its name. */
export const stepFunctionsClient = (options: ClientOptions = {}): SFNClient =>
  new SFNClient(clientConfig('SFN', defaults, options));
