export { MappingTemplate, MappingTemplateError } from './mapping-template';
export type { VelocityVersion } from './velocity';
export { createRestApi, type RestApi, type RestApiOptions } from './rest-api';
export { RestApiDocumentError } from './rest-api-document';
export type { InvokeFunction } from './lambda-proxy';
export type { KinesisTarget } from './kinesis-integration';
export type { Throttle } from './usage-plan';
