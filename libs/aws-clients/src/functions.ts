// A separate entry point (@sluice/aws-clients/functions): starts other functions.
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { identity, requestHandler, type ClientOptions } from './client-options';
import { endpointOverride } from './environment';

/** Starts a function without waiting for its end. @throws the SDK's error where it can't be started */
export type StartFunction = (name: string, payload: object) => Promise<void>;

/** Returns a function that starts functions by their names (Lambda API reference: Invoke, InvocationType Event). */
export function startFunction({
  environment = process.env,
  endpoint = endpointOverride('LAMBDA', environment),
  maxAttempts = 4,
  maxSockets = 8,
  requestTimeoutMs = 10_000,
  ...who
}: ClientOptions = {}): StartFunction {
  const client = new LambdaClient({
    ...identity(who),
    maxAttempts,
    requestHandler: requestHandler({ maxSockets, requestTimeoutMs }),
    ...(endpoint !== undefined && { endpoint }),
  });
  return async (FunctionName, payload) => {
    await client.send(
      new InvokeCommand({
        FunctionName,
        InvocationType: 'Event',
        Payload: new TextEncoder().encode(JSON.stringify(payload)),
      }),
    );
  };
}
