import { ServiceError, type PathOperation } from '@sluice/local-http';
import type { LocalFunction } from './start-function';

/**
 * Returns Lambda's operation `Invoke`: `POST /2015-03-31/functions/<name or ARN>/invocations`. A function that fails
 * answers 200 with its error and the header `X-Amz-Function-Error`. With the invocation type `Event` the caller does
 * not wait for the function, and a failed call is not tried again (Lambda API reference: Invoke).
 */
export const lambdaApi = (
  functionNamed: (name: string) => LocalFunction | undefined,
  /** Called with the error of a failed call that no caller waits for. */
  reportError: (error: Error) => void = () => undefined,
): PathOperation => ({
  signingName: 'lambda',
  method: 'POST',
  path: /^\/2015-03-31\/functions\/([^/?]+)\/invocations(?:\?.*)?$/,
  needs: ([, nameOrArn = ''], arnOf) => ({
    action: 'lambda:InvokeFunction',
    resource: arnOf(`function:${functionName(nameOrArn)}`),
  }),
  answer: async ([, nameOrArn = ''], body, headers) => {
    const name = functionName(nameOrArn);
    const found = functionNamed(name);
    if (!found)
      throw new ServiceError(
        'ResourceNotFoundException',
        `no template has the function ${name}`,
        {},
        404,
      );
    let payload: unknown;
    try {
      payload = body.length === 0 ? {} : JSON.parse(body.toString());
    } catch (error) {
      throw new ServiceError(
        'InvalidRequestContentException',
        `Could not parse request body into json: ${(error as Error).message}`,
      );
    }
    if (headers['x-amz-invocation-type'] === 'Event') {
      void found.invoke(payload).then((result) => {
        if (!result.ok) reportError(new Error(`${name}: ${result.errorType}: ${result.message}`));
      });
      return { status: 202, headers: {}, body: '' };
    }
    const result = await found.invoke(payload);
    const json = { 'content-type': 'application/json' };
    return result.ok
      ? { status: 200, headers: json, body: JSON.stringify(result.payload ?? null) }
      : {
          status: 200,
          headers: { ...json, 'x-amz-function-error': 'Unhandled' },
          body: JSON.stringify({ errorType: result.errorType, errorMessage: result.message }),
        };
  },
});

/** Returns the name of a function that a path names, by its name or by its ARN. @throws {@link ServiceError} */
function functionName(nameOrArn: string): string {
  try {
    return decodeURIComponent(nameOrArn).split(':function:').at(-1) ?? '';
  } catch {
    throw new ServiceError('InvalidParameterValueException', 'the name is not UTF-8');
  }
}
