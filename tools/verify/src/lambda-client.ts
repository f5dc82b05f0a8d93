import { LambdaClient, type LambdaClientConfig } from '@aws-sdk/client-lambda';
import { NodeHttpHandler } from '@smithy/node-http-handler';

/** Functions may run for 15 minutes (Lambda quotas); the answer to a call that waits for one takes no longer. */
const longestRunMs = 910_000;
const connectionTimeoutMs = 5_000;

/** Returns a client that waits for the end of a function, and for nothing longer than one may take. */
export const lambdaClient = (config: LambdaClientConfig = {}): LambdaClient =>
  new LambdaClient({
    ...config,
    requestHandler: new NodeHttpHandler({
      connectionTimeout: connectionTimeoutMs,
      requestTimeout: longestRunMs,
      throwOnRequestTimeout: true,
    }),
  });
