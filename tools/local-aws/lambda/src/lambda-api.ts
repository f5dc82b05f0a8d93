import { ServiceError, type PathOperation } from '@sluice/local-http';
import type { LocalFunction } from './start-function';

/**
 * Lambda's `Invoke`, which waits for the answer: `POST /2015-03-31/functions/<name or ARN>/invocations`. A function
 * that fails answers 200 with its error and the header `X-Amz-Function-Error` (Lambda API reference: Invoke).
 */
export const lambdaApi = (
  functionNamed: (name: string) => LocalFunction | undefined,
): PathOperation => ({
  signingName: 'lambda',
  method: 'POST',
  path: /^\/2015-03-31\/functions\/([^/?]+)\/invocations(?:\?.*)?$/,
  answer: async ([, nameOrArn = ''], body) => {
    const name = decodeURIComponent(nameOrArn).split(':function:').at(-1) ?? '';
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
    const result = await found.invoke(payload);
    const headers = { 'content-type': 'application/json' };
    return result.ok
      ? { status: 200, headers, body: JSON.stringify(result.payload ?? null) }
      : {
          status: 200,
          headers: { ...headers, 'x-amz-function-error': 'Unhandled' },
          body: JSON.stringify({ errorType: result.errorType, errorMessage: result.message }),
        };
  },
});
