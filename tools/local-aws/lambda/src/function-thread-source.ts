/** Message to the thread. */
export interface Invocation {
  readonly id: string;
  /** Payload as JSON. */
  readonly payload: string;
  /** Milliseconds until the invocation is ended. */
  readonly remainingMs: number;
  readonly arn: string;
}

/** Message from the thread. */
export type ThreadAnswer =
  | { readonly type: 'ready' }
  | { readonly type: 'result'; readonly payload: string }
  /**
   * `handler`: the handler threw, and the thread goes on. `outside`: the error was thrown elsewhere, such as while
   * loading the module or by a promise that nothing awaits, which ends a function's process.
   */
  | { readonly type: 'error'; readonly origin: ErrorOrigin; readonly error: ThrownValue };

export type ErrorOrigin = 'handler' | 'outside';

export interface ThrownValue {
  readonly name: string;
  readonly message: string;
  readonly stack: readonly string[];
}

export interface ThreadData {
  /** URL of the bundle (`file:`). */
  readonly module: string;
  /** Name of the exported handler. */
  readonly handlerName: string;
  readonly memoryMb: number;
}

/**
 * Source text of a function's thread: plain JavaScript, since a thread can start from text but not from TypeScript.
 * Invocations come one at a time.
 *
 * Sources of the context and the error forms: Lambda developer guide, "Using the Lambda context object to retrieve
 * Node.js function information" and "Lambda function errors". An error's stack goes to the log, as in Lambda's
 * runtime.
 */
export const threadSource = /* js */ `
  const { parentPort, workerData } = require('node:worker_threads');

  const fail = (origin, thrown) => {
    const isError = thrown instanceof Error;
    const error = {
      name: isError ? thrown.name : typeof thrown,
      message: isError ? thrown.message : String(thrown),
      stack: isError && thrown.stack ? thrown.stack.split('\\n') : [],
    };
    parentPort.postMessage({ type: 'error', origin, error });
  };
  process.on('uncaughtException', (error) => fail('outside', error));
  process.on('unhandledRejection', (error) => fail('outside', error));

  const run = async (handler, { id, payload, remainingMs, arn }) => {
    const endMs = performance.now() + remainingMs;
    const context = {
      awsRequestId: id,
      callbackWaitsForEmptyEventLoop: true,
      functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
      functionVersion: '$LATEST',
      invokedFunctionArn: arn,
      memoryLimitInMB: String(workerData.memoryMb),
      logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
      logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
      getRemainingTimeInMillis: () => Math.max(0, Math.floor(endMs - performance.now())),
    };
    try {
      const result = await handler(JSON.parse(payload), context);
      parentPort.postMessage({ type: 'result', payload: JSON.stringify(result) ?? 'null' });
    } catch (error) {
      fail('handler', error);
    }
  };

  import(workerData.module).then(
    (exports) => {
      const handler = exports[workerData.handlerName] ?? exports.default?.[workerData.handlerName];
      if (typeof handler !== 'function') {
        fail('outside', new Error(workerData.handlerName + ' is undefined or not exported'));
        return;
      }
      parentPort.on('message', (invocation) => void run(handler, invocation));
      parentPort.postMessage({ type: 'ready' });
    },
    (error) => fail('outside', error),
  );
`;
