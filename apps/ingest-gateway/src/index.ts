export { ingestApiDocument, type IngestApiOptions } from './ingest-api-document';
export type { OpenApiDocument } from './open-api';
export type { GatewayTraces } from './templates/trace-line';
