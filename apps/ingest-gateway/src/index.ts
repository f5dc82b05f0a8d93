export { ingestApiDocument, type IngestApiOptions } from './ingest-api-document';
export type { OpenApiDocument } from './open-api';
