export { fromProxyEvent, toProxyResult, type HttpRequest, type HttpResponse } from './http';
export { createLookupApi, type LookupApi, type LookupApiOptions } from './lookup-api';
