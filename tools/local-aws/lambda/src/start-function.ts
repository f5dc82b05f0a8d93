import { randomUUID } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { FunctionThread } from './function-thread';
import { maxPayloadBytes, type FunctionResult } from './function-result';

export interface FunctionOptions {
  readonly name: string;
  /** Folder of the bundle. It holds `index.mjs` for the handler `index.handler`. */
  readonly folder: string;
  /** Handler as `<file without extension>.<export>`. */
  readonly handler?: string;
  /** Environment variables of the function, without those that Lambda itself sets. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
  readonly memoryMb?: number;
  readonly region?: string;
  /** Called with every line that the function prints, without its line end. */
  readonly log?: (line: string) => void;
  /**
   * Number of invocations at the same time, each in its own thread; others wait.
   *
   * @default the number of processors, at least two
   */
  readonly concurrency?: number;
}

export interface LocalFunction {
  readonly name: string;
  readonly arn: string;
  /**
   * Runs the function, or waits for a free thread. Never throws because of what the function does, which is a result.
   *
   * @param abandoned aborted by a caller that no longer waits; an invocation that has not begun by then never begins
   */
  invoke(payload: unknown, abandoned?: AbortSignal): Promise<FunctionResult>;
  /** Ends the threads. Running invocations get the result `Exited`. */
  close(): Promise<void>;
}

const accountId = '000000000000';

/**
 * Runs a Lambda function from its bundle, as it would be deployed: in threads with the function's own environment,
 * which are started when needed and reused. A timeout, a crash, an exit or running out of memory ends the thread and
 * is the result of the invocation; the next invocation starts a new thread.
 */
export function startFunction({
  name,
  folder,
  handler = 'index.handler',
  environment = {},
  timeoutMs = 3_000,
  memoryMb = 128,
  region = 'us-east-1',
  log = () => undefined,
  concurrency = Math.max(2, availableParallelism()),
}: FunctionOptions): LocalFunction {
  const arn = `arn:aws:lambda:${region}:${accountId}:function:${name}`;
  const idle: FunctionThread[] = [];
  const threads = new Set<FunctionThread>();
  const waiting: (() => void)[] = [];
  let isClosed = false;

  const start = (): FunctionThread =>
    new FunctionThread({
      folder,
      handler,
      memoryMb,
      environment: lambdaEnvironment({ name, folder, handler, memoryMb, region, environment }),
      log,
    });

  /**
   * Takes a free thread, preferably the one used last, which is the warmest.
   *
   * @returns undefined where the function is closed or the caller no longer waits
   */
  const take = async (abandoned?: AbortSignal): Promise<FunctionThread | undefined> => {
    for (;;) {
      if (isClosed) return undefined;
      if (abandoned?.aborted === true) {
        // This caller gave up, so the free thread is offered to the next one.
        waiting.shift()?.();
        return undefined;
      }
      const warm = idle.pop();
      if (warm?.isUsable === true) return warm;
      if (warm) threads.delete(warm); // It ended by itself.
      else if (threads.size < concurrency) {
        const started = start();
        threads.add(started);
        return started;
      } else await new Promise<void>((resolve) => waiting.push(resolve));
    }
  };

  const giveBack = (thread: FunctionThread): void => {
    if (thread.isUsable && !isClosed) idle.push(thread);
    else threads.delete(thread);
    waiting.shift()?.();
  };

  return {
    name,
    arn,
    async invoke(payload, abandoned) {
      const text = JSON.stringify(payload ?? null);
      const bytes = Buffer.byteLength(text);
      if (bytes > maxPayloadBytes)
        return {
          ok: false,
          errorType: 'RequestTooLarge',
          message: `${bytes} byte payload is too large for the Invoke API (limit ${maxPayloadBytes} bytes)`,
        };
      const thread = await take(abandoned);
      if (!thread)
        return {
          ok: false,
          errorType: 'Exited',
          message: isClosed ? `${name} is closed` : `nobody waits for ${name} any more`,
        };
      try {
        const id = randomUUID();
        return await thread.invoke({ id, payload: text, arn, timeoutMs });
      } finally {
        giveBack(thread);
      }
    },
    async close() {
      isClosed = true;
      for (const resolve of waiting.splice(0)) resolve();
      await Promise.all([...threads].map((thread) => thread.close()));
    },
  };
}

/**
 * Returns the environment variables that Lambda sets. Source: developer guide, "Defined runtime environment
 * variables".
 */
const lambdaEnvironment = ({
  name,
  folder,
  handler,
  memoryMb,
  region,
  environment,
}: Required<
  Pick<FunctionOptions, 'name' | 'folder' | 'handler' | 'memoryMb' | 'region' | 'environment'>
>): Record<string, string> => ({
  AWS_REGION: region,
  AWS_DEFAULT_REGION: region,
  AWS_EXECUTION_ENV: `AWS_Lambda_nodejs${process.versions.node.split('.')[0] ?? ''}.x`,
  AWS_LAMBDA_FUNCTION_NAME: name,
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMb),
  AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
  AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
  AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
  AWS_LAMBDA_LOG_STREAM_NAME: 'local',
  LAMBDA_TASK_ROOT: folder,
  _HANDLER: handler,
  TZ: ':UTC',
  LANG: 'en_US.UTF-8',
  ...environment,
});
