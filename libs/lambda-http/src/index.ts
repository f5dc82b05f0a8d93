export {
  callerOf,
  proxyHandler,
  toProxyResult,
  type Caller,
  type HttpApi,
  type HttpRequest,
  type HttpResponse,
  type InvocationTelemetry,
} from './http';
export { httpApi, jsonAnswer, serverTiming, type HttpApiOptions } from './http-api';
export { checkMethod, decodeSegment, jsonObject, listedNames, Problem, quoted } from './problem';
export { columnsLeftOut } from './columns-left-out';
export { bodyMembers } from './body-members';
export { queryParameters, refuseUnknown, wholeNumber } from './parameters';
