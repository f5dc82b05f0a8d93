export { compressBody, type CompressedBody } from './compress-body';
export { fromProxyEvent, toProxyResult, type HttpRequest, type HttpResponse } from './http';
export { decodeSegment, Problem } from './problem';
