export type { FunctionResult } from './function-result';
export { lambdaApi } from './lambda-api';
export { type LocalFunction, startFunction } from './start-function';
