export { checkMethod } from './check-method';
export { compressBody, type CompressedBody } from './compress-body';
export { fromProxyEvent, toProxyResult, type HttpRequest, type HttpResponse } from './http';
export { jsonObject } from './json-object';
export { decodeSegment, Problem } from './problem';
