/**
 * Lambda functions, run from their bundles in threads.
 *
 * @example
 * const greet = startFunction({ name: 'greet', folder: 'dist/apps/greet', timeoutMs: 3_000 });
 * const result = await greet.invoke({ name: 'Ada' });
 * if (!result.ok) console.error(result.errorType, result.message);
 */
export { startFunction, type LocalFunction } from './start-function';
export type { FunctionResult } from './function-result';
/** Lambda's own `Invoke`, for {@link startAwsJson} of `@sluice/local-http`. */
export { lambdaApi } from './lambda-api';
