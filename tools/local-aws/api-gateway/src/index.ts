/**
 * REST APIs of API Gateway, served from their OpenAPI documents.
 *
 * @example
 * const api = createRestApi({ document, stageName: 'v1', apiKeys: [{ value: 'secret' }], invokeFunction });
 * createServer(api.listener).listen(4600, '127.0.0.1');
 */
export { createRestApi, type RestApi, type RestApiOptions } from './rest-api';
/** Error for a document that can't be served; the message says where and why. */
export { RestApiDocumentError } from './rest-api-document';
/** Engine of a single mapping template, exported to compare its output with another engine's. */
export { MappingTemplate, MappingTemplateError } from './mapping-template';
export type { VelocityVersion } from './velocity';
