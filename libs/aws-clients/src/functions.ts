// A separate entry point (@sluice/aws-clients/functions): starts other functions.
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { clientConfig, type ClientOptions } from './client-options';

/** Starts a function without waiting for its end. @throws the SDK's error where it can't be started */
export type StartFunction = (name: string, payload: object) => Promise<void>;

/** Returns a function that starts functions by their names (Lambda API reference: Invoke, InvocationType Event). */
export function startFunction(options: ClientOptions = {}): StartFunction {
  const defaults = { maxSockets: 8, requestTimeoutMs: 10_000 };
  const client = new LambdaClient(clientConfig('LAMBDA', defaults, options));
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
